package rekey.run;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import rekey.kafka.KafkaAdmin;
import rekey.model.Ingestion.KafkaTable;
import rekey.model.Trouble;
import rekey.session.IngestionHosts;
import rekey.session.Session;

/// Messages that Kafka has and the table has not. Stays connected to Kafka until it is closed.
public final class Lag implements AutoCloseable {
    private static final long PATIENCE_MILLIS = 4000;

    private final Map<KafkaTable, KafkaAdmin> kafka = new ConcurrentHashMap<>();
    private volatile List<KafkaTable> tables = List.of();

    /// Over all the Kafka tables that feed the table; -1 where there is none, or Kafka does not tell.
    public long now(Session session) {
        tables = IngestionHosts.of(session).groups();
        return again(session);
    }

    /// The same without a question to ClickHouse: of the Kafka tables that were there when [#now] was asked last.
    long again(Session session) {
        if (tables.isEmpty()) return -1;
        try {
            return tables.stream()
                    .mapToLong(t -> lag(
                            kafka.computeIfAbsent(t, k -> KafkaAdmin.connect(k.brokers(), session.kafkaConfig())), t))
                    .sum();
        } catch (Trouble e) {
            return -1; // a lag that can't be told is no reason to stop
        }
    }

    private static long lag(KafkaAdmin kafka, KafkaTable table) {
        return kafka.offsets(table.group(), table.topics()).stream()
                .mapToLong(o -> o.lag())
                .sum();
    }

    /// Asked once; null where there is no Kafka table, or Kafka does not tell within a few seconds.
    public static Long of(Session session) {
        return asked(session).get();
    }

    /// The same, asked from now on while others ask ClickHouse: each takes as long as the other.
    static Supplier<Long> asked(Session session) {
        var lag = new Lag();
        var asked = CompletableFuture.supplyAsync(() -> lag.now(session), Thread::startVirtualThread);
        asked.whenComplete((n, e) -> lag.close());
        return () -> {
            try {
                long n = asked.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                return n < 0 ? null : n;
            } catch (TimeoutException | ExecutionException e) {
                return null;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return null;
            }
        };
    }

    @Override
    public void close() {
        kafka.values().forEach(KafkaAdmin::close);
    }
}
