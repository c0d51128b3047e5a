package rekey.ingestion;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.clickhouse.ServerGone;
import rekey.lab.EmbeddedLab;
import rekey.lab.GuideTable;
import rekey.lab.LabOptions;
import rekey.model.TableName;
import rekey.run.RunLock;
import rekey.run.Runner;
import rekey.session.Control;
import rekey.session.Entry;
import rekey.session.Entry.Event;
import rekey.step.Position;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// The server killed and started again while ingestion is held.
@Tag("restart")
class RestartTest {
    /// A restarted server gets its partitions back when the session of its consumers from before has timed out: after 45 s by
    /// default, here after 10.
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(90);
    private static final String SESSION = "<kafka><session_timeout_ms>10000</session_timeout_ms><heartbeat_interval_ms>1000</heartbeat_interval_ms></kafka>";
    private static EmbeddedLab lab;

    @BeforeAll static void start() {
        lab = EmbeddedLab.start(LabOptions.temporary().withServerXml(SESSION));
    }

    @AfterAll static void end() {
        lab.close();
    }

    private static void restart() {
        lab.clickhouse().kill();
        lab.clickhouse().start();
    }

    @Test void aRestartedServerGivesTheLockBackToItsHolder() {
        var table = new TableName("locks", "t");
        var control = new Control(Scene.LIMITS);
        try (var server = lab.clickhouse().connect(); var _ = RunLock.acquire(server, table, "the first", false, control)) {
            control.fence();
            restart();
            // another may have had it in between: what is known has to be read anew
            Scene.await("the lock to be lost", () -> thrown(control::fence) instanceof ServerGone e && e.getMessage().contains("read anew"));
            control.fence();
            assertEquals("the first", RunLock.holder(server, table).orElseThrow().who().split(" on ")[0]);
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

    @Test void aServerRestartedWhileHeldReadsNothing() {
        try (var scene = Scene.live(lab, new TableName("held", "events"), GuideTable.Options.GUIDE.withEngine(Scene.PLAIN))) {
            scene.migrate("verify");
            var ingestion = scene.session().catalog().ingestion(scene.events());
            var gate = new Gate(scene.server, scene.migration.rewrite());
            gate.close(ingestion);
            new Consumers(scene.server, ingestion).awaitStopped(new Control(Scene.LIMITS), Instant.now().plus(Scene.PATIENCE));
            var committed = lab.kafka().committed(scene.table.group(), scene.table.topic());
            restart();
            Scene.await("the connection to be made anew", () -> answers(scene));
            // until the group has its partitions again and has kept them for a while, or for 90 s
            int samples = 0;
            for (var end = Instant.now().plus(LONG_ENOUGH); Instant.now().isBefore(end) && samples < 50; LockSupport.parkNanos(100_000_000)) {
                assertEquals(committed, lab.kafka().committed(scene.table.group(), scene.table.topic()));
                if (scene.table.assigned() == GuideTable.PARTITIONS) samples++;
            }
            assertTrue(scene.producer.ledger().endOffsets().entrySet().stream().anyMatch(e -> e.getValue() > committed.getOrDefault(e.getKey(), 0L)), "vacuous: nothing came meanwhile");
            gate.open();
            Scene.await("the group to read on", () -> !lab.kafka().committed(scene.table.group(), scene.table.topic()).equals(committed));
            scene.migrate("resume");
            scene.assertNothingLostOrDoubled();
        }
    }

    /// The runner itself waits for the server, sees what has happened, and goes on.
    @Test void aRunnerOutlivesRestartsWhileHeld() {
        try (var scene = Scene.live(lab, new TableName("outlived", "events"), GuideTable.Options.GUIDE.withEngine(Scene.PLAIN))) {
            scene.migrate("verify");
            var moments = new ArrayList<Predicate<Entry>>(List.of(
                    e -> e.step().equals("pause") && e.event() == Event.DONE,
                    e -> e.step().equals("swap") && e.event() == Event.INTENT));
            var session = scene.session();
            session.journal().listen(e -> {
                if (moments.isEmpty() || !moments.getFirst().test(e)) return;
                moments.removeFirst();
                restart();
            });
            new Runner(session, false, List.of()).run(scene.migration, Optional.of("resume"));
            assertTrue(moments.isEmpty(), "vacuous: the server was not restarted at each of them");
            assertInstanceOf(Position.Swapped.class, Position.of(scene.session()));
            scene.assertNothingLostOrDoubled();
        }
    }
}
