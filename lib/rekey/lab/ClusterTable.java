package rekey.lab;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.model.Trouble;

/// The guide's events table on a cluster, in its old schema and in PostHog's own shape. On each host a Kafka table,
/// `events_mv` from it into `writable_events`, which is Distributed by `sipHash64(distinct_id)` over the local
/// `sharded_events`, a Replicated table; and `events`, Distributed over the same, from which is read. One topic, and
/// one group over all hosts.
///
/// A cluster that is [Options#direct()] has no Distributed tables: the view of each host writes into its own
/// replicated `events`. So it is with one shard.
///
/// Each row says where it comes from, as in [GuideTable]. Its tables are on the lab's hosts as they are named there;
/// close it before the lab.
public final class ClusterTable implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(120), IN_STEP = Duration.ofSeconds(90);

    /// How the tables are made.
    ///
    /// @param table  as of [GuideTable]; its engine is a Replicated one, with its path
    /// @param direct whether there are no Distributed tables
    public record Options(GuideTable.Options table, boolean direct) {
        /// In a path, what the table's own name takes the place of: two tables have two paths.
        private static final String NAME = "posthog.events",
                WHERE = "'/clickhouse/tables/{shard}/" + NAME + "', '{replica}'";
        /// A table that keeps the newest row of a key, and one that keeps all.
        public static final String REPLACING = "ReplicatedReplacingMergeTree(" + WHERE + ", _timestamp)",
                PLAIN = "ReplicatedMergeTree(" + WHERE + ")";

        /// PostHog's, of rows that say when they were inserted; one shard with one replica has it simpler.
        public static Options of(ClusterShape shape) {
            return new Options(GuideTable.Options.GUIDE.withEngine(REPLACING).withInsertedAt(), shape.hosts() == 1);
        }

        public Options withEngine(String other) {
            return new Options(table.withEngine(other), direct);
        }

        public Options withMonths(int months) {
            return new Options(table.withMonths(months), direct);
        }
    }

    private final EmbeddedLab lab;
    private final TableName events;
    private final Options options;
    private final GuideStatements statements;
    private final String topic;
    private final int consumers;
    private final List<ClickHouse> servers;
    private long filled;

    /// @param events the name that is read from
    public ClusterTable(EmbeddedLab lab, TableName events, Options options) {
        this.lab = lab;
        this.events = events;
        this.options = options;
        var named = options.table().engine().replace(Options.NAME, events.toString());
        this.statements = new GuideStatements(options.table().withEngine(named));
        this.topic = (events + "_" + Integer.toHexString(events.hashCode())).replaceAll("[^A-Za-z0-9._-]", "x");
        this.consumers = lab.shape().hosts() > 2 ? 1 : GuideTable.CONSUMERS;
        this.servers = lab.hosts().stream().map(ClickHouseProcess::connect).toList();
    }

    /// `posthog.events`.
    public ClusterTable(EmbeddedLab lab) {
        this(lab, new TableName("posthog", "events"), Options.of(lab.shape()));
    }

    /// What is read from: Distributed, or the local table itself.
    public TableName events() {
        return events;
    }

    /// The replicated table of each host.
    public TableName local() {
        return options.direct() ? events : events.sibling("sharded_" + events.table());
    }

    /// What the views write into.
    public TableName writable() {
        return options.direct() ? events : events.sibling("writable_" + events.table());
    }

    /// The table with Kafka's engine, on each host.
    public TableName kafkaTable() {
        return events.sibling("kafka_" + events.table());
    }

    /// The view from [#kafkaTable()] to [#writable()], on each host.
    public TableName view() {
        return events.sibling(events.table() + "_mv");
    }

    public String topic() {
        return topic;
    }

    /// The consumer group of all hosts together.
    public String group() {
        return topic + "-clickhouse";
    }

    /// Rows filled so far.
    public long filled() {
        return filled;
    }

    /// A connection to each host, in the order of [EmbeddedLab#hosts()].
    public List<ClickHouse> servers() {
        return servers;
    }

    EmbeddedLab lab() {
        return lab;
    }

    /// Creates all of it on every host, and waits until the consumers have the topic's partitions.
    public ClusterTable create() {
        for (var server : servers) {
            server.execute("CREATE DATABASE IF NOT EXISTS " + TableName.quote(events.database()));
            server.execute(statements.table(local()));
            if (options.direct()) continue;
            var distributed = "Distributed(%s, %s, %s, sipHash64(distinct_id))"
                    .formatted(Cluster.NAME, Sql.text(local().database()), Sql.text(local().table()));
            server.execute("CREATE TABLE " + events.sql() + " AS " + local().sql() + " ENGINE = " + distributed);
            server.execute(statements.writable(writable(), distributed));
        }
        lab.kafka().createTopic(topic, partitions(), Map.of());
        for (var server : servers) {
            server.execute(
                    statements.kafkaTable(kafkaTable(), lab.bootstrap(), topic, group(), consumers),
                    "lab-" + UUID.randomUUID(),
                    Map.of("kafka_disable_num_consumers_limit", "1"));
            server.execute(statements.view(view(), writable(), kafkaTable()));
        }
        await("its consumers to get their partitions", START, () -> assigned() == partitions());
        return this;
    }

    /// Whether it is there already, as in a lab on a folder that has been used before.
    public boolean exists() {
        return servers.getFirst()
                        .one("SELECT count() AS n FROM system.tables WHERE database = %s AND name = %s"
                                .formatted(Sql.text(events.database()), Sql.text(events.table())))
                        .number("n")
                > 0;
    }

    /// Fills history, as [GuideTable#fill(long, long)] does: through the first host, to all shards.
    public ClusterTable fill(long rows, long seed) {
        servers.getFirst()
                .execute(
                        statements.fill(writable(), rows, seed, filled),
                        "lab-" + UUID.randomUUID(),
                        Map.of("distributed_foreground_insert", "1"));
        filled += rows;
        inStep();
        return this;
    }

    /// How many of the topic's partitions the hosts' consumers hold together.
    public long assigned() {
        return servers.stream()
                .mapToLong(server -> server.one(("SELECT sum(length(assignments.topic)) AS n FROM"
                                        + " system.kafka_consumers WHERE database = %s AND table = %s")
                                .formatted(
                                        Sql.text(kafkaTable().database()),
                                        Sql.text(kafkaTable().table())))
                        .number("n"))
                .sum();
    }

    /// Waits until the group has committed all that the ledger holds, and the hosts are in step.
    ///
    /// @throws Trouble.Failed with what is missing when the time is over
    public void awaitConsumed(Ledger ledger, Duration patience) {
        var ends = ledger.endOffsets();
        await("its group to commit " + ends, patience, () -> {
            var done = lab.kafka().committed(group(), topic);
            if (ends.entrySet().stream().allMatch(e -> done.getOrDefault(e.getKey(), 0L) >= e.getValue())) return true;
            LockSupport.parkNanos(150_000_000); // each question makes a client of its own
            return false;
        });
        inStep();
    }

    /// Waits until nothing is left in a queue: the Distributed tables' first, then the replicas'.
    ///
    /// @throws Trouble.Failed with the host that has something left
    public void inStep() {
        for (var server : servers)
            for (var table : distributed()) server.execute("SYSTEM FLUSH DISTRIBUTED " + table.sql());
        for (var server : servers)
            await("the replica of " + server.endpoint().host() + " to be in step", IN_STEP, () -> inStep(server));
    }

    /// `SYSTEM SYNC REPLICA` pulls the log and waits for what is in it, a second at a time.
    private boolean inStep(ClickHouse server) {
        try {
            server.execute(
                    "SYSTEM SYNC REPLICA " + local().sql(), "lab-" + UUID.randomUUID(), Map.of("receive_timeout", "1"));
            return true;
        } catch (ServerError e) {
            return false; // not yet, or it has no session just now: whoever waits says so in the end
        }
    }

    private List<TableName> distributed() {
        var out = new ArrayList<TableName>();
        if (!options.direct()) out.addAll(List.of(writable(), events));
        return out;
    }

    private int partitions() {
        return Math.max(GuideTable.PARTITIONS, servers.size());
    }

    @Override
    public void close() {
        servers.forEach(ClickHouse::close);
    }

    private void await(String what, Duration patience, BooleanSupplier done) {
        for (var end = Instant.now().plus(patience); !done.getAsBoolean(); LockSupport.parkNanos(50_000_000))
            if (Instant.now().isAfter(end))
                throw new Trouble.Failed("The lab's table " + events + " waited " + patience.toSeconds() + " s for "
                        + what + "; its hosts have " + assigned() + " of " + partitions() + " partitions, and "
                        + lab.kafka().committed(group(), topic) + " is committed.");
    }
}
