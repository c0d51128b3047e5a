package rekey.check;

import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.PartsBudget;
import rekey.clickhouse.Sql;
import rekey.model.Table;

/// The value of a MergeTree setting that holds for a table: its own definition's, else the server's. Of the latter
/// each host has its own.
final class Setting {
    private Setting() {}

    /// Empty where this server has no such setting.
    static String of(ClickHouse host, Table table, String name) {
        var own = table.settings().get(name);
        if (own != null) return own.startsWith("'") ? own.substring(1, own.length() - 1) : own;
        return host
                .query("SELECT value FROM " + PartsBudget.settings(table) + " WHERE name = " + Sql.text(name))
                .stream()
                .map(r -> r.string("value"))
                .findFirst()
                .orElse("");
    }

    static boolean on(ClickHouse host, Table table, String name) {
        var value = of(host, table, name);
        return value.equals("1") || value.equals("true");
    }

    static long number(ClickHouse host, Table table, String name) {
        var value = of(host, table, name);
        return value.isEmpty() ? 0 : Long.parseUnsignedLong(value);
    }
}
