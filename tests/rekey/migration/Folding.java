package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import rekey.Inserts;
import rekey.Labs;
import rekey.Scene;
import rekey.Still;
import rekey.clickhouse.ClickHouse;
import rekey.model.TableName;

/// A table whose merges fold rows, a plain table beside it that gets the same INSERTs, and what both must say.
///
/// @param partitionBy the new partition key: the old one, or none
/// @param batch the SELECT of an INSERT, `%d` its number; the same number always gives the same rows
/// @param says  what stands behind SELECT, and behind FROM of either: equal as long as no row is lost or doubled
enum Folding {
    SUMMING(
            "(site UInt32, day Date, path String, hits UInt64, bytes Int64) ENGINE = SummingMergeTree"
                    + " PARTITION BY toYYYYMM(day) ORDER BY (site, day, path)",
            "",
            "day, site, path",
            "SELECT number %% 7, toDate('2026-01-01') + number %% 50, toString((number + %1$d) %% 11), 1, number + %1$d"
                    + " FROM numbers(60)",
            "site, day, path, sum(hits), sum(bytes)",
            "GROUP BY site, day, path"),
    AGGREGATING(
            "(site UInt32, day Date, who AggregateFunction(uniqExact, UInt64), hits SimpleAggregateFunction(sum,"
                    + " UInt64)) ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(day) ORDER BY (site, day)",
            "toYYYYMM(day)",
            "day, site",
            "SELECT number %% 7 AS site, toDate('2026-01-01') + number %% 50 AS day, uniqExactState(number + %1$d),"
                    + " count() FROM numbers(60) GROUP BY site, day",
            "site, day, uniqExactMerge(who), sum(hits)",
            "GROUP BY site, day"),
    COLLAPSING(
            "(who UInt64, session UInt64, at Date, pages UInt32, sign Int8) ENGINE = CollapsingMergeTree(sign)"
                    + " PARTITION BY toYYYYMM(at) ORDER BY (who, session)",
            "toYYYYMM(at)",
            "session, who",
            // every 100th batch writes the same sessions anew: their state before, cancelled, and the next
            "SELECT number %% 3, number + 5 * (%1$d %% 100), toDate('2026-01-01') + number * 20, %1$d - 100 * (s < 0),"
                    + " s FROM numbers(5) ARRAY JOIN if(%1$d < 100, [1], [-1, 1]) AS s",
            "who, session, sum(sign), sum(pages * sign)",
            "GROUP BY who, session"),
    VERSIONED(
            "(who UInt64, session UInt64, at Date, pages UInt32, sign Int8, v UInt64) ENGINE ="
                    + " VersionedCollapsingMergeTree(sign, v) PARTITION BY toYYYYMM(at) ORDER BY (who, session)",
            "toYYYYMM(at)",
            "session, who",
            "SELECT number %% 3, number + 5 * (%1$d %% 100), toDate('2026-01-01') + number * 20, %1$d - 100 * (s < 0),"
                    + " s, %1$d - 100 * (s < 0) FROM numbers(5) ARRAY JOIN if(%1$d < 100, [1], [-1, 1]) AS s",
            "who, session, sum(sign), sum(pages * sign)",
            "GROUP BY who, session"),
    COALESCING(
            "(id UInt64, at Date, a Nullable(UInt64), b Nullable(String)) ENGINE = CoalescingMergeTree"
                    + " PARTITION BY toYYYYMM(at) ORDER BY (id, at)",
            "toYYYYMM(at)",
            "at, id",
            "SELECT number + 5 * (%1$d %% 100), toDate('2026-01-01') + number * 20, if(number %% 3 = %1$d %% 3, %1$d,"
                    + " NULL), if(number %% 4 = %1$d %% 4, toString(%1$d), NULL) FROM numbers(5)",
            "id, at, max(a), max(toUInt64OrNull(b))",
            "GROUP BY id, at");

    private final String definition;
    private final String partitionBy;
    final String orderBy;
    private final String batch;
    private final String says;
    private final String grouped;

    Folding(String definition, String partitionBy, String orderBy, String batch, String says, String grouped) {
        this.definition = definition;
        this.partitionBy = partitionBy;
        this.orderBy = orderBy;
        this.batch = batch;
        this.says = says;
        this.grouped = grouped;
    }

    /// The table, filled, and its witness.
    Bed bed() {
        return bed(Still.table(definition, partitionBy, orderBy, ""), List.of());
    }

