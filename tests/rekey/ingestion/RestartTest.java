package rekey.ingestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.Still;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.ServerGone;
import rekey.copy.MergeHold;
import rekey.lab.EmbeddedLab;
import rekey.lab.GuideTable;
import rekey.lab.LabOptions;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.RunLock;
import rekey.run.Runner;
import rekey.session.Control;
import rekey.session.Entry.Event;
import rekey.step.Backfill;
import rekey.step.Create;
import rekey.step.Position;

/// The server killed and started again while ingestion is held.
@Tag("restart")
@Tag("slow")
@Order(4)
class RestartTest {
    /// A restarted server gets its partitions back when the session of its consumers from before has timed out:
    /// after 45 s by default, here after 10. With the gate closed it asks for none.
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(25);
    private static final String SESSION = ("<kafka><session_timeout_ms>10000</session_timeout_ms>"
            + "<heartbeat_interval_ms>1000</heartbeat_interval_ms></kafka>");
    private static EmbeddedLab lab;

    @BeforeAll
    static void start() {
        lab = EmbeddedLab.start(LabOptions.temporary().withServerXml(SESSION));
    }

    @AfterAll
    static void end() {
        lab.close();
    }

    private static void restart() {
        lab.clickhouse().kill();
        lab.clickhouse().start();
    }

    @Test
    void aRestartedServerGivesTheLockBackToItsHolder() {
        var table = new TableName("locks", "t");
        var control = new Control(Scene.LIMITS);
        try (var server = lab.clickhouse().connect();
                var _ = RunLock.acquire(server, table, "the first", false, control)) {
            control.fence();
            restart();
            // another may have had it in between: what is known has to be read anew
            Scene.await(
                    "the lock to be lost",
                    () -> thrown(control::fence) instanceof ServerGone e
                            && e.getMessage().contains("read anew"));
            control.fence();
            assertEquals(
                    "the first",
                    RunLock.holder(server, table).orElseThrow().who().split(" on ")[0]);
        }
    }

