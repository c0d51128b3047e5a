package rekey.session;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.StatementUntil;
import rekey.model.Ingestion;
import rekey.model.Ingestion.KafkaTable;
import rekey.model.TableName;
import rekey.model.Trouble;

/// How rows come from Kafka into the source on every host: each has Kafka tables and views of its own, and what one
/// reads may be written to any other, by a Distributed table on the way.
///
/// @param hosts the one that copies first
public record IngestionHosts(List<Host> hosts) {

    /// One of them.
    ///
    /// @param distributed the Distributed tables on a way into the source: in their queues rows wait that Kafka's
    ///                    offsets count as read
    public record Host(ClickHouse server, Ingestion ingestion, List<TableName> distributed) {}

    public static IngestionHosts of(Session s) {
        return new IngestionHosts(HostsInParallel.each(s.everyHost(), host -> of(s, host)));
    }

    /// What comes in by one host.
    public static Host of(Session s, ClickHouse host) {
        return of(s.catalog(host), s.rewrite().source());
    }

    private static Host of(Catalog asked, TableName source) {
        // held time has two such looks: each asks the server once for the views, and not for each thing they tell
        var catalog = asked.seen() == null ? Catalog.once(asked.server()) : asked;
        var ingestion = catalog.ingestion(source);
        var written = ingestion.kafkaTables().stream()
                .flatMap(k -> k.views().stream().map(Ingestion.View::target))
                .toList();
        return new Host(
                catalog.server(),
                ingestion,
                written.isEmpty() ? List.of() : catalog.ways().distributed(written, source));
    }

    /// Of one host alone.
    public static IngestionHosts of(ClickHouse server, Ingestion ingestion) {
        return new IngestionHosts(List.of(new Host(server, ingestion, List.of())));
    }

    public boolean none() {
        return hosts.stream().allMatch(h -> h.ingestion().none());
    }

    /// Every Kafka table. One that is the same on several hosts is listed once.
    public List<KafkaTable> kafkaTables() {
        return hosts.stream()
                .flatMap(h -> h.ingestion().kafkaTables().stream())
                .distinct()
                .toList();
    }

    /// The Kafka tables. Of those that read the same topics in the same group only one is listed.
    public List<KafkaTable> groups() {
        var out = new LinkedHashMap<List<Object>, KafkaTable>();
        for (var h : hosts)
            for (var k : h.ingestion().kafkaTables()) out.putIfAbsent(List.of(k.brokers(), k.topics(), k.group()), k);
        return new ArrayList<>(out.values());
    }

    /// Has what waits in the queues of Distributed tables sent on: consumers at rest are not rows at rest (half of
    /// the rows lay there, seen on 26.7). A host that has died refuses at once; one that hangs says nothing, and a
    /// flush to it waits for the server's own time-out, five minutes, so it is waited for until a moment only.
    ///
    /// @throws rekey.clickhouse.ServerError where another host does not take them
    /// @throws Trouble.PutOff               where they have not been sent by then
    public void flush(Session s, Instant until) {
        HostsInParallel.all(
                hosts.stream().filter(h -> !h.distributed().isEmpty()).toList(), h -> {
                    for (var t : h.distributed()) flush(h.server(), t, s.queryId("flush"), until);
                });
    }

    private static void flush(ClickHouse host, TableName distributed, String id, Instant until) {
        if (!StatementUntil.ended(host, flushing(distributed), id, until))
            throw new Trouble.PutOff("Rows in the queue of " + distributed + " on host "
                    + host.endpoint().host() + " could not be sent on in time: a host that they are for does not"
                    + " take them. Nothing was swapped. Look at system.distribution_queue there; run again when"
                    + " they are sent.");
    }

    /// The statements of [#flush].
    public List<String> flushing() {
        return hosts.stream()
                .flatMap(h -> h.distributed().stream())
                .distinct()
                .map(IngestionHosts::flushing)
                .toList();
    }

    private static String flushing(TableName distributed) {
        return "SYSTEM FLUSH DISTRIBUTED " + distributed.sql();
    }
}
