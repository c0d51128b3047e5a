package rekey.lab;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.model.Trouble;

/// The guide's events table in its old schema, with all that hangs on it: a Kafka table and `events_mv` that feed
/// it, and `events_daily`, which reads from it downstream into a daily count.
///
/// Each row says where it comes from, so that none can be missed or doubled unseen: `_partition` and `_offset` are
/// those of its Kafka message; rows of [#fill(long, long)] have the partition [#FILLED] and number themselves from
/// 0. Any name that ClickHouse allows is allowed. Left out: the original's `SAMPLE BY uuid`, which today's server
/// refuses, since it wants an unsigned integer.
public final class GuideTable {
    /// The `_partition` of rows that no Kafka message brought.
    public static final int FILLED = 1_000_000;
    /// The topic's partitions, and the Kafka table's consumers, each with a thread of its own.
    public static final int PARTITIONS = 4, CONSUMERS = 2;
    /// A column that rekey copies as any other. Two rows of one message with one such moment are one insert, copied
    /// twice; a batch that Kafka's consumer reads again is inserted at another.
    public static final String INSERTED_AT = "inserted_at";
    static final int TEAMS = 300, USERS = 50_000;
    static final List<String> EVENTS = List.of(
            "$pageview",
            "$autocapture",
            "$identify",
            "$pageleave",
            "signed up",
            "insight viewed",
            "dashboard created",
            "feature flag called",
            "recording watched",
            "invite sent");
    static final List<String> BROWSERS = List.of("Chrome", "Safari", "Firefox", "Edge", "Mobile Safari");
    private static final Duration CONSUMER_START = Duration.ofSeconds(90);

    /// How the table is made.
    ///
    /// @param engine          such as `ReplacingMergeTree(_timestamp)`, the guide's, or `MergeTree`
    /// @param flushMillis     the Kafka table's `kafka_flush_interval_ms`; null is ClickHouse's default, 7.5 s
    /// @param insertedAt      whether a column [#INSERTED_AT] has the moment at which Kafka's consumer inserted the
    ///                        row: with it [Judge] tells Kafka's own doubles exactly
    /// @param granule         rows of a granule; fewer than ClickHouse's 8192 show on a small table what keys do to
    ///                        a large one
    /// @param months          of history that are filled, the current one included
    /// @param denseDays       into so many last days go nine of ten filled rows; 0: all days are alike. Spread over
    ///                        months a million rows leave a team a tenth of a granule a day, and then no key can
    ///                        gain anything
    public record Options(
            String engine, Integer flushMillis, boolean insertedAt, int granule, int months, int denseDays) {
        /// The guide's own, flushed every 500 ms.
        public static final Options GUIDE =
                new Options("ReplacingMergeTree(_timestamp)", 500, false, 8192, EventProducer.Options.MONTHS, 0);

        public Options withEngine(String other) {
            return new Options(other, flushMillis, insertedAt, granule, months, denseDays);
        }

        public Options withFlushMillis(Integer other) {
            return new Options(engine, other, insertedAt, granule, months, denseDays);
        }

        public Options withInsertedAt() {
            return new Options(engine, flushMillis, true, granule, months, denseDays);
        }

        public Options withGranule(int other) {
            return new Options(engine, flushMillis, insertedAt, other, months, denseDays);
        }

        public Options withMonths(int other) {
            return new Options(engine, flushMillis, insertedAt, granule, other, denseDays);
        }

        public Options withDenseDays(int other) {
            return new Options(engine, flushMillis, insertedAt, granule, months, other);
        }
    }

    private final ClickHouse server;
    private final KafkaBroker kafka;
    private final TableName events;
    private final Options options;
    private final GuideStatements statements;
    private final String topic;
    private long filled;

    /// @param server stays the caller's to close
    /// @param kafka  null: a table without Kafka
    public GuideTable(ClickHouse server, KafkaBroker kafka, TableName events, Options options) {
        this.server = server;
        this.kafka = kafka;
        this.events = events;
        this.options = options;
        this.statements = new GuideStatements(options);
        this.topic = (events + "_" + Integer.toHexString(events.hashCode())).replaceAll("[^A-Za-z0-9._-]", "x");
    }

    /// The guide's own: `posthog.events`.
    public GuideTable(ClickHouse server, KafkaBroker kafka) {
        this(server, kafka, new TableName("posthog", "events"), Options.GUIDE);
    }

    /// The table itself.
    public TableName events() {
        return events;
    }

    /// The table with Kafka's engine.
    public TableName kafkaTable() {
        return events.sibling("kafka_" + events.table());
    }

    /// The view from [#kafkaTable()] to [#events()].
    public TableName view() {
        return events.sibling(events.table() + "_mv");
    }

