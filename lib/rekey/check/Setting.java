package rekey.check;

import rekey.clickhouse.Sql;
import rekey.model.Table;
import rekey.session.Session;

/// The value of a MergeTree setting that holds for a table: its own definition's, else the server's.
final class Setting {
    private Setting() {}

    /// Empty where this server has no such setting.
    static String of(Session session, Table table, String name) {
        var own = table.settings().get(name);
        if (own != null) return own.startsWith("'") ? own.substring(1, own.length() - 1) : own;
        return session
                .server()
                .query("SELECT value FROM system.merge_tree_settings WHERE name = " + Sql.text(name))
                .stream()
                .map(r -> r.string("value"))
                .findFirst()
                .orElse("");
    }

    static boolean on(Session session, Table table, String name) {
        var value = of(session, table, name);
        return value.equals("1") || value.equals("true");
    }

    static long number(Session session, Table table, String name) {
        var value = of(session, table, name);
        return value.isEmpty() ? 0 : Long.parseUnsignedLong(value);
    }
}
