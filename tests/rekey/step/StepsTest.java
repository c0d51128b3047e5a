package rekey.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Scene;
import rekey.clickhouse.Ddl;
import rekey.session.Detail;
import rekey.session.Entry.Event;
import rekey.step.Step.Phase;

/// Each operation by itself, while messages come in: its state as the server tells it, run a second time, taken
/// back.
@Tag("migration")
@Tag("slow")
@Order(Integer.MAX_VALUE - 3)
class StepsTest {
    private static final Set<String> HELD = Set.of("pause", "remaining", "swap");

    @ParameterizedTest
    @ValueSource(strings = {Scene.REPLACING, Scene.PLAIN})
    void anOperationRunTwiceChangesNothingTheSecondTime(String engine) {
        try (var scene = Scene.live(engine)) {
            for (var step : Steps.flat(scene.migration.steps())) {
                assertNotEquals(
                        Phase.DONE, step.state(scene.session()).phase(), () -> step.name() + " before it was run");
                scene.run(step);
                assertEquals(Phase.DONE, step.state(scene.session()).phase(), () -> step.name() + " after it was run");
                if (HELD.contains(step.name())) scene.producer.pause();
                else scene.quiet();
                String differing;
                long reopened;
                int tries = 0;
                do { // two pauses, and what is looked at between them, take a busy machine longer than a deadline may
                    // be
                    reopened = reopened(scene);
                    if (!step.name().equals("swap")) untilNothingIsCarried(scene, step);
                    var before = all(scene);
                    scene.run(step);
                    differing = differing(before, all(scene));
                } while (reopened(scene) > reopened && ++tries < 5);
                assertEquals("", differing, () -> step.name() + " run again");
                assertEquals(Phase.DONE, step.state(scene.session()).phase());
                scene.producer.start();
            }
            scene.shown().mustNotBeVacuous();
            scene.quiet();
            assertTrue(scene.judge().ok(), () -> scene.judge().toString());
        }
    }

    /// Tables, their definitions, their rows, and what was carried. Not what had no row in it: a part that was
    /// merged meanwhile spans numbers of which nothing is left, and they are noted as carried.
    private static Map<String, String> all(Scene scene) {
        var all = new TreeMap<>(scene.tables());
        for (var t : List.of(
                scene.events(),
                scene.migration.rewrite().target(),
                scene.migration.rewrite().backup()))
            if (all.containsKey(t.table())) all.put(t.table() + ": rows", scene.content(t));
        all.put(
                "carried",
                scene.journal().stream()
                        .filter(e -> Set.of(Event.INTENT, Event.ATTACHED, Event.ABANDONED, Event.ROUND)
                                        .contains(e.event())
                                && !"0".equals(e.text().get("rows")))
                        .map(e -> e.event() + " " + e.text())
                        .collect(Collectors.joining("\n")));
        return all;
    }

    /// A consumer's batch may begin just before the gate is closed, unseen, and end after the next run's last round.
    private static void untilNothingIsCarried(Scene scene, Step step) {
        for (long before = -1, after = carried(scene); after > before; after = carried(scene)) {
            before = after;
            scene.run(step);
        }
    }

    /// How often a guard has opened ingestion.
    private static long reopened(Scene scene) {
        return scene.journal().stream()
                .filter(e -> e.detail() instanceof Detail.Resumed r && r.byGuard())
                .count();
    }

    private static long carried(Scene scene) {
        return scene.journal().stream()
                .filter(e ->
                        e.detail() instanceof Detail.Attached a && a.chunk().rows() > 0)
                .count();
    }

    /// Where two looks differ: the lines that one has and the other has not.
    private static String differing(Map<String, String> before, Map<String, String> after) {
        var out = new StringBuilder();
        var names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        for (var name : names) {
            var was = List.of(before.getOrDefault(name, "").split("\n"));
            var is = List.of(after.getOrDefault(name, "").split("\n"));
            was.stream()
                    .filter(line -> !is.contains(line))
                    .forEach(line ->
                            out.append(name).append(" was: ").append(line).append('\n'));
            is.stream()
                    .filter(line -> !was.contains(line))
                    .forEach(line ->
                            out.append(name).append(" is: ").append(line).append('\n'));
        }
        return out.toString();
    }

    @Test
    void anOperationTakenBackLeavesTheServerAsBefore() {
        try (var scene = Scene.live(Scene.PLAIN)) {
            var atPause = Map.<String, String>of();
            for (var step : Steps.flat(scene.migration.steps())) {
                var before = definitions(scene);
                if (step.name().equals("pause")) atPause = before;
                scene.run(step);
                var after = definitions(scene);
                scene.undo(step);
                // to take the swap back is to go back to before the pause; there is nothing to take back of a resume
                assertEquals(
                        step.name().equals("swap") ? atPause : step.name().equals("resume") ? after : before,
                        definitions(scene),
                        () -> step.name() + " taken back");
                assertEquals(
                        !Set.of("remaining").contains(step.name()),
                        scene.ingestionOpen(),
                        () -> step.name() + " taken back");
                if (step.name().equals("swap"))
                    for (var again : List.of(new Pause(), new Remaining(), new Swap())) scene.run(again);
                else if (!step.name().equals("remaining")) scene.run(step);
            }
            scene.assertNothingLostOrDoubled();
            scene.shown().mustNotBeVacuous();
            scene.rollback();
            scene.assertAsBefore();
            scene.assertNothingLostOrDoubled();
        }
    }

    /// Block numbers stay on until create is taken back: by them it is told what was carried.
    private static Map<String, String> definitions(Scene scene) {
        var all = scene.tables();
        all.replaceAll(
                (name, sql) -> sql.replaceAll(",? (" + Ddl.BLOCK_NUMBERS + " = 1|" + Ddl.MUTATIONS_KEPT + " = 0)", ""));
        return all;
    }
}
