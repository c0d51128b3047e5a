package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Scene;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.step.Position;
import rekey.step.Swap;

/// Back, from everywhere, and forwards again, while messages come in: what arrived meanwhile is there, once.
@Tag("migration")
@Tag("slow")
@Order(Integer.MAX_VALUE - 1)
class RollbackTest {
    @TestFactory
    Stream<DynamicTest> rollbackOfAReplacingTableAfter() {
        return rollbacks(Scene.REPLACING, List.of("backfill", "swap", "optimize"));
    }

    @TestFactory
    Stream<DynamicTest> rollbackOfAPlainTableAfter() {
        return rollbacks(Scene.PLAIN, List.of("create", "verify", "remaining", "resume"));
    }

    /// One after the other on the same table: each goes forwards after the rollback before it.
    private static Stream<DynamicTest> rollbacks(String engine, List<String> points) {
        var scene = Scene.live(engine);
        var back = points.stream()
                .map(point -> DynamicTest.dynamicTest(point, () -> {
                    scene.producer.start();
                    scene.migrate(point);
                    scene.rollback();
                    scene.assertAsBefore();
                    assertInstanceOf(Position.NotBegun.class, Position.of(scene.session()));
                    scene.assertNothingLostOrDoubled();
                }));
        // what the targets before gave back to the source must be in the last one too
        var forward = DynamicTest.dynamicTest("and forward at last", () -> {
            scene.migrate("resume");
            scene.assertNothingLostOrDoubled();
        });
        return Stream.concat(back, Stream.of(forward)).onClose(scene::close);
    }

    @ParameterizedTest
    @ValueSource(strings = {Scene.REPLACING, Scene.PLAIN})
    void theSwapAloneTakenBackAndMadeAgain(String engine) {
        try (var scene = Scene.live(engine)) {
            scene.migrate("resume");
            var stopped = scene.session();
            stopped.journal().listen(e -> {
                if (e.event() == Entry.Event.HELD) stopped.control().stop("enough");
            });
            assertThrows(Trouble.Stopped.class, () -> new Runner(stopped, false, List.of()).rollback(scene.migration));
            assertTrue(scene.ingestionOpen() && Position.of(scene.session()) instanceof Position.Swapped);
            // FINAL hides doubles, so it is the plain one that goes round three times
            for (int i = engine.equals(Scene.PLAIN) ? 0 : 2; i < 3; i++) {
                long lines = scene.journal().size();
                scene.undo(new Swap());
                assertInstanceOf(Position.Created.class, Position.of(scene.session()));
                assertEquals(
                        "team_id, toDate(timestamp), distinct_id, uuid",
                        scene.session().source().keys().orderBy());
                scene.assertNothingLostOrDoubled();
                scene.producer.start();
                scene.migrate("resume");
                assertInstanceOf(Position.Swapped.class, Position.of(scene.session()));
                scene.assertNothingLostOrDoubled();
                scene.producer.start();
                long carried = scene.journal().stream()
                        .skip(lines)
                        .mapToLong(e -> e.detail() instanceof Detail.Attached a
                                ? a.chunk().rows()
                                : 0)
                        .sum();
                assertTrue(carried < scene.table.filled(), () -> "everything was copied again: " + carried);
            }
            scene.shown().mustNotBeVacuous();
            scene.rollback();
            scene.assertAsBefore();
            scene.assertNothingLostOrDoubled();
        }
    }

    /// Days after the swap a table gets a column: it is said what is to be done for there to be a way back still.
    @Test
    void aColumnThatCameAfterTheSwap() {
        try (var scene = Scene.live(Scene.PLAIN)) {
            var live = scene.events().sql();
            var backup = scene.migration.rewrite().backup();
            scene.migrate("resume");
            scene.server.execute("ALTER TABLE " + live + " ADD COLUMN `since then` UInt8 DEFAULT 7");
            var refused = assertThrows(Trouble.Refused.class, scene::rollback);
            assertTrue(
                    refused.getMessage().contains("only " + scene.events() + " has `since then` UInt8")
                            && refused.getMessage().contains("give " + backup + " the same"),
                    refused::getMessage);
            assertTrue(scene.ingestionOpen());
            scene.server.execute("ALTER TABLE " + backup.sql() + " ADD COLUMN `since then` UInt8 DEFAULT 7");
            scene.rollback();
            scene.assertNothingLostOrDoubled();
            assertEquals(scene.count(scene.events(), "1"), scene.count(scene.events(), "`since then` = 7"));
        }
    }
}
