package rekey.step;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.run.Runner;
import rekey.session.Entry;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// What is ordered in the last moments before ingestion is held, and while it is.
@Tag("migration")
class PauseTest {
    /// The healthcheck may slow the copy down at any moment, an operator too: Kafka does not wait for that up to the deadline.
    @Test void aCopyThatIsThrottledWhileHeldDoesNotWait() {
        try (var scene = Scene.live(Scene.PLAIN)) {
            var session = scene.session();
            session.journal().listen(e -> {
                if (e.event() == Entry.Event.HELD) session.control().throttle("throttled by the operator");
                if (e.event() == Entry.Event.RESUMED) session.control().throttle(null);
            });
            new Runner(session, false, List.of()).run(scene.migration, Optional.of("resume"));
            var resumed = scene.journal().stream().filter(e -> e.event() == Entry.Event.RESUMED).toList();
            assertEquals(List.of("runner"), resumed.stream().map(e -> e.get("by")).toList());
            scene.assertNothingLostOrDoubled();
        }
    }

    /// Whoever is told that there will be no swap must not see one: the last comparison and the last rounds take their time.
    @Test void aSwapThatIsPostponedInTheLastRoundsIsNotMade() {
        try (var scene = Scene.live(Scene.PLAIN)) {
            var session = scene.session();
            var early = new AtomicBoolean();
            session.journal().listen(e -> {
                if (e.event() == Entry.Event.ROUND && session.progress().snapshot().step().equals("pause") && early.compareAndSet(false, true)) {
                    session.control().postpone(true);
                    Thread.startVirtualThread(() -> {
                        Scene.await("the pause to be put off", () -> scene.journal().stream().anyMatch(l -> l.detail().values().stream().anyMatch(d -> d.contains("postponed"))));
                        session.control().postpone(false);
                    });
                }
                if (e.event() == Entry.Event.HELD && session.control().postponed()) session.control().stop("held though postponed");
            });
            new Runner(session, false, List.of()).run(scene.migration, Optional.of("resume"));
            assertTrue(early.get());
            scene.assertNothingLostOrDoubled();
        }
    }
}
