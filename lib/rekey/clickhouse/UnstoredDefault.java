package rekey.clickhouse;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import rekey.model.Column;
import rekey.model.Table;

/// A column of which some parts hold no values, and whose expression yields others each time: `ADD COLUMN at
/// DateTime64(6) DEFAULT now64(6)` leaves older parts as they are, and the server computes it anew whenever it reads
/// them. So no two reads of such rows agree, a copy and the check of it neither (ran).
///
/// @param parts      how many active parts hold none
/// @param partitions in which they lie
public record UnstoredDefault(Column column, long parts, List<String> partitions) {
    private static final int FEW = 4;

    /// Those of a table. Parts are looked at only where a column's expression calls for it.
    public static List<UnstoredDefault> of(ClickHouse server, Table table) {
        return table.varyingColumns().stream()
                .map(c -> of(server, table, c))
                .filter(u -> u.parts > 0)
                .toList();
    }

    private static UnstoredDefault of(ClickHouse server, Table table, Column column) {
        var found = server.query("""
            SELECT partition_id AS p, uniqExact(name) - uniqExactIf(name, column = %s) AS n FROM system.parts_columns
            WHERE active AND database = %s AND table = %s AND rows > 0 AND NOT startsWith(partition_id, 'patch-')
            GROUP BY p HAVING n > 0 ORDER BY p\
            """.formatted(
                        Sql.text(column.name()),
                        Sql.text(table.name().database()),
                        Sql.text(table.name().table())));
        return new UnstoredDefault(
                column,
                found.stream().mapToLong(r -> r.number("n")).sum(),
                found.stream().map(r -> r.string("p")).toList());
    }

    /// The statements after which the parts hold what is computed now, and those that held values hold the same.
    /// MATERIALIZE COLUMN keeps the stored values of a DEFAULT and computes those of a MATERIALIZED anew; a merge
    /// keeps them all (ran).
    public static List<String> storing(Table table, List<UnstoredDefault> columns) {
        var merged = new TreeSet<String>();
        for (var u : columns) if (u.column.kind().equals("MATERIALIZED")) merged.addAll(u.partitions);
        var out = new ArrayList<String>();
        if (merged.size() > FEW) out.add(optimize(table, ""));
        else merged.forEach(p -> out.add(optimize(table, " PARTITION ID " + Sql.text(p))));
        for (var u : columns)
            if (!u.column.kind().equals("MATERIALIZED"))
                out.add("ALTER TABLE " + table.name().sql() + " MATERIALIZE COLUMN " + u.column.sql()
                        + " SETTINGS mutations_sync = 2");
        return List.copyOf(out);
    }

    /// A part that is alone in its partition is rewritten too, whatever the profile says, and one that can't be is
    /// no silence.
    private static String optimize(Table table, String partition) {
        return "OPTIMIZE TABLE " + table.name().sql() + partition
                + " FINAL SETTINGS optimize_throw_if_noop = 1, optimize_skip_merged_partitions = 0";
    }

    /// Such as `at (DEFAULT now64(6)) is not stored in 3 parts`.
    @Override
    public String toString() {
        return column.name() + " (" + column.kind() + " " + column.expression() + ") is not stored in " + parts
                + (parts == 1 ? " part" : " parts");
    }
}
