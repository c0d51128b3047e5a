package rekey.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import rekey.clickhouse.ClickHouse;
import rekey.model.TableName;
import rekey.session.Session;

/// The user may run every statement of a migration. `CHECK GRANT` tells it without trying; any user may ask. Who can only
/// read is warned and not refused: that is enough to plan and to look.
public record Privileges() implements Check {
    private static final List<String> WRITING = List.of("INSERT", "CREATE TABLE", "CREATE VIEW", "DROP TABLE", "DROP VIEW", "ALTER SETTINGS",
            "ALTER COLUMN", "ALTER TTL", "ALTER DELETE", "OPTIMIZE");
    private static final List<String> LOOKED_AT = List.of("tables", "columns", "parts", "merges", "mutations", "processes", "disks", "storage_policies",
            "merge_tree_settings", "settings", "kafka_consumers");

    @Override public String name() { return "privileges"; }

    @Override public When when() { return When.BEFORE; }

    @Override public Verdict look(Session session) {
        var server = session.server();
        var tables = TableName.quote(session.rewrite().source().database()) + ".*";
        var reading = new ArrayList<>(List.of("SELECT ON " + tables));
        LOOKED_AT.forEach(t -> reading.add("SELECT ON system." + t));
        session.catalog().ingestion(session.rewrite().source()).kafkaTables().forEach(k -> reading.add("SELECT ON " + k.name().sql()));
        var writing = new ArrayList<>(WRITING.stream().map(p -> p + " ON " + tables).toList());
        writing.addAll(List.of("KILL QUERY ON *.*", "SYSTEM FLUSH ASYNC INSERT QUEUE ON *.*"));

        var user = server.one("SELECT currentUser() AS u").string("u");
        var needs = "to read " + tables + " and the system tables; to write there";
        var unread = missing(server, reading);
        var unwritten = missing(server, writing);
        if (unread.isEmpty()) {
            if (unwritten.isEmpty() && server.one("SELECT toString(getSetting('readonly')) AS r").number("r") == 0) return Verdict.ok(this, user + " has them all", needs);
            if (unwritten.isEmpty()) return reader(user + " has readonly set in its profile", needs);
            if (unwritten.size() == writing.size()) return reader(user + " may only read", needs);
        }
        unread.addAll(unwritten);
        return Verdict.refusal(this, user + " lacks " + Amount.some(unread), needs, "Run as an administrator: " + grants(unread, user));
    }

    private Verdict reader(String saw, String needs) {
        return Verdict.warning(this, saw, needs, "That is enough to plan and to look. To migrate, name a user who may write, with --user.");
    }

    /// One statement for each place that something is missing on.
    private static String grants(List<String> missing, String user) {
        var byPlace = new LinkedHashMap<String, List<String>>();
        for (var m : missing) byPlace.computeIfAbsent(m.substring(m.indexOf(" ON ")), p -> new ArrayList<>()).add(m.substring(0, m.indexOf(" ON ")));
        var sql = new StringBuilder();
        byPlace.forEach((place, what) -> sql.append("GRANT ").append(String.join(", ", what)).append(place).append(" TO ").append(TableName.quote(user)).append("; "));
        return sql.toString().strip();
    }

    private static List<String> missing(ClickHouse server, List<String> grants) {
        return new ArrayList<>(grants.stream().filter(g -> !server.one("CHECK GRANT " + g).values().values().iterator().next().equals("1")).toList());
    }
}