    private static RuntimeException thrown(Runnable action) {
        try {
            action.run();
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }

    /// The first question after a restart may still be sent on a dead connection.
    private static boolean answers(Scene scene) {
        try {
            return scene.table.assigned() >= 0;
        } catch (ServerGone e) {
            return false;
        }
    }

    @Test
    void aServerRestartedWhileHeldReadsNothing() {
        try (var scene =
                Scene.live(lab, new TableName("held", "events"), GuideTable.Options.GUIDE.withEngine(Scene.PLAIN))) {
            scene.migrate("verify");
            var ingestion = scene.session().catalog().ingestion(scene.events());
            var gate = new Gate(scene.server, scene.migration.rewrite());
            gate.close(ingestion);
            new Consumers(scene.server, ingestion)
                    .awaitStopped(new Control(Scene.LIMITS), Instant.now().plus(Scene.PATIENCE));
            var committed = lab.kafka().committed(scene.table.group(), scene.table.topic());
            restart();
            Scene.await("the connection to be made anew", () -> answers(scene));
            // until the group has its partitions again and has kept them for a while, or as long as it would have
            // taken
            int samples = 0;
            for (var end = Instant.now().plus(LONG_ENOUGH);
                    Instant.now().isBefore(end) && samples < 50;
                    LockSupport.parkNanos(100_000_000)) {
                assertEquals(committed, lab.kafka().committed(scene.table.group(), scene.table.topic()));
                if (scene.table.assigned() == GuideTable.PARTITIONS) samples++;
            }
            assertTrue(
                    scene.producer.ledger().endOffsets().entrySet().stream()
                            .anyMatch(e -> e.getValue() > committed.getOrDefault(e.getKey(), 0L)),
                    "vacuous: nothing came meanwhile");
            gate.open();
            Scene.await(
                    "the group to read on",
                    () -> !lab.kafka()
                            .committed(scene.table.group(), scene.table.topic())
                            .equals(committed));
            scene.migrate("resume");
            scene.assertNothingLostOrDoubled();
        }
    }

    private static boolean held(Scene scene) {
        try {
            return MergeHold.held(scene.session().source());
        } catch (ServerGone e) {
            return false;
        }
    }

    /// The part with the highest number is dropped and the server restarted: the next INSERT gets that number again,
    /// which counts as carried. The comparison from before the restart counts for nothing, and the next one finds
    /// it.
    @Test
    void aNumberThatIsGivenTwiceIsFound() {
        var server = lab.clickhouse().connect();
        server.execute("CREATE DATABASE twice");
        server.execute("CREATE DATABASE swapped");
        var definition =
                "(a UInt64, p UInt8) ENGINE = MergeTree PARTITION BY p ORDER BY a SETTINGS old_parts_lifetime = 1";
        try (var still = Still.table(server, new TableName("twice", "t"), definition, "p", "p, a", "");
                var swapped = Still.table(server, new TableName("swapped", "t"), definition, "p", "p, a", "")) {
            swapped.execute("INSERT INTO %s SELECT number, 0 FROM numbers(10)");
            swapped.migrate("backfill");
            swapped.execute("INSERT INTO %s VALUES (100, 1)");
            swapped.migrate("resume");
            drop(swapped, 1);
            still.execute("INSERT INTO %s SELECT number, 0 FROM numbers(10)");
            still.migrate("verify");
            still.execute("INSERT INTO %s VALUES (100, 1)");
            still.run(new Backfill());
            another(still, 1, "(200, 1)");
            // of what the swap itself brought
            given(swapped, "(200, 1)");
            var late = assertThrows(Trouble.Refused.class, swapped::rollback);
            assertTrue(late.getMessage().contains("differ"), late::getMessage);
            assertInstanceOf(Position.Swapped.class, Position.of(swapped.session()));
            var refused = assertThrows(Trouble.Refused.class, () -> still.migrate("resume"));
            assertTrue(refused.getMessage().contains("gave the block's number again"), refused::getMessage);
            assertInstanceOf(Position.Created.class, Position.of(still.session()));
            still.undo(new Backfill());
            still.migrate("resume");
            assertEquals(
                    11,
                    server.one("SELECT count() AS n FROM " + still.name.sql() + " WHERE a < 10 OR a = 200")
                            .number("n"));

            // and of a way back that was cut short
            still.execute("INSERT INTO %s VALUES (300, 2)");
            var session = still.session();
            session.journal().listen(e -> {
                if (e.event() == Event.ROUND) session.control().stop("enough");
            });
            assertThrows(Trouble.Stopped.class, () -> new Runner(session, false, List.of()).rollback(still.migration));
            another(still, 2, "(400, 2)");
            refused = assertThrows(Trouble.Refused.class, still::rollback);
            assertTrue(
                    refused.getMessage().matches("(?s).*(differ|gave the block's number again).*"),
                    refused::getMessage);
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
        }
    }

    /// Drops a partition that has the highest number and inserts a row that gets it again.
    private static void another(Still still, int partition, String row) {
        drop(still, partition);
        restart();
        // its connections of before the restart are closed, and whoever asks first by one of them finds out
        Scene.await("the server to answer by new connections", () -> {
            try {
                HostsInParallel.all(Collections.nCopies(16, still.server), s -> s.query("SELECT 1"));
                return true;
            } catch (ServerGone e) {
                return false;
            }
        });
        given(still, row);
    }

    private static void drop(Still still, int partition) {
        still.execute("ALTER TABLE %s DROP PARTITION " + partition);
        Scene.await("the part to be gone from the disk", () -> {
            // the server looks after a table at rest ever more seldom; after each DROP PARTITION it does
            LockSupport.parkNanos(300_000_000);
            still.execute("ALTER TABLE %s DROP PARTITION 99");
            return blocks(still.server, still, "partition_id = '" + partition + "'") == 0;
        });
    }

    private static void given(Still still, String row) {
        Scene.await("the server", () -> thrown(() -> still.server.query("SELECT 1")) == null);
        // of several connections from before the restart each finds out by itself
        try (var fresh = lab.clickhouse().connect()) {
            long highest = blocks(fresh, still, "1");
            fresh.execute("INSERT INTO " + still.name.sql() + " VALUES " + row);
            assertEquals(highest + 1, blocks(fresh, still, "1"), "vacuous: the number was not given again");
        }
    }

    private static long blocks(ClickHouse server, Still still, String where) {
        return server.one("SELECT max(max_block_number) AS n FROM system.parts WHERE database = '"
                        + still.name.database() + "' AND table = 't' AND " + where)
                .number("n");
    }

    /// The runner itself waits for the server, sees what has happened, and goes on: in a copy, while held, between
    /// the EXCHANGE and the rename, between that and the reopening.
    @Test
    void aRunnerOutlivesRestarts() {
        try (var scene = Scene.live(
                lab, new TableName("outlived", "events"), GuideTable.Options.GUIDE.withEngine(Scene.PLAIN))) {
            var moments = new ArrayList<>(List.of(
                    "ATTACH PARTITION",
                    "pause DONE",
                    "TO " + scene.migration.rewrite().backup().sql(),
                    "DROP TABLE IF EXISTS " + scene.migration.rewrite().gate(1).sql()));
            Consumer<String> restarts = now -> {
                if (moments.isEmpty() || !now.contains(moments.getFirst())) return;
                // the gate is opened also where a pause is given up: what is meant is the one after the swap
                if (now.startsWith("DROP") && !(Position.of(scene.session()) instanceof Position.Swapped)) return;
                moments.removeFirst();
                restart();
                if (now.equals("pause DONE")) Scene.await("merges to be held still", () -> held(scene));
            };
            var session = scene.listening(restarts);
            session.journal().listen(e -> restarts.accept(e.step() + " " + e.event()));
            new Runner(session, false, List.of()).run(scene.migration, Optional.of("resume"));
            assertTrue(moments.isEmpty(), "vacuous: the server was not restarted at each of them");
            assertInstanceOf(Position.Swapped.class, Position.of(scene.session()));
            scene.assertNothingLostOrDoubled();
        }
    }

    /// An operation by itself waits for the server as a whole migration does; but not for ever, where it may be what
    /// ends it.
    @Test
    void oneOperationWaitsTooButNotForEver() {
        var server = lab.clickhouse().connect();
        server.execute("CREATE DATABASE alone");
        try (var still = Still.table(
                server,
                new TableName("alone", "t"),
                "(a UInt64) ENGINE = MergeTree ORDER BY a",
                "",
                "cityHash64(a), a",
                "")) {
            still.execute("INSERT INTO %s SELECT number FROM numbers(10)");
            still.run(new Create());
            var ended = new ArrayList<String>();
            Consumer<String> ends = sql -> {
                if (!sql.startsWith("INSERT INTO") || !sql.contains("_staging_")) return;
                ended.add(sql);
                lab.clickhouse().kill();
                Thread.ofPlatform().start(lab.clickhouse()::start);
            };
            var failed = assertThrows(
                    Trouble.Failed.class,
                    () -> new Runner(still.listening(ends), false, List.of()).run(new Backfill()));
            assertTrue(failed.getMessage().contains("4 times in a row"), failed::getMessage);
            assertEquals(4, ended.size());
            new Runner(
                            still.listening(sql -> {
                                if (ended.size() == 4) ends.accept(sql);
                            }),
                            false,
                            List.of())
                    .run(new Backfill());
            assertEquals(5, ended.size(), "vacuous: it was not ended once more");
            still.migrate("resume");
            assertEquals(
                    10,
                    server.one("SELECT count() AS n FROM " + still.name.sql()).number("n"));
        }
    }
}
