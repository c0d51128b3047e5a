package rekey.check;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.model.Amounts;
import rekey.model.Ingestion;
import rekey.model.TableName;
import rekey.session.Session;

/// What comes from Kafka does come: the views are attached, their targets are there, the consumers have no errors.
/// Each host has Kafka tables and views of its own.
public record KafkaViews() implements Check {
    private static final String NONE = "nothing feeds it from Kafka";
    private static final String IGNORE = "ignore_materialized_views_with_dropped_target_table";

    @Override
    public String name() {
        return "ingestion";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        var said = EachHost.worst(this, session, host -> look(session, host));
        if (said.verdict() != Level.OK || !said.saw().equals(NONE)) return said;
        // where the one that copies reads nothing, and another does
        return session.peers().stream()
                .map(peer -> new Fed(peer.name(), ingestion(session, peer.server())))
                .filter(fed -> !fed.ingestion.none())
                .findFirst()
                .map(fed -> Verdict.ok(this, "on host " + fed.host + " " + text(fed.ingestion), said.needs()))
                .orElse(said);
    }

    private record Fed(String host, Ingestion ingestion) {}

    private static Ingestion ingestion(Session session, ClickHouse host) {
        return session.catalog(host).ingestion(session.rewrite().source());
    }

    private Verdict look(Session session, ClickHouse host) {
        var ingestion = ingestion(session, host);
        var needs = "every view attached, no errors";
        var odd = new ArrayList<>(detached(session, host, ingestion));
        for (var t : session.catalog(host).otherStreams(session.rewrite().source()))
            odd.add(t
                    + " brings rows by itself and is no Kafka table: it is not paused, and a batch of it that"
                    + " runs through the EXCHANGE lands in the backup alone, so detach its view for the swap");
        for (var k : ingestion.kafkaTables()) {
            if (k.group().isEmpty() || k.topics().equals(List.of("")))
                odd.add(k.name() + " has its settings in a named collection, so its topic and group can't be seen");
            odd.addAll(consumers(host, k));
        }
        if (!ingestion.none()
                && host.query("SELECT value FROM system.settings WHERE name = '" + IGNORE
                                        + "' AND value IN ('1', 'true')")
                                .size()
                        > 0)
            odd.add(IGNORE + " = 1, which some version may take as leave to read on while paused (26.7 does not)");
        var saw = text(ingestion);
        return odd.isEmpty()
                ? Verdict.ok(this, saw, needs)
                : Verdict.warning(
                        this,
                        saw + "; but " + Amounts.some(odd),
                        needs,
                        "Mend this first: what does not run now can't be told from what the pause stops.");
    }

    private static String text(Ingestion ingestion) {
        return ingestion.none()
                ? NONE
                : ingestion.kafkaTables().stream().map(KafkaViews::text).collect(Collectors.joining("; "));
    }

    private static String text(Ingestion.KafkaTable k) {
        return k.name() + " (topic " + String.join(", ", k.topics()) + ", group " + k.group() + ") through "
                + k.views().stream().map(v -> v.name().toString()).collect(Collectors.joining(", "));
    }

    /// A view that is detached reads nothing; if not detached permanently, a restart of the server
    /// attaches it again.
    private static List<String> detached(Session session, ClickHouse host, Ingestion ingestion) {
        var databases = new ArrayList<>(List.of(session.rewrite().source().database()));
        ingestion.kafkaTables().forEach(k -> databases.add(k.name().database()));
        try {
            return host
                    .query("SELECT database, table FROM system.detached_tables WHERE database IN " + Sql.list(databases)
                            + " ORDER BY 1, 2")
                    .stream()
                    .map(r -> new TableName(r.string("database"), r.string("table"))
                            + " is detached: if it is a view of Kafka, its rows are missed")
                    .toList();
        } catch (ServerError e) {
            return List.of("whether a view is detached can't be seen: " + e.getMessage());
        }
    }

    private static List<String> consumers(ClickHouse host, Ingestion.KafkaTable kafka) {
        var seen = host.query("""
            SELECT arrayStringConcat(arrayMap(d -> arrayElement(d, -1), missing_dependencies), ', ') AS missing,
                   arrayElement(exceptions.text, -1) AS error, arrayElement(exceptions.time, -1) > now() - 600 AS recent
            FROM system.kafka_consumers WHERE database = %s AND table = %s\
            """.formatted(
                        Sql.text(kafka.name().database()), Sql.text(kafka.name().table())));
        var out = new ArrayList<String>();
        if (seen.isEmpty()) out.add(kafka.name() + " has no consumers now: nothing has been read for a minute or more");
        seen.stream()
                .filter(r -> !r.string("missing").isEmpty())
                .findFirst()
                .ifPresent(
                        r -> out.add(kafka.name() + " does not read, for a target is missing: " + r.string("missing")));
        seen.stream()
                .filter(r -> r.flag("recent"))
                .findFirst()
                .ifPresent(r -> out.add(kafka.name() + " had an error within 10 minutes: "
                        + r.string("error").lines().findFirst().orElse("").replaceFirst(",? *Stack trace .*", "")));
        return out;
    }
}
