package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Still;
import rekey.StreamedInsert;
import rekey.model.Trouble;
import rekey.run.Runner;

/// A newer row comes in the moment of an attach into the live table, and the runner dies behind it: whoever goes on
/// sees to it that no older row stands in front.
@Tag("writers")
@Tag("slow")
@Order(5)
class NeverBehindThoughKilledTest extends StrayRows {
    /// In place of a kill -9 in a moment.
    private static final class Dead extends RuntimeException {}

    /// A newer row came in the moment of the attach, and the runner died before it had looked: whoever goes on
    /// looks.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void soWhereTheRunnerDiesBehindTheAttach(boolean back) throws Exception {
        try (var still = table(PLAIN)) {
            var attached = strandedBehind(still, back, "INSERT INTO %s VALUES (7, 5, 'new')", "SELECT 1");
            assertEquals("old", attached, "vacuous: it is not before the newer one");
            goesOn(still, back);
            assertEquals("new", shown(still, still.name, 7));
            assertEquals("alone", shown(still, still.name, 1000));
            still.execute("OPTIMIZE TABLE %s FINAL");
            assertEquals("new", shown(still, still.name, 7));
            assertEquals("alone", shown(still, still.name, 1000));
        }
    }

    /// The same where the live table's owner has had the attached part written anew since, so that its rows tell
    /// that it is there.
    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true", "true, true"})
    void soWhereTheAttachedPartWasWrittenAnewSince(boolean deleted, boolean back) throws Exception {
        try (var still = table(PLAIN)) {
            var attached = strandedBehind(
                    still,
                    back,
                    deleted ? "DELETE FROM %s WHERE k = 7" : "INSERT INTO %s VALUES (7, 5, 'new')",
                    "ALTER TABLE %s CLEAR INDEX i SETTINGS mutations_sync = 2");
            assertEquals("old", attached, "vacuous: it is not behind what came first");
            goesOn(still, back);
            assertEquals(deleted ? "" : "new", shown(still, still.name, 7));
            assertEquals("alone", shown(still, still.name, 1000));
            still.execute("OPTIMIZE TABLE %s FINAL");
            assertEquals(deleted ? "" : "new", shown(still, still.name, 7));
            assertEquals("alone", shown(still, still.name, 1000));
        }
    }

    /// Merged with the newer row it can't be taken out again: that is told, and then it goes on.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasMergedWithTheNewerRowIsToldOnce(boolean back) throws Exception {
        try (var still = table(PLAIN)) {
            strandedBehind(still, back, "INSERT INTO %s VALUES (7, 5, 'new')", "OPTIMIZE TABLE %s FINAL");
            var told = assertThrows(Trouble.OutcomeUnknown.class, () -> goesOn(still, back));
            assertTrue(
                    told.getMessage().contains("newer row of their keys")
                            && told.getMessage().contains("said once"),
                    told::getMessage);
            assertEquals("alone", shown(still, still.name, 1000));
            still.execute("INSERT INTO %s VALUES (7, 5, 'new')");
            goesOn(still, back);
            assertEquals("new", shown(still, still.name, 7));
            assertEquals("alone", shown(still, still.name, 1000));
        }
    }

    private static void goesOn(Still still, boolean back) {
        var next = new Runner(still.session(), true, List.of());
        if (back) next.rollback(still.migration);
        else next.run(still.migration, Optional.of("resume"));
    }

    /// The runner dies behind an attach into the live table, in whose moment something came first.
    ///
    /// @param then what the owner does behind it
    /// @return what the live table shows of key 7 behind the attach
    private static String strandedBehind(Still still, boolean back, String first, String then) {
        if (back) still.migrate("resume");
        var insert = new AtomicReference<StreamedInsert>();
        var displaced = back ? still.target() : still.migration.rewrite().backup();
        var exchanged = new AtomicBoolean();
        var attached = new AtomicReference<String>();
        var finishing = aroundTheExchange(
                displaced, () -> insert.set(begun(still, row(7, 5, "old"), row(1000, 1, "alone"))), () -> {
                    exchanged.set(true);
                    finish(insert.get());
                });
        var session = still.listening(sql -> {
            finishing.accept(sql);
            if (attached.get() != null) throw new Dead();
            if (!exchanged.get() || !sql.startsWith("ALTER TABLE " + still.name.sql() + " ATTACH")) return;
            still.execute(first);
            still.server.execute(sql);
            attached.set(shown(still, still.name, 7));
            still.execute(then);
            throw new Dead();
        });
        var runner = new Runner(session, false, List.of());
        assertThrows(Dead.class, () -> {
            if (back) runner.rollback(still.migration);
            else runner.run(still.migration, Optional.of("resume"));
        });
        return attached.get();
    }
}
