package rekey.ingestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.clickhouse.ServerError;
import rekey.copy.MergeHold;
import rekey.run.Runner;
import rekey.session.Entry;
import rekey.step.Pause;
import rekey.step.Resume;

@Tag("migration")
class GateTest {
    /// Messages wait in Kafka all the while. In a run of all tests 50 rows came in by a `pause` that was run a
    /// second time.
    @Test
    void oneThatStandsIsNotOpenedToCloseItAgain() {
        try (var scene = Scene.live(Scene.PLAIN)) {
            var ingestion = scene.session().catalog().ingestion(scene.events());
            var gate = new Gate(scene.server, scene.migration.rewrite());
            gate.close(ingestion);
            new Consumers(scene.server, ingestion)
                    .awaitStopped(scene.session().control(), Instant.now().plus(Scene.PATIENCE));
            var before = scene.content(scene.events());
            for (int i = 0; i < 200; i++) gate.close(ingestion);
            new Consumers(scene.server, ingestion)
                    .awaitStopped(scene.session().control(), Instant.now().plus(Scene.PATIENCE));
            assertEquals(before, scene.content(scene.events()));
            gate.open();
            Scene.await("messages to come in again", () -> !before.equals(scene.content(scene.events())));
        }
    }

    /// One more deadline, and one more, would hold ingestion for as long as somebody repeats it. Nor do merges go on
    /// behind it.
    @Test
    @Tag("slow")
    void aPauseThatIsRunAgainChangesNothing() throws Exception {
        try (var scene = Scene.live(Scene.PLAIN)) {
            scene.migrate("verify");
            scene.run(new Pause());
            var journal = held(scene);
            scene.run(new Pause());
            assertEquals(journal, held(scene));
            Thread.sleep(3000); // a guard looks once a second
            assertTrue(MergeHold.held(scene.session().source()));
            scene.run(new Resume());
            assertTrue(scene.ingestionOpen());
        }
    }

    /// Stopped for a while before its gate is closed, it goes on when another has taken over and ended, and is
    /// killed; its guard is gone. Nor does one of its statements that acts by itself, late, close anything.
    @Test
    void aRunnerThatWasTakenOverClosesNothing() {
        try (var scene = Scene.live(Scene.PLAIN)) {
            var gate = new Gate(scene.server, scene.migration.rewrite());
            var statements = gate.closing(scene.session().catalog().ingestion(scene.events()));
            scene.migrate("verify");
            var over = new AtomicBoolean();
            var session = scene.listening(sql -> {
                if (sql.equals(statements.getFirst()) && over.compareAndSet(false, true))
                    new Runner(scene.session(), true, List.of()).run(scene.migration, Optional.of("resume"));
                if (!sql.equals(statements.getLast()) || !over.get()) return;
                scene.server.execute(sql);
                throw new Error("killed"); // no Trouble: who is killed puts nothing right on his way out
            });
            var ended = assertThrows(
                    Throwable.class,
                    () -> new Runner(session, false, List.of()).run(scene.migration, Optional.of("resume")));
            assertTrue(over.get(), "vacuous: nobody took over");
            assertTrue(scene.ingestionOpen(), () -> "it closed the gate: " + ended);
            for (var sql : statements.reversed()) {
                try {
                    scene.server.execute(sql);
                } catch (ServerError e) {
                    assertEquals(ServerError.UNKNOWN_TABLE, e.code(), e::getMessage);
                }
                assertEquals(List.of(), gate.standing(), sql);
            }
            gate.open(); // a target without a gate is left
            scene.assertNothingLostOrDoubled();
        }
    }

    private static List<Entry> held(Scene scene) {
        return scene.journal().stream()
                .filter(e -> e.is(Entry.Event.HELD, Entry.Event.RESUMED))
                .toList();
    }

    /// As one that was interrupted leaves it.
    @Test
    void oneThatIsHalfMadeIsClosed() {
        try (var scene = Scene.live(Scene.PLAIN)) {
            var ingestion = scene.session().catalog().ingestion(scene.events());
            var gate = new Gate(scene.server, scene.migration.rewrite());
            for (var sql : gate.closing(ingestion).subList(0, 2)) scene.server.execute(sql);
            gate.close(ingestion);
            assertEquals(1, gate.standing().size());
            assertTrue(gate.leftTargets().isEmpty());
            new Consumers(scene.server, ingestion)
                    .awaitStopped(scene.session().control(), Instant.now().plus(Scene.PATIENCE));
            gate.open();
            assertTrue(gate.standing().isEmpty());
        }
    }
}
