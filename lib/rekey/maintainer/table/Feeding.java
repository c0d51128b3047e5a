package rekey.maintainer.table;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.lab.ClickHouseProcess;
import rekey.lab.EmbeddedLab;
import rekey.model.TableName;
import rekey.model.Trouble;

/// Rows that come to a drawn table and, each of them, to a second one that nobody migrates: what the first one
/// should hold. It comes by the same way.
final class Feeding implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90),
            REST = Duration.ofMillis(150),
            LEAST_REST = Duration.ofSeconds(1);
    private static final int ROWS = 30, UNFINISHED = 341, UUID_MISMATCH = 741;

    private final EmbeddedLab lab;
    private final ClickHouse server;
    private final DrawnTable drawn;
    private final List<TableName> tables;
    private final AtomicLong next = new AtomicLong(DrawnTable.FILLED);
    private final List<Thread> threads = new ArrayList<>();
    private Instant deleted = Instant.MIN, rested = Instant.MIN;
    private volatile boolean ends;
    private volatile Throwable failed;

    /// What stands before the tables is made now.
    Feeding(EmbeddedLab lab, ClickHouse server, DrawnTable drawn, TableName table, TableName second) {
        this.lab = lab;
        this.server = server;
        this.drawn = drawn;
        this.tables = List.of(table, second);
        if (drawn.feed() == Feed.KAFKA) lab.kafka().createTopic(topic(), 1, Map.of());
        for (var t : tables)
            switch (drawn.feed()) {
                case VIEW -> through(t, "(i UInt64) ENGINE = Null");
                case KAFKA ->
                    through(t, """
                        (i UInt64) ENGINE = Kafka SETTINGS kafka_broker_list = %s, kafka_topic_list = %s,
                          kafka_group_name = %s, kafka_format = 'JSONEachRow', kafka_num_consumers = 1,
                          kafka_flush_interval_ms = 300, kafka_poll_timeout_ms = 100\
                        """.formatted(Sql.text(lab.bootstrap()), Sql.text(topic()), Sql.text(group(t))));
                case BUFFER ->
                    server.execute("CREATE TABLE " + intake(t).sql() + " AS " + t.sql() + " ENGINE = Buffer("
                            + TableName.quote(t.database()) + ", " + TableName.quote(t.table())
                            + ", 1, 0.1, 1, 10, 1000, 1000, 1000000)");
                case NONE, ONE, SEVERAL, ASYNC, DELETES -> {}
            }
        if (drawn.feed() == Feed.KAFKA) firstMessages();
    }

    private void through(TableName table, String intake) {
        server.execute("CREATE TABLE " + intake(table).sql() + " " + intake);
        server.execute("CREATE MATERIALIZED VIEW "
                + table.sibling(table.table() + "_mv").sql() + " TO " + table.sql() + " AS "
                + drawn.values(intake(table).sql()));
    }

    private static TableName intake(TableName table) {
        return table.sibling(table.table() + "_intake");
    }

    private String topic() {
        return tables.getFirst().database();
    }

    private String group(TableName table) {
        return table.database() + "_group";
    }

    /// Rows come until [#end()].
    void begin() {
        ends = false;
        int writers = drawn.feed() == Feed.NONE ? 0 : drawn.feed() == Feed.SEVERAL ? 3 : 1;
        for (int n = 0; n < writers; n++) threads.add(Thread.ofVirtual().start(this::go));
    }

    /// When nothing is under way any more.
    void end() throws InterruptedException {
        ends = true;
        for (var thread : threads) thread.join();
        threads.clear();
        if (failed != null) throw new Trouble.Failed("A writer of the table was refused: " + failed);
        settle();
    }

    long rows() {
        return next.get() - DrawnTable.FILLED;
    }

    private void go() {
        var own = lab.hosts().stream().map(ClickHouseProcess::connect).toList();
        try {
            if (drawn.feed() == Feed.KAFKA) produce();
            else
                while (!ends) {
                    write(own, next.getAndAdd(ROWS));
                    LockSupport.parkNanos(REST.toNanos());
                }
        } catch (RuntimeException | Error e) {
            failed = e;
        } finally {
            own.forEach(ClickHouse::close);
        }
    }

    /// Of equal blocks a replicated table takes one, and what is added up may well be equal.
    private static final Map<String, String> ALL = Map.of("insert_deduplicate", "0");

    /// @param hosts the table's, which take turns; the second one is on the first
    private void write(List<ClickHouse> hosts, long first) {
        boolean deletes = drawn.feed() == Feed.DELETES && (!drawn.engine().folds() || haveRested(hosts.getFirst()));
        for (var t : tables) {
            var own = t == tables.getFirst() ? hosts.get((int) (first / ROWS % hosts.size())) : hosts.getFirst();
            switch (drawn.feed()) {
                case NONE, KAFKA -> throw new IllegalStateException();
                case ONE, SEVERAL -> insert(own, t, first);
                case ASYNC ->
                    sent(
                            own,
                            drawn.insert(t, first, ROWS),
                            Map.of("async_insert", "1", "wait_for_async_insert", "1", "insert_deduplicate", "0"));
                case BUFFER -> sent(own, drawn.insert(intake(t), first, ROWS), ALL);
                case VIEW ->
                    sent(
                            own,
                            "INSERT INTO " + intake(t).sql() + " SELECT number FROM numbers(" + first + ", " + ROWS
                                    + ")",
                            ALL);
                case DELETES -> {
                    insert(own, t, first);
                    if (deletes) delete(own, delete(t, first));
                }
            }
        }
    }

    /// Whether DELETEs have rested for as long as the last one took. Where rows are folded a swap waits until none
    /// is open, and with merges held each takes the longer the more parts there are: one at every fifth INSERT left
    /// no such moment on a busy machine, where one took 7 s at first and 56 s at 700 parts.
    private boolean haveRested(ClickHouse own) {
        if (open(own, tables.getFirst()) > 0) {
            rested = Instant.MIN;
            return false;
        }
        var now = Instant.now();
        if (deleted.equals(Instant.MIN)) deleted = now.minus(LEAST_REST);
        if (rested.equals(Instant.MIN)) rested = now;
        var took = Duration.between(deleted, rested);
        if (now.isBefore(rested.plus(took.compareTo(LEAST_REST) > 0 ? took : LEAST_REST))) return false;
        deleted = now;
        rested = Instant.MIN;
        return true;
    }

    private static long open(ClickHouse own, TableName table) {
        return own.one("SELECT count() AS n FROM system.mutations WHERE NOT is_done AND database = "
                        + Sql.text(table.database()))
                .number("n");
    }

    /// One that waits for its end may be told UNFINISHED in the moments behind the exchange, and goes on by itself.
    private static void delete(ClickHouse own, String sql) {
        try {
            own.execute(sql);
        } catch (ServerError e) {
            if (e.code() != UNFINISHED) throw e;
        }
    }

    private void insert(ClickHouse own, TableName table, long first) {
        sent(own, drawn.insert(table, first, ROWS), ALL);
    }

    /// Sent again where it looked its table up in the very moment of an exchange: nothing of it was written.
    private static void sent(ClickHouse own, String sql, Map<String, String> settings) {
        while (true)
            try {
                own.execute(sql, UUID.randomUUID().toString(), settings);
                return;
            } catch (ServerError e) {
                if (e.code() != UUID_MISMATCH) throw e;
            }
    }

    /// A row that came lately, or one that was there before.
    private String delete(TableName table, long first) {
        long row = first / ROWS % 2 == 0 ? first - 7 : first / ROWS * 11 % DrawnTable.FILLED;
        var where = drawn.engine().merges ? "key = " + row % drawn.keyCount() : "seq = " + row;
        return first / ROWS % 3 == 0
                ? "ALTER TABLE " + table.sql() + " DELETE WHERE " + where
                : "DELETE FROM " + table.sql() + " WHERE " + where + " SETTINGS lightweight_deletes_sync = 0";
    }

    private void produce() {
        try (var producer = producer()) {
            while (!ends) {
                for (int n = 0; n < ROWS; n++) send(producer);
                LockSupport.parkNanos(REST.toNanos());
            }
            producer.flush();
        }
    }

    private KafkaProducer<String, String> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", lab.bootstrap()), new StringSerializer(), new StringSerializer());
    }

    private void send(KafkaProducer<String, String> producer) {
        producer.send(new ProducerRecord<>(topic(), "{\"i\":" + next.getAndIncrement() + "}"));
    }

    private void firstMessages() {
        try (var producer = producer()) {
            for (int n = 0; n < ROWS; n++) send(producer);
            producer.flush();
        }
        settle();
    }

    private void settle() {
        switch (drawn.feed()) {
            case BUFFER ->
                tables.forEach(t -> server.execute("OPTIMIZE TABLE " + intake(t).sql()));
            case KAFKA ->
                tables.forEach(t -> await(
                        "Kafka's messages",
                        () -> lab.kafka().committed(group(t), topic()).getOrDefault(0, 0L) >= rows()));
            case NONE, ONE, SEVERAL, ASYNC, VIEW, DELETES -> {}
        }
        for (var host : lab.hosts())
            try (var own = host.connect()) {
                for (var t : tables) await("mutations", () -> open(own, t) == 0);
            }
        if (lab.hosts().size() > 1)
            server.execute("SYSTEM SYNC REPLICA " + tables.getFirst().sql());
    }

    private static void await(String what, java.util.function.BooleanSupplier done) {
        for (var end = Instant.now().plus(PATIENCE); !done.getAsBoolean(); LockSupport.parkNanos(100_000_000))
            if (Instant.now().isAfter(end))
                throw new Trouble.Failed("The drawn table waited " + PATIENCE.toSeconds() + " s for " + what + ".");
    }

    @Override
    public void close() {
        ends = true;
        try {
            for (var thread : threads) thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (drawn.feed() == Feed.KAFKA) lab.kafka().deleteTopic(topic());
    }
}
