package rekey.session;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.HostsInParallel;
import rekey.model.Ingestion;
import rekey.model.Ingestion.KafkaTable;
import rekey.model.TableName;

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
        return new IngestionHosts(HostsInParallel.each(
                s.everyHost(),
                host -> of(
                        host == s.server() ? s.catalog() : new Catalog(host),
                        s.rewrite().source())));
    }

    private static Host of(Catalog catalog, TableName source) {
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

    /// Every Kafka table; one that is the same on several hosts once.
    public List<KafkaTable> kafkaTables() {
        return hosts.stream()
                .flatMap(h -> h.ingestion().kafkaTables().stream())
                .distinct()
                .toList();
    }

    /// The Kafka tables, of those that read the same topics in the same group one.
    public List<KafkaTable> groups() {
        var out = new LinkedHashMap<List<Object>, KafkaTable>();
        for (var h : hosts)
            for (var k : h.ingestion().kafkaTables()) out.putIfAbsent(List.of(k.brokers(), k.topics(), k.group()), k);
        return new ArrayList<>(out.values());
    }

    /// So many gates stand on one host when it is closed.
    public int most() {
        return hosts.stream()
                .mapToInt(h -> h.ingestion().kafkaTables().size())
                .max()
                .orElse(0);
    }

    /// Has what waits in the queues of Distributed tables sent on: consumers at rest are not rows at rest (half of
    /// the rows lay there, seen on 26.7).
    ///
    /// @throws rekey.clickhouse.ServerError where another host does not take them
    public void flush(Session s) {
        HostsInParallel.all(
                hosts.stream().filter(h -> !h.distributed().isEmpty()).toList(),
                h -> h.distributed().forEach(t -> h.server().execute(flushing(t), s.queryId("flush"), Map.of())));
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
