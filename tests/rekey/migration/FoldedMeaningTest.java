package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import rekey.Still;
import rekey.compare.ComparedPartition.Proof;
import rekey.compare.ComparedShare;
import rekey.compare.ComparisonResult;
import rekey.compare.ComparisonVerdict;
import rekey.step.Backfill;
import rekey.step.Create;
import rekey.step.Verify;

/// Where merges have folded rows of one side, both are compared by what their keys mean to the engine.
@Tag("engines")
@Tag("slow")
class FoldedMeaningTest {
    private static Still filled(Folding.Bed bed) {
        bed.still().run(new Create());
        bed.still().run(new Backfill());
        // its guard gives merges back in ten seconds, and what one side merges while it is read is not told
        bed.still().execute("SYSTEM STOP MERGES %s");
        return bed.still();
    }

    private static ComparisonResult look(Still still) {
        return Verify.look(still.session(), ComparedShare.ALL, false);
    }

    private static void assertMeant(ComparisonResult found) {
        assertEquals("same", found.verdict(), found::toString);
        assertTrue(found.partitions().stream().anyMatch(c -> c.by() == Proof.MEANING), found::toString);
    }

    @ParameterizedTest
    @EnumSource
    void whatWasFoldedMeansTheSame(Folding engine) {
        try (var bed = engine.bed()) {
            var still = filled(bed);
            still.execute("OPTIMIZE TABLE %s FINAL", still.target());
            assertMeant(look(still));
            still.migrate("resume");
            still.execute("OPTIMIZE TABLE %s FINAL");
            var later = look(still);
            assertMeant(later);
            assertTrue(later.notes().toString().contains("compared by what its keys mean"), later::toString);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        SUMMING     | DELETE WHERE site = 3 AND path = '3'
        SUMMING     | UPDATE bytes = bytes * 2, hits = hits * 2 WHERE site = 3 AND path = '3'
        SUMMING     | UPDATE bytes = bytes + 1 WHERE site = 3 AND path = '3'
        SUMMING     | UPDATE bytes = bytes + if(site = 3, 1, -1) WHERE site IN (3, 4)
        SUMMING     | UPDATE hits = 0, bytes = 0 WHERE site = 3 AND path = '3'
        AGGREGATING | DELETE WHERE site = 3
        AGGREGATING | UPDATE hits = hits + if(site = 3, 1, -1) WHERE site IN (3, 4)
        AGGREGATING | UPDATE who = arrayReduce('uniqExactState', [toUInt64(999999)]) WHERE site = 3
        COLLAPSING  | DELETE WHERE session = 37
        COLLAPSING  | UPDATE pages = pages + 1 WHERE session = 37
        COLLAPSING  | UPDATE pages = pages + if(session = 37, 1, -1) WHERE session IN (37, 38)
        VERSIONED   | DELETE WHERE session = 37
        VERSIONED   | UPDATE pages = pages + 1 WHERE session = 37
        VERSIONED   | UPDATE pages = pages + if(session = 37, 1, -1) WHERE session IN (37, 38)
        COALESCING  | DELETE WHERE id = 37
        COALESCING  | UPDATE a = ifNull(a, 0) + 1 WHERE id = 37
        COALESCING  | UPDATE b = NULL WHERE id < 50
        """)
    void aDifferenceIsFoundThere(Folding engine, String error) {
        try (var bed = engine.bed()) {
            var still = filled(bed);
            still.execute("ALTER TABLE %s " + error + " SETTINGS mutations_sync = 2", still.target());
            still.execute("OPTIMIZE TABLE %s FINAL", still.target());
            var found = look(still);
            assertEquals("differs", found.verdict(), found::toString);
            assertTrue(found.differing().stream().allMatch(c -> c.by() == Proof.MEANING), found::toString);
            assertTrue(found.differing().stream().anyMatch(c -> !c.keys().isEmpty()), "keys are named");
        }
    }

    /// Two values or one, their average is the same.
    @ParameterizedTest
    @CsvSource({"[5], same", "'[5, 5]', differs", "[6], differs"})
    void anAverageHasItsWeight(String values, String verdict) {
        try (var still = Still.table(
                "(k UInt8, x UInt8, a AggregateFunction(avg, UInt64), s AggregateFunction(sumIf, UInt64, UInt8),"
                        + " f AggregateFunction(avg, Float64), l SimpleAggregateFunction(max, UInt64), plain"
                        + " SimpleAggregateFunction(any, UInt8))"
                        + " ENGINE = AggregatingMergeTree ORDER BY (k, x)",
                "",
                "x, k",
                "")) {
            for (int i = 0; i < 3; i++)
                still.execute("INSERT INTO %s SELECT number, 1, avgState(toUInt64(5)), sumIfState(toUInt64(number),"
                        + " number > 1), avgState(0.1), max(number + " + i + "), " + i
                        + " FROM numbers(4) GROUP BY number");
            still.run(new Create());
            still.run(new Backfill());
            still.execute("SYSTEM STOP MERGES %s");
            still.execute(
                    "ALTER TABLE %s UPDATE a = arrayReduce('avgState', arrayMap(v -> toUInt64(v), " + values
                            + ")) WHERE k = 2 SETTINGS mutations_sync = 2",
                    still.target());
            still.execute("OPTIMIZE TABLE %s FINAL", still.target());
            var found = look(still);
            assertEquals(verdict, found.verdict(), found::toString);
            assertTrue(found.notes().toString().contains("f, plain"), found::toString);
        }
    }

    /// With nothing that is added up exactly there is nothing to say, and no error.
    @Test
    void sumsOfFloatsAlone() {
        try (var still = Still.table(
                "(k UInt8, x UInt8, price Float64) ENGINE = SummingMergeTree ORDER BY (k, x)", "", "x, k", "")) {
            for (int i = 0; i < 3; i++) still.execute("INSERT INTO %s SELECT number, 1, 0.1 FROM numbers(4)");
            still.run(new Create());
            still.run(new Backfill());
            still.execute("SYSTEM STOP MERGES %s");
            still.execute("OPTIMIZE TABLE %s FINAL", still.target());
            var found = look(still);
            assertEquals("same", found.verdict(), found::toString);
            assertTrue(found.notes().toString().contains("price"), found::toString);
        }
    }

    /// Maps alone are told apart too.
    @Test
    void mapsWithoutANumberBesideThem() {
        try (var still = Still.table(
                "(k UInt8, x UInt8, partsMap Nested(id UInt32, v UInt64)) ENGINE = SummingMergeTree ORDER BY (k, x)",
                "",
                "x, k",
                "")) {
            for (int i = 0; i < 3; i++)
                still.execute("INSERT INTO %s SELECT number, 1, [toUInt32(1)], [toUInt64(5)] FROM numbers(4)");
            still.run(new Create());
            still.run(new Backfill());
            still.execute("SYSTEM STOP MERGES %s");
            still.execute(
                    "ALTER TABLE %s UPDATE `partsMap.v` = [toUInt64(6)] WHERE k = 2 SETTINGS mutations_sync = 2",
                    still.target());
            still.execute("OPTIMIZE TABLE %s FINAL", still.target());
            assertEquals("differs", look(still).verdict());
        }
    }

    /// Of a nested table whose name ends so, values are added up by the first column, and what is zero goes.
    @ParameterizedTest
    @CsvSource({"0, same", "1, differs"})
    void mapsAreAddedUp(int more, String verdict) {
        try (var still = Still.table(
                "(k UInt8, x UInt8, n UInt64, partsMap Nested(id UInt32, v UInt64)) ENGINE = SummingMergeTree"
                        + " ORDER BY (k, x)",
                "",
                "x, k",
                "")) {
            for (int i = 0; i < 3; i++)
                still.execute("INSERT INTO %s SELECT number, 1, 1, [toUInt32(1), 2 + " + i
                        + "], [toUInt64(5), number - 1] FROM numbers(4)");
            still.run(new Create());
            still.run(new Backfill());
            still.execute("SYSTEM STOP MERGES %s");
            still.execute(
                    "ALTER TABLE %s UPDATE `partsMap.v` = arrayMap(v -> v + " + more
                            + ", `partsMap.v`) WHERE k = 2 SETTINGS mutations_sync = 2",
                    still.target());
            still.execute("OPTIMIZE TABLE %s FINAL", still.target());
            assertEquals(verdict, look(still).verdict());
        }
    }

    /// Of a state that was set twice merges keep one or two, as they come: nothing is said of it.
    @Test
    void signsThatDoNotPairMakeNoDifference() {
        try (var bed = Folding.COLLAPSING.bed()) {
            var still = bed.still();
            for (int i = 0; i < 2; i++)
                still.execute("INSERT INTO %s SELECT 1, 7000 + number, '2026-01-05', 1, 1 FROM numbers(3)");
            filled(bed);
            still.execute("OPTIMIZE TABLE %s FINAL", still.target());
            assertMeant(look(still));
        }
    }

    /// What cancels out to nothing goes in a merge, and is in the other table still.
    @Test
    void rowsOfZeroMayBeGone() {
        try (var bed = Folding.SUMMING.bed()) {
            var still = bed.still();
            still.execute("INSERT INTO %s VALUES (99, '2026-01-05', 'x', 0, 5)");
            still.execute("INSERT INTO %s VALUES (99, '2026-01-05', 'x', 0, -5)");
            filled(bed);
            still.execute("OPTIMIZE TABLE %s FINAL", still.target());
            assertMeant(look(still));
        }
    }

    /// What keys mean counts for less than all rows do.
    @Test
    void meaningClearsNoDifference() {
        try (var bed = Folding.SUMMING.bed()) {
            var still = filled(bed);
            still.execute(
                    "ALTER TABLE %s UPDATE bytes = bytes + 1 WHERE site = 3 SETTINGS mutations_sync = 2",
                    still.target());
            assertEquals("differs", look(still).verdict());
            still.execute(
                    "ALTER TABLE %s UPDATE bytes = bytes - 1 WHERE site = 3 SETTINGS mutations_sync = 2",
                    still.target());
            still.execute("OPTIMIZE TABLE %s FINAL", still.target());
            assertMeant(look(still));
            assertTrue(ComparisonVerdict.poison(still.session().journal().entries())
                    .isPresent());
        }
    }
}
