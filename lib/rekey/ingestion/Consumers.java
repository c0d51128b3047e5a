package rekey.ingestion;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.model.Ingestion;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Control;

/// The consumers of the source's Kafka tables, as `system.kafka_consumers` shows them.
public record Consumers(ClickHouse server, Ingestion ingestion) {
    /// Between two batches a consumer is unused for a moment: stopped means unused in every sample over this time.
    private static final Duration QUIET = Duration.ofMillis(100);

    /// One consumer.
    ///
    /// @param lastUsed  when it last finished a batch, by the server's clock, in microseconds
    /// @param partitions the topic partitions it has
    /// @param gated     whether it knows of a missing view target
    public record Consumer(TableName table, String id, boolean used, long lastUsed, List<String> partitions, boolean gated) { }

    public List<Consumer> now() {
        if (ingestion.none()) return List.of();
        var tables = ingestion.kafkaTables().stream().map(k -> "(" + Sql.text(k.name().database()) + ", " + Sql.text(k.name().table()) + ")")
                .collect(Collectors.joining(", "));
        return server.query("""
                SELECT database, table, consumer_id, is_currently_used, toUnixTimestamp64Micro(last_used) AS used_at,
                       arrayMap((t, p) -> concat(t, '/', toString(p)), assignments.topic, assignments.partition_id) AS parts,
                       notEmpty(missing_dependencies) AS gated
                FROM system.kafka_consumers WHERE (database, table) IN (%s) ORDER BY 1, 2, 3""".formatted(tables))
                .stream().map(r -> new Consumer(new TableName(r.string("database"), r.string("table")), r.string("consumer_id"),
                        r.flag("is_currently_used"), r.number("used_at"), r.strings("parts"), r.flag("gated"))).toList();
    }

    /// Waits until no batch is running: a batch goes on until its flush after the gate was closed (0.6-5.6 s seen).
    ///
    /// @return since when nothing is read, by the server's clock in microseconds: the end of the first consumer's last
    ///         batch among those that have partitions; 0 where there are no consumers
    /// @throws Trouble.Refused when they have not stopped by the deadline
    public long awaitStopped(Control control, Instant deadline) {
        Instant quietSince = null;
        while (true) {
            var consumers = now();
            boolean running = consumers.stream().anyMatch(c -> c.used() || !c.partitions().isEmpty() && !c.gated());
            if (running) quietSince = null;
            else if (quietSince == null) quietSince = Instant.now();
            else if (Duration.between(quietSince, Instant.now()).compareTo(QUIET) >= 0)
                return consumers.stream().filter(c -> !c.partitions().isEmpty()).mapToLong(Consumer::lastUsed).filter(t -> t > 0).min().orElse(0);
            if (Instant.now().isAfter(deadline)) throw new Trouble.PutOff("Kafka's consumers did not stop in time ("
                    + consumers.stream().filter(Consumer::used).map(c -> c.table() + " " + c.id()).collect(Collectors.joining(", "))
                    + " still in a batch): ingestion is open again and nothing was swapped. Give a longer --deadline, or lower kafka_flush_interval_ms.");
            control.sleep(10);
        }
    }
}
