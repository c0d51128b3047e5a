package rekey.copy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import rekey.clickhouse.Catalog;
import rekey.model.Column;
import rekey.model.Table;

/// Leaves out of a comparison what a TTL may change on one side while it is counted: rows that have expired or will
/// within the hour (of a large table: hours), and values of columns that have. The live table's own merges expire
/// them; the other is spared its TTLs.
///
/// @param table the old table, which has the TTLs
/// @param until what expires by then is left out: an expression for a Unix time in seconds, the same for both sides
public record Expiry(Table table, String until) {
    private static final int AHEAD_SECONDS = 3600;
    /// And so many rows may be read in each second more, where all of a table is one statement.
    private static final int ROWS_PER_SECOND = 1_000_000;
    private static final List<String> MOVING = List.of("TO DISK", "TO VOLUME", "RECOMPRESS");

    public static Expiry of(Table table, long nowSeconds) {
        return new Expiry(table, "" + (nowSeconds + AHEAD_SECONDS + table.rows() / ROWS_PER_SECOND));
    }

    /// For one statement that counts both sides: `now()` is the same all through it.
    public static Expiry ofStatement(Table table) {
        return new Expiry(table, "toUnixTimestamp(now()) + " + AHEAD_SECONDS);
    }

    /// A condition for rows that no TTL touches; `1` where there is none.
    public String condition() {
        var kept = rules();
        return kept.isEmpty() ? "1" : kept.stream().collect(Collectors.joining(" AND ", "(", ")"));
    }

    /// A column as it is compared: its default once its own TTL has passed.
    public String value(Column column) {
        var ttl = table.columns().stream()
                .filter(c -> c.name().equals(column.name()))
                .map(Column::ttl)
                .findFirst()
                .orElse("");
        return ttl.isEmpty()
                ? Checksum.value(column)
                : "if(toUnixTimestamp(toDateTime(" + ttl + ")) > " + until + ", " + column.sql()
                        + ", defaultValueOfArgumentType(" + column.sql() + "))";
    }

    /// What each rule that deletes rows keeps; those that move or recompress parts change no row. One with a WHERE
    /// keeps whatever else is as old: a comparison that left that out, too, was blind to most of a table's history.
    private List<String> rules() {
        var out = new ArrayList<String>();
        for (var rule : Catalog.listed(table.ttl())) {
            var clauses = Catalog.rule(rule);
            if (clauses.keySet().stream().anyMatch(MOVING::contains)) continue;
            var young = "toUnixTimestamp(toDateTime(" + clauses.get("AT") + ")) > " + until;
            out.add(
                    clauses.containsKey("WHERE")
                            ? "(NOT ifNull((" + clauses.get("WHERE") + "), 0) OR " + young + ")"
                            : young);
        }
        return out;
    }
}