    /// The same on two replicas.
    Bed replicatedBed() {
        var name = ReplicatedLab.table();
        var replicated = replicated();
        var two = ReplicatedLab.connect(1);
        two.execute("CREATE TABLE " + name.sql() + " " + replicated);
        return bed(Still.table(ReplicatedLab.connect(0), name, replicated, partitionBy, orderBy, ""), List.of(two));
    }

    /// What stands behind the name of a replicated table that already has the new order.
    String replicatedInNewOrder() {
        return replicated().replaceFirst("ORDER BY \\(.*\\)$", "ORDER BY (" + orderBy + ")");
    }

    private String replicated() {
        return definition
                .replaceFirst(
                        "ENGINE = (\\w+)(?:\\((.*?)\\))?",
                        "ENGINE = Replicated$1('/t/{database}/{table}', '{replica}', $2)")
                .replace(", )", ")");
    }

    private Bed bed(Still still, List<ClickHouse> replicas) {
        var witness = still.name.sibling("witness");
        still.execute("CREATE TABLE " + witness.sql() + " AS %s ENGINE = MergeTree ORDER BY tuple()");
        // how soon a busy machine merges is not what a test is about
        still.execute("ALTER TABLE %s MODIFY SETTING parts_to_delay_insert = 20000, parts_to_throw_insert = 30000");
        for (var replica : replicas)
            replica.execute("ALTER TABLE " + still.name.sql()
                    + " MODIFY SETTING parts_to_delay_insert = 20000, parts_to_throw_insert = 30000");
        var bed = new Bed(this, still, witness, replicas, new AtomicLong());
        for (int i = 0; i < 110; i++) bed.write(still.server);
        return bed;
    }

    /// The two tables.
    ///
    /// @param replicas the hosts of the table but the first, which alone has the witness
    record Bed(Folding of, Still still, TableName witness, List<ClickHouse> replicas, AtomicLong batches)
            implements AutoCloseable {
        /// One INSERT more into each; into a replicated one by each of its hosts in turn.
        void write(ClickHouse by) {
            long number = batches.getAndIncrement();
            var select = " SETTINGS async_insert = 0 " + of.batch.formatted(number);
            int host = (int) (number % (replicas.size() + 1));
            Inserts.send(host == 0 ? by : replicas.get(host - 1), "INSERT INTO " + still.name.sql() + select);
            Inserts.send(by, "INSERT INTO " + witness.sql() + select);
        }

        /// What a table says of each key, as merged; by the live table's own engine, and by the witness's rows.
        String says(TableName table, String last) {
            return says(still.server, table, last);
        }

        private String says(ClickHouse host, TableName table, String last) {
            return host.one("SELECT toString(groupArray(tuple(*))) AS rekey_said FROM (SELECT " + of.says + " FROM "
                            + table.sql() + last + " " + of.grouped + " ORDER BY ALL)")
                    .string("rekey_said");
        }

        void assertSame(String when) {
            var wanted = says(witness, "");
            if (!replicas.isEmpty()) still.execute("SYSTEM SYNC REPLICA %s");
            assertEquals(wanted, says(still.name, ""), when + ", as it lies");
            assertEquals(wanted, says(still.name, " FINAL"), when + ", FINAL");
            for (var replica : replicas) {
                replica.execute("SYSTEM SYNC REPLICA " + still.name.sql());
                assertEquals(wanted, says(replica, still.name, ""), when + ", on another host");
                assertEquals(wanted, says(replica, still.name, " FINAL"), when + ", on another host, FINAL");
            }
        }

        /// Rows come while something is done.
        void whileRowsCome(Runnable work) throws InterruptedException {
            var over = new AtomicBoolean();
            var failed = new AtomicReference<RuntimeException>();
            long before = batches.get();
            var writer = Thread.ofPlatform().start(() -> {
                try (var own = replicas.isEmpty() ? Labs.connect() : ReplicatedLab.connect(0)) {
                    // one that wrote as fast as it could had no end of a way back on a busy machine within ten minutes
                    while (!over.get()) {
                        write(own);
                        LockSupport.parkNanos(50_000_000);
                    }
                } catch (RuntimeException e) {
                    failed.set(e);
                }
            });
            try {
                work.run();
            } finally {
                Scene.await("a batch to come", () -> batches.get() > before + 3 || failed.get() != null);
                over.set(true);
                writer.join();
            }
            if (failed.get() != null) throw failed.get();
        }

        @Override
        public void close() {
            replicas.forEach(ClickHouse::close);
            still.close();
        }
    }
}
