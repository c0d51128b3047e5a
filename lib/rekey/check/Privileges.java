package rekey.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeSet;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Ddl;
import rekey.model.Amounts;
import rekey.model.TableName;
import rekey.session.IngestionHosts;
import rekey.session.Session;

/// The user may run every statement of a migration. `CHECK GRANT` tells it without trying, a profile's `readonly`
/// counted in (seen on 26.7); any user may ask. Who can only read is warned and not refused: that is enough to
/// plan and to look.
///
/// @param back whether it is asked for a way back: one that was open to an earlier version's grants stays open
public record Privileges(boolean back) implements Check {
    public Privileges() {
        this(false);
    }

    /// With CREATE TABLE and DROP TABLE comes what the gate needs, a view; a user's own queries may be killed
    /// without a grant.
    private static final List<String> WRITING = List.of(
            "INSERT", "CREATE TABLE", "DROP TABLE", "ALTER SETTINGS", "ALTER COLUMN", "ALTER DELETE", "OPTIMIZE");
    /// Without these no step can be made; what only a check looks at, that check misses by itself.
    private static final List<String> LOOKED_AT = List.of(
            "tables",
            "parts",
            "parts_columns",
            "detached_parts",
            "merges",
            "mutations",
            "processes",
            "disks",
            "storage_policies",
            "clusters",
            "merge_tree_settings",
            "metrics");

    @Override
    public String name() {
        return "privileges";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        Verdict worst = null;
        for (var host : session.hosts()) {
            var said = look(session, host, new IngestionHosts(List.of(IngestionHosts.of(session, host))));
            if (worst == null || said.verdict().compareTo(worst.verdict()) > 0)
                worst = host == session.server()
                        ? said
                        : new Verdict(
                                name(),
                                said.verdict(),
                                "on host " + host.endpoint().host() + " " + said.saw(),
                                said.needs(),
                                said.todo());
        }
        return worst;
    }

    private Verdict look(Session session, ClickHouse server, IngestionHosts intake) {
        var tables = TableName.quote(session.rewrite().source().database()) + ".*";
        var reading = new ArrayList<>(List.of("SELECT ON " + tables));
        LOOKED_AT.forEach(t -> reading.add("SELECT ON system." + t));
        var writing =
                new ArrayList<>(WRITING.stream().map(p -> p + " ON " + tables).toList());
        writing.add("SYSTEM FLUSH ASYNC INSERT QUEUE ON *.*");
        var source = session.source();
        if (!source.ttl().isEmpty()) writing.add("ALTER TTL ON " + tables);
        if (!Ddl.ttl(source, source.name()).isEmpty()) writing.add("ALTER MATERIALIZE TTL ON " + tables);
        if (source.replicated()) {
            writing.add("SYSTEM SYNC REPLICA ON " + tables);
            for (var t : List.of("replicas", "replication_queue", "replicated_fetches", "zookeeper", "macros"))
                reading.add("SELECT ON system." + t);
            if (!back) reading.add("SELECT ON system.replicated_merge_tree_settings");
        }
        var wanted = session.rewrite().engineName();
        var engines = new TreeSet<>(List.of("MergeTree", wanted.isEmpty() ? source.engine() : wanted));
        for (var h : intake.hosts())
            for (var d : h.distributed()) writing.add("SYSTEM FLUSH DISTRIBUTED ON " + d.sql());
        var kafka = intake.kafkaTables();
        kafka.forEach(k -> reading.add("SELECT ON " + k.name().sql()));
        if (!kafka.isEmpty()) {
            reading.add("SELECT ON system.kafka_consumers");
            engines.add("Null");
        }
        engines.forEach(e -> writing.add("TABLE ENGINE ON " + e));

        var user = server.one("SELECT currentUser() AS u").string("u");
        var needs = "to read " + tables + " and the system tables; to write there";
        var unread = missing(server, reading);
        var unwritten = missing(server, writing);
        if (unread.isEmpty() && unwritten.isEmpty()) return Verdict.ok(this, user + " has them all", needs);
        if (unread.isEmpty() && unwritten.containsAll(writing.subList(0, 2)))
            return Verdict.warning(
                    this,
                    user + " may only read",
                    needs,
                    "That is enough to plan and to look. To migrate, name a user who may write, with --user.");
        unread.addAll(unwritten);
        return Verdict.refusal(
                this,
                user + " lacks " + Amounts.some(unread),
                needs,
                "Run as an administrator: " + grants(unread, user));
    }

    /// One statement for each place that something is missing on.
    private static String grants(List<String> missing, String user) {
        var byPlace = new LinkedHashMap<String, List<String>>();
        for (var m : missing)
            byPlace.computeIfAbsent(m.substring(m.indexOf(" ON ")), p -> new ArrayList<>())
                    .add(m.substring(0, m.indexOf(" ON ")));
        var sql = new StringBuilder();
        byPlace.forEach((place, what) -> sql.append("GRANT ")
                .append(String.join(", ", what))
                .append(place)
                .append(" TO ")
                .append(TableName.quote(user))
                .append("; "));
        return sql.toString().strip();
    }

    private static List<String> missing(ClickHouse server, List<String> grants) {
        return new ArrayList<>(grants.stream()
                .filter(g -> !server.one("CHECK GRANT " + g)
                        .values()
                        .values()
                        .iterator()
                        .next()
                        .equals("1"))
                .toList());
    }
}