    /// The view from [#events()] to [#dailyCounts()].
    public TableName dailyView() {
        return events.sibling(events.table() + "_daily");
    }

    /// `team_id, day, event, count`, summed by merges: read it with `sum(count)`.
    public TableName dailyCounts() {
        return events.sibling(events.table() + "_daily_counts");
    }

    /// The topic, which is this table's own.
    public String topic() {
        return topic;
    }

    /// The Kafka table's consumer group.
    public String group() {
        return topic + "-clickhouse";
    }

    /// Rows filled so far.
    public long filled() {
        return filled;
    }

    /// Creates the database if need be, the topic, the tables and the views; waits until the consumers have their
    /// partitions, so that the first message is read at once.
    public GuideTable create() {
        server.execute("CREATE DATABASE IF NOT EXISTS " + TableName.quote(events.database()));
        server.execute(statements.table(events));
        server.execute("""
            CREATE TABLE %s (team_id Int64, day Date, event String, count UInt64)
            ENGINE = SummingMergeTree ORDER BY (team_id, day, event)\
            """.formatted(dailyCounts().sql()));
        server.execute("""
            CREATE MATERIALIZED VIEW %s TO %s AS
            SELECT team_id, toDate(timestamp) AS day, event, count() AS count FROM %s GROUP BY team_id, day, event\
            """.formatted(dailyView().sql(), dailyCounts().sql(), events.sql()));
        if (kafka != null) createIngestion();
        return this;
    }

    /// Whether the table is there already, as in a lab on a folder that has been used before.
    public boolean exists() {
        return server.one("SELECT count() AS n FROM system.tables WHERE database = %s AND name = %s"
                                .formatted(Sql.text(events.database()), Sql.text(events.table())))
                        .number("n")
                > 0;
    }

    private void createIngestion() {
        kafka.createTopic(topic, PARTITIONS, Map.of());
        server.execute(
                statements.kafkaTable(kafkaTable(), kafka.bootstrap(), topic, group(), CONSUMERS),
                "lab-" + java.util.UUID.randomUUID(),
                Map.of("kafka_disable_num_consumers_limit", "1"));
        server.execute(statements.view(view(), events, kafkaTable()));
        await("its consumers to get their partitions", CONSUMER_START, () -> assigned() == PARTITIONS);
    }

    /// How many of the topic's partitions this server's consumers hold.
    public long assigned() {
        return server.one(("SELECT sum(length(assignments.topic)) AS n FROM system.kafka_consumers WHERE "
                                + "database = %s AND table = %s")
                        .formatted(
                                Sql.text(kafkaTable().database()),
                                Sql.text(kafkaTable().table())))
                .number("n");
    }

    /// Fills history on the server: months of events that end with today, the same ones for the same seed and day.
    ///
    /// A few of the teams have most of the rows; properties are JSON of 110 to 180 bytes. Each row has a uuid of
    /// its own. 1 M rows take about 2 s.
    public GuideTable fill(long rows, long seed) {
        server.execute(
                statements.fill(events, rows, seed, filled),
                "lab-" + java.util.UUID.randomUUID(),
                Map.of("max_insert_threads", "2"));
        filled += rows;
        return this;
    }

    /// Waits until the Kafka table's group has committed all that the ledger holds, or until the time is over.
    ///
    /// @throws Trouble.Failed with the offsets that are missing
    public void awaitConsumed(Ledger ledger, Duration patience) {
        var ends = ledger.endOffsets();
        await("its group to commit " + ends, patience, () -> {
            var done = kafka.committed(group(), topic);
            if (ends.entrySet().stream().allMatch(e -> done.getOrDefault(e.getKey(), 0L) >= e.getValue())) return true;
            LockSupport.parkNanos(150_000_000); // each question makes a client of its own
            return false;
        });
    }

    /// Drops the views, the tables and the topic; the database stays.
    public void drop() {
        for (var view : List.of(view(), dailyView())) server.execute("DROP VIEW IF EXISTS " + view.sql() + " SYNC");
        for (var table : List.of(kafkaTable(), dailyCounts(), events))
            server.execute("DROP TABLE IF EXISTS " + table.sql() + " SYNC");
        if (kafka != null) kafka.deleteTopic(topic);
    }

    private void await(String what, Duration patience, java.util.function.BooleanSupplier done) {
        for (var end = Instant.now().plus(patience); !done.getAsBoolean(); LockSupport.parkNanos(50_000_000)) {
            if (Instant.now().isAfter(end))
                throw new Trouble.Failed(
                        "The lab's table " + events + " waited " + patience.toSeconds() + " s for " + what
                                + (kafka == null
                                        ? ""
                                        : " and it has " + assigned() + " of " + PARTITIONS + " partitions and "
                                                + kafka.committed(group(), topic))
                                + ".");
        }
    }
}
