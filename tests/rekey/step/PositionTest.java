package rekey.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import rekey.Still;
import rekey.model.Trouble;

/// Tables under this migration's names that are not its own, or that can't be seen: nothing is carried, dropped or
/// said to be gone.
@Tag("migration")
class PositionTest {
    private static Still swapped() {
        var still = Still.table("(a UInt64, b String) ENGINE = MergeTree ORDER BY a", "", "b, a", "");
        still.execute("INSERT INTO %s SELECT number, 'x' FROM numbers(900)");
        still.migrate("resume");
        return still;
    }

    private static String unknown(Executable run) {
        return assertThrows(Trouble.OutcomeUnknown.class, run).getMessage();
    }

    /// The backup's rows are in its copy too: carried into that they would be doubled.
    @Test
    void aTableThatItsOwnerPutInTheNewOnesPlaceIsNotFilled() {
        try (var still = swapped()) {
            var other = still.name.sibling("other");
            still.execute("CREATE TABLE " + other.sql() + " AS %s");
            still.execute("INSERT INTO " + other.sql() + " SELECT * FROM %s");
            still.execute("EXCHANGE TABLES " + other.sql() + " AND %s");
            still.execute("DROP TABLE %s SYNC", other);
            for (var step : List.of(new Resume(), new Finalize(), new Optimize()))
                assertTrue(unknown(() -> still.run(step)).contains("Another table stands under the name"), step.name());
            assertTrue(unknown(still::rollback)
                    .contains(still.migration.rewrite().backup().toString()));
            assertTrue(unknown(() -> still.migrate("resume")).contains("Another table"));
            for (var t : List.of(still.name, still.migration.rewrite().backup()))
                assertEquals(
                        900,
                        still.server.one("SELECT count() AS n FROM " + t.sql()).number("n"));
            still.execute("DROP TABLE %s SYNC", still.migration.rewrite().backup());
            assertInstanceOf(Position.Finalized.class, Position.of(still.session()));
        }
    }

    @Test
    void aBackupThatIsDetachedIsNotTakenForADroppedOne() {
        try (var still = swapped()) {
            var before = still.content(still.name);
            still.execute("DETACH TABLE %s", still.migration.rewrite().backup());
            for (Executable run : List.<Executable>of(still::rollback, () -> still.run(new Finalize())))
                assertTrue(unknown(run)
                        .contains("ATTACH TABLE "
                                + still.migration.rewrite().backup().sql()));
            still.execute("ATTACH TABLE %s", still.migration.rewrite().backup());
            still.rollback();
            assertEquals("a", still.session().source().keys().orderBy());
            assertEquals(before, still.content(still.name));
        }
    }

    /// It ended well, and had done nothing.
    @Test
    void withoutItsJournalNobodyIsToldThatItWasTakenBack() {
        try (var still = swapped()) {
            still.execute("DROP TABLE %s SYNC", still.migration.rewrite().journal());
            assertTrue(unknown(still::rollback).contains("the journal was dropped"));
            assertEquals("b, a", still.session().source().keys().orderBy());
        }
    }
}
