package rekey.clickhouse;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import rekey.model.TableName;

/// Values that are frequent in a table, told by a few hundred rows from all over its largest part: by them it is
/// tried what a key is worth.
public final class UsualValues {
    private static final int LOOKED_AT = 500;

    private UsualValues() {}

    /// Each expression with a value as it stands in a statement; none where the table has no rows, or an expression
    /// has no text.
    public static Map<String, String> of(ClickHouse server, TableName table, List<String> expressions) {
        var largest = largest(server, table);
        if (largest.isEmpty() || expressions.isEmpty()) return Map.of();
        var columns = new ArrayList<String>();
        for (int i = 0; i < expressions.size(); i++)
            columns.add("toTypeName(" + expressions.get(i) + ") AS rekey_type" + i + ", toString(" + expressions.get(i)
                    + ") AS rekey_value" + i);
        try {
            var rows = usual(
                    server.query("SELECT " + String.join(", ", columns) + " FROM " + table.sql() + " WHERE "
                            + largest.get().condition() + " AND _part_offset IN ("
                            + spread(largest.get().rows()) + ")"),
                    expressions.size());
            if (rows.isEmpty()) return Map.of();
            var out = new LinkedHashMap<String, String>();
            for (int i = 0; i < expressions.size(); i++)
                out.put(
                        expressions.get(i),
                        "CAST(" + Sql.text(rows.getFirst().string("rekey_value" + i)) + ", "
                                + Sql.text(rows.getFirst().string("rekey_type" + i)) + ")");
            return out;
        } catch (ServerError e) {
            return Map.of();
        }
    }

    /// The part with most rows.
    ///
    /// @param rows of it
    public record Largest(String part, long rows) {
        /// A condition that is true of its rows alone: by it no other part is opened.
        public String condition() {
            return "_part = " + Sql.text(part);
        }
    }

    public static Optional<Largest> largest(ClickHouse server, TableName table) {
        return server
                .query("SELECT name, rows FROM system.parts WHERE active AND database = " + Sql.text(table.database())
                        + " AND table = " + Sql.text(table.table()) + " ORDER BY rows DESC LIMIT 1")
                .stream()
                .map(r -> new Largest(r.string("name"), r.number("rows")))
                .findFirst();
    }

    private static String spread(long rows) {
        return LongStream.range(0, LOOKED_AT)
                .map(i -> (2 * i + 1) * rows / (2 * LOOKED_AT))
                .distinct()
                .mapToObj(String::valueOf)
                .collect(Collectors.joining(", "));
    }

    /// Those with the value that most of them have, column by column: the team with the most rows, its fullest day,
    /// ... For that is where keys matter, and a part is sorted, so that rows from all over it find it.
    private static List<Row> usual(List<Row> rows, int columns) {
        for (int i = 0; i < columns; i++) {
            var column = "rekey_value" + i;
            var groups = rows.stream()
                    .collect(Collectors.groupingBy(r -> r.string(column), LinkedHashMap::new, Collectors.toList()))
                    .values();
            rows = groups.stream().max(Comparator.comparingInt(List::size)).orElse(rows);
        }
        return rows;
    }
}
