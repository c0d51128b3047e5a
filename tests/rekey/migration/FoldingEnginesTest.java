package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import rekey.copy.MergeHold;
import rekey.model.TableName;

/// Tables whose merges fold rows: what each key says is the same all the way there, back, and there again, beside a
/// writer that never pauses.
@Tag("engines")
@Tag("slow")
class FoldingEnginesTest {
    private static boolean held(Folding.Bed bed, TableName table) {
        return MergeHold.held(bed.still().session().catalog().table(table));
    }

    @ParameterizedTest
    @EnumSource
    void thereAndBackAndThereAgainWhileRowsCome(Folding engine) throws InterruptedException {
        try (var bed = engine.bed()) {
            var still = bed.still();
            var before = still.session().source();
            bed.whileRowsCome(() -> still.migrate("resume"));
            bed.assertSame("there");
            var live = still.session().source();
            assertEquals("(" + engine.orderBy + ")", "(" + live.keys().orderBy() + ")");
            assertFalse(held(bed, still.name), "merges of the live table are its own again");
            still.execute("OPTIMIZE TABLE %s FINAL");
            bed.assertSame("there, merged");

            bed.whileRowsCome(still::rollback);
            bed.assertSame("back");
            assertEquals(before.definition(), still.session().source().definition());
            still.execute("OPTIMIZE TABLE %s FINAL");
            bed.assertSame("back, merged");

            bed.whileRowsCome(() -> still.migrate("resume"));
            bed.assertSame("there again");
            still.execute("OPTIMIZE TABLE %s FINAL");
            bed.assertSame("there again, merged");
            assertTrue(still.session()
                    .source()
                    .keys()
                    .orderBy()
                    .startsWith(engine.orderBy.split(",")[0]));
        }
    }
}
