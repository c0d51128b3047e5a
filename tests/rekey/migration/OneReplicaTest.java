package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Still;
import rekey.clickhouse.KeeperPaths;
import rekey.clickhouse.ReplicatedEngine;
import rekey.clickhouse.Sql;
import rekey.step.Finalize;
import rekey.step.Position;

/// The smallest cluster: a replicated table with one replica.
@Tag("migration")
@Order(6)
class OneReplicaTest {
    private static final String COLUMNS =
            "(id UInt64, at DateTime('UTC'), v UInt64, note String DEFAULT 'n') ENGINE = ";
    private static final String KEYS =
            " PARTITION BY toYYYYMM(at) ORDER BY (at, id) SETTINGS replicated_deduplication_window = 500";

    private static Still table(String engine) {
        var still = Still.table(
                ReplicatedLab.connect(0),
                ReplicatedLab.table(),
                "UUID '" + UUID.randomUUID() + "' " + COLUMNS + engine + KEYS,
                "toYYYYMM(at)",
                "id, at",
                "");
        for (int n = 0; n < 4; n++) insert(still, n * 1000L, 1000);
        return still;
    }

    private static void insert(Still still, long first, int rows) {
        rekey.Inserts.send(
                still.server,
                "INSERT INTO " + still.name.sql() + " (id, at, v) SELECT number + " + first
                        + ", toDateTime('2026-01-01 00:00:00', 'UTC') + (number % 90) * 86400, number FROM numbers("
                        + rows
                        + ")");
    }

    private static long rows(Still still) {
        return still.server.one("SELECT count() AS n FROM " + still.name.sql()).number("n");
    }

    private static long ids(Still still) {
        return still.server
                .one("SELECT uniqExact(id) AS n FROM " + still.name.sql())
                .number("n");
    }

    @ParameterizedTest
    @Tag("slow")
    @Tag("heavy")
    @ValueSource(strings = {"ReplicatedMergeTree", "ReplicatedMergeTree('/t/{shard}/{database}/{table}', '{replica}')"})
    void byOtherPathsToo(String engine) throws InterruptedException {
        forthAndBackAndForthAgain(engine);
    }

    /// Forward, back with what came since, forward again, and the end; all the while rows come in.
    @ParameterizedTest
    @ValueSource(strings = "ReplicatedReplacingMergeTree('/t/{shard}/{database}-{uuid}', '{replica}', v)")
    void forthAndBackAndForthAgain(String engine) throws InterruptedException {
        try (var still = table(engine)) {
            var before = definition(still);
            var path =
                    ReplicatedEngine.of(still.session().source().engineClause()).orElseThrow();
            var written = new AtomicLong(4000);
            var on = new AtomicBoolean(true);
            var writer = Thread.ofPlatform().start(() -> {
                while (on.get()) {
                    insert(still, written.getAndAdd(10), 10);
                    LockSupport.parkNanos(1_000_000_000L);
                }
            });
            try {
                still.migrate("resume");
                assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
                assertEquals("id, at", still.session().source().keys().orderBy());
                var live = ReplicatedEngine.of(still.session().source().engineClause())
                        .orElseThrow();
                assertFalse(live.path().equals(path.path()), live::path);
                assertEquals(path.family(), live.family());
                assertEquals(path.rest(), live.rest());
                assertEquals("500", still.session().source().settings().get("replicated_deduplication_window"));
                still.rollback();
                assertEquals(before, definition(still));
                assertFalse(new KeeperPaths(still.server).knows(live), "the path of a table that was dropped");
                still.migrate("optimize");
            } finally {
                on.set(false);
                writer.join();
            }
            assertEquals(written.get(), ids(still), "lost");
            assertEquals(written.get(), rows(still), "doubled");
            new rekey.run.Runner(still.session(), false, java.util.List.of()).run(new Finalize());
            assertInstanceOf(Position.Finalized.class, Position.of(still.session()));
            assertFalse(new KeeperPaths(still.server).knows(path), "the path of the old table");
            assertTrue(rows(still) == written.get());
            insert(still, 1_000_000, 5);
            assertEquals(written.get() + 5, rows(still));
        }
    }

    private static String definition(Still still) {
        return still.server
                .one("SELECT create_table_query AS q FROM system.tables WHERE database = "
                        + Sql.text(still.name.database()) + " AND name = " + Sql.text(still.name.table()))
                .string("q");
    }
}
