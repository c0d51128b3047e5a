package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.Still;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.step.Pause;

/// What is said before somebody says yes: five lines, wherever the migration stands.
@Tag("cli")
class ConsentInEachPositionTest {

    @Test
    void fiveLinesWhereverItStands() {
        try (var still = Still.table("(k UInt64, s String) ENGINE = MergeTree ORDER BY k", "", "s, k", "")) {
            still.execute("INSERT INTO %s SELECT number, toString(number % 7) FROM numbers(500)");
            assertFive(still, "500 rows");
            for (var until : List.of("backfill", "verify", "pause", "remaining", "swap"))
                assertEquals(5, until(still, until).size(), until);
            assertEquals(List.of(), until(still, "create"), "a table beside it changes no live one");
            still.migrate("backfill");
            assertEquals(List.of(), until(still, "verify"), "comparing changes nothing");
            assertEquals(5, until(still, "pause").size());
            assertFive(still, "are in");
            var session = still.listening(sql -> {
                if (sql.startsWith("RENAME")
                        && sql.endsWith(still.migration.rewrite().backup().sql())) throw new Trouble.Stopped("killed");
            });
            assertThrows(
                    Trouble.Stopped.class,
                    () -> new Runner(session, false, List.of()).run(still.migration, Optional.of("resume")));
            assertFive(still, "exchanged");
            still.migrate("resume");
            assertFive(still, "new keys");
            still.rollback();
            assertFive(still, "500 rows");
        }
    }

    private static List<String> until(Still still, String step) {
        return new Consent(still.session(), still.migration).migrate(step);
    }

    private static void assertFive(Still still, String word) {
        var consent = new Consent(still.session(), still.migration);
        assertEquals(5, consent.migrate().size(), consent.migrate()::toString);
        assertEquals(5, consent.rollback().size(), consent.rollback()::toString);
        assertTrue(String.join(" ", consent.migrate()).contains(word), consent.migrate()::toString);
    }

    /// A pause that is a person's own is ended without a question; that of a run, whoever is to end it is asked.
    @Test
    void whoseThePauseIsDecidesWhetherResumeAsks() {
        try (var scene = Scene.live(Scene.PLAIN)) {
            scene.migrate("verify");
            var session = scene.session();
            new Runner(session, false, List.of()).run(new Pause());
            assertEquals(Optional.empty(), new Consent(scene.session(), scene.migration).resume());
            new Runner(scene.session(), false, List.of()).undo(new Pause());
            assertEquals(Optional.empty(), new Consent(scene.session(), scene.migration).resume());
            scene.migrate("pause");
            var asked = new Consent(scene.session(), scene.migration).resume();
            assertEquals(5, asked.orElse(List.of()).size(), asked::toString);
            assertTrue(asked.get().getFirst().contains("the run of"), asked::toString);
            new Runner(scene.session(), false, List.of()).undo(new Pause());
        }
    }
}
