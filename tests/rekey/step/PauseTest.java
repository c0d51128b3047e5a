package rekey.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry;

/// What is ordered in the last moments before ingestion is held, and while it is.
@Tag("migration")
class PauseTest {
    /// The healthcheck may slow the copy down at any moment, an operator too: Kafka does not wait for that up to the
    /// deadline.
    @Test
    @Tag("slow")
    void aCopyThatIsThrottledWhileHeldDoesNotWait() {
        try (var scene = Scene.live(Scene.PLAIN)) {
            var session = scene.session();
            session.journal().listen(e -> {
                if (e.event() == Entry.Event.HELD) session.control().throttle("throttled by the operator");
                if (e.event() == Entry.Event.RESUMED) session.control().throttle(null);
            });
            new Runner(session, false, List.of()).run(scene.migration, Optional.of("resume"));
            var resumed = scene.journal().stream()
                    .filter(e -> e.event() == Entry.Event.RESUMED)
                    .toList();
            assertEquals(
                    List.of("runner"),
                    resumed.stream()
                            .map(e -> ((Detail.Resumed) e.detail()).by())
                            .toList());
            scene.assertNothingLostOrDoubled();
        }
    }

    /// Days lie between the first look at Kafka and the pause: what is deleted before it is read is gone for good.
    @Test
    void itIsNotBegunWhereKafkaWouldDeleteMeanwhile() throws Exception {
        try (var scene = Scene.live(Scene.PLAIN)) {
            scene.migrate("verify");
            for (var limit : List.of(
                    List.of("retention.bytes", "20000", "-1"), List.of("retention.ms", "1200000", "604800000"))) {
                alter(scene, limit.get(0), limit.get(1));
                var refused = assertThrows(Trouble.Refused.class, () -> scene.migrate("resume"));
                assertTrue(
                        refused.getMessage().startsWith("Nothing was paused: Kafka headroom: ")
                                && refused.getMessage()
                                        .contains("Raise " + limit.get(0) + " of topic " + scene.table.topic()),
                        refused::getMessage);
                assertTrue(scene.ingestionOpen()
                        && scene.journal().stream().noneMatch(e -> e.event() == Entry.Event.HELD));
                alter(scene, limit.get(0), limit.get(2));
            }
            scene.migrate("resume");
            assertInstanceOf(Position.Swapped.class, Position.of(scene.session()));
            scene.assertNothingLostOrDoubled();
        }
    }

    private static void alter(Scene scene, String key, String value) throws Exception {
        try (var admin = scene.lab.kafka().admin()) {
            admin.incrementalAlterConfigs(Map.of(
                            new ConfigResource(ConfigResource.Type.TOPIC, scene.table.topic()),
                            List.of(new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }
    }

    /// Whoever is told that there will be no swap must not see one: the last comparison and the last rounds take
    /// their time.
    @Test
    void aSwapThatIsPostponedInTheLastRoundsIsNotMade() {
        try (var scene = Scene.live(Scene.PLAIN)) {
            var session = scene.session();
            var early = new AtomicBoolean();
            session.journal().listen(e -> {
                if (e.event() == Entry.Event.ROUND
                        && session.progress().snapshot().step().equals("pause")
                        && early.compareAndSet(false, true)) {
                    session.control().postpone(true);
                    Thread.startVirtualThread(() -> {
                        Scene.await(
                                "the pause to be put off",
                                () -> scene.journal().stream()
                                        .anyMatch(l ->
                                                l.text().values().stream().anyMatch(d -> d.contains("postponed"))));
                        session.control().postpone(false);
                    });
                }
                if (e.event() == Entry.Event.HELD && session.control().postponed())
                    session.control().stop("held though postponed");
            });
            new Runner(session, false, List.of()).run(scene.migration, Optional.of("resume"));
            assertTrue(early.get());
            scene.assertNothingLostOrDoubled();
        }
    }
}
