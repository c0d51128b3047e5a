package rekey.copy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import rekey.clickhouse.Catalog;
import rekey.model.Column;
import rekey.model.Table;

/// Leaves out of a comparison what a TTL may change on one side while it is counted: rows that have expired or will within
/// the hour, and values of columns that have. The live table's own merges expire them; the other is spared its TTLs.
///
/// @param table the old table, which has the TTLs
/// @param until what expires by then is left out: an expression for a Unix time in seconds, the same for both sides
public record Expiry(Table table, String until) {
    private static final int AHEAD_SECONDS = 3600;

    public static Expiry of(Table table, long nowSeconds) {
        return new Expiry(table, "" + (nowSeconds + AHEAD_SECONDS));
    }

    /// For one statement that counts both sides: `now()` is the same all through it.
    public static Expiry ofStatement(Table table) {
        return new Expiry(table, "toUnixTimestamp(now()) + " + AHEAD_SECONDS);
    }

    /// A condition for rows that no TTL touches; `1` where there is none.
    public String condition() {
        var kept = rules().stream().map(r -> "toUnixTimestamp(toDateTime(" + r + ")) > " + until).toList();
        return kept.isEmpty() ? "1" : kept.stream().collect(Collectors.joining(" AND ", "(", ")"));
    }

    /// A column as it is compared: its default once its own TTL has passed.
    public String value(Column column) {
        var ttl = table.columns().stream().filter(c -> c.name().equals(column.name())).map(Column::ttl).findFirst().orElse("");
        return ttl.isEmpty() ? Checksum.value(column) : "if(toUnixTimestamp(toDateTime(" + ttl + ")) > " + until + ", " + column.sql() + ", defaultValueOfArgumentType(" + column.sql() + "))";
    }

    /// The expressions of the rules that delete rows; those that move or recompress parts change no row.
    private List<String> rules() {
        var out = new ArrayList<String>();
        for (var rule : Catalog.listed(table.ttl())) {
            if (rule.matches("(?s).* (TO DISK|TO VOLUME|RECOMPRESS) .*")) continue;
            out.add(rule.replaceFirst("(?s) (DELETE|WHERE|GROUP BY) .*", "").replaceFirst(" DELETE$", ""));
        }
        return out;
    }
}
