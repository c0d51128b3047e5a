package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static rekey.migration.ChangesSinceTheSwapTest.PARTITIONED;
import static rekey.migration.ChangesSinceTheSwapTest.fill;
import static rekey.migration.ChangesSinceTheSwapTest.refused;
import static rekey.migration.ChangesSinceTheSwapTest.swapped;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Scene;
import rekey.Still;
import rekey.session.Detail;
import rekey.step.Finalize;
import rekey.step.Resume;
import rekey.step.Swap;

/// What leaves no block number and no mutation to go by, and is found all the same before the old table is live
/// again.
class UntoldChangesTest {
    /// The backup is somebody's idle table: what is dropped there to make room is in the live table alone.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE %s DROP PARTITION 202602",
                "ALTER TABLE %s DELETE WHERE a = 40 SETTINGS mutations_sync = 2"
            })
    void aBackupThatIsNotAsItWasIsComparedBeforeItIsLiveAgain(String change) {
        try (var still = swapped("ReplacingMergeTree", "toYYYYMM(d)")) {
            var wanted = still.content(still.name);
            still.execute(change, still.migration.rewrite().backup());
            var said = refused(still::rollback);
            assertTrue(said.contains("differs") && said.contains("Nothing was swapped back"), said);
            assertEquals(wanted, still.content(still.name));
            assertTrue(
                    still.session().catalog().exists(still.migration.rewrite().backup()));
        }
    }

    /// Of a row that came into it by its name: the way back has as many on both sides again, and finalize has
    /// nothing to keep it for.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRowThatStrayedIntoTheBackupIsCarried(boolean back) {
        try (var still = swapped("MergeTree", "toYYYYMM(d)")) {
            still.execute(
                    "INSERT INTO %s (a, b, d) VALUES (7000, 'stray', '2026-02-03')",
                    still.migration.rewrite().backup());
            if (back) still.rollback();
            else {
                assertTrue(refused(() -> still.run(new Finalize())).contains("run resume"));
                still.run(new Resume());
                still.run(new Finalize());
            }
            mustHaveTheStray(still);
        }
    }

    private static void mustHaveTheStray(Still still) {
        var rows = still.server.one("SELECT count() AS n, countIf(a = 7000) AS stray FROM " + still.name.sql());
        assertEquals(901, rows.number("n"));
        assertEquals(1, rows.number("stray"));
    }

    /// And of one that came into the displaced new table, which a rollback is about to drop.
    @Test
    void aRowThatStrayedIntoTheDisplacedTableIsCarriedBack() {
        try (var still = swapped("MergeTree", "toYYYYMM(d)")) {
            still.undo(new Swap());
            still.execute("INSERT INTO %s (a, b, d) VALUES (7000, 'stray', '2026-02-03')", still.target());
            still.rollback();
            mustHaveTheStray(still);
        }
    }

    /// What is longer kept than before is not to expire by the rule of before, neither on the way to the end nor on
    /// the way back.
    @Test
    void theOwnersNewTtlStands() {
        var still = Still.table(
                PARTITIONED.formatted("MergeTree").replace("ORDER BY a", "ORDER BY a TTL d + INTERVAL 20 YEAR"),
                "toYYYYMM(d)",
                "b, a",
                "");
        try (still) {
            fill(still, 0, 900);
            still.migrate("resume");
            assertTrue(
                    still.session().source().ttl().contains("toIntervalYear(20)"),
                    still.session().source().ttl());
            still.execute("ALTER TABLE %s MODIFY TTL d + INTERVAL 30 YEAR");
            still.run(new Resume());
            assertTrue(
                    still.session().source().ttl().contains("toIntervalYear(30)"),
                    still.session().source().ttl());
            assertTrue(refused(still::rollback).contains("TTL"));
            still.execute(
                    "ALTER TABLE %s MODIFY TTL d + INTERVAL 30 YEAR",
                    still.migration.rewrite().backup());
            still.rollback();
            assertTrue(still.session().source().ttl().contains("toIntervalYear(30)"));
            assertEquals(
                    900,
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql())
                            .number("n"));
            still.execute("ALTER TABLE %s MODIFY TTL d + INTERVAL 20 YEAR");
            still.migrate("resume");
            assertTrue(still.session().source().ttl().contains("toIntervalYear(20)"));
            still.execute("ALTER TABLE %s REMOVE TTL");
            still.run(new Finalize());
            assertEquals("", still.session().source().ttl());
        }
    }

    /// A way back that was begun and stopped swaps nothing: the new table is its owner's as before.
    @Test
    void theOwnersNewTtlStandsThoughAWayBackWasStopped() {
        var still = Still.table(
                PARTITIONED.formatted("MergeTree").replace("ORDER BY a", "ORDER BY a TTL d + INTERVAL 20 YEAR"),
                "toYYYYMM(d)",
                "b, a",
                "");
        try (still) {
            fill(still, 0, 900);
            still.migrate("resume");
            still.session()
                    .journal()
                    .append(
                            "swap",
                            new Detail.Exchanging(Optional.empty(), Optional.empty(), "t_never", true, Map.of()));
            still.execute("ALTER TABLE %s MODIFY TTL d + INTERVAL 30 YEAR");
            assertTrue(refused(still::rollback).contains("TTL"));
            still.run(new Resume());
            assertTrue(
                    still.session().source().ttl().contains("toIntervalYear(30)"),
                    still.session().source().ttl());
            assertTrue(refused(still::rollback).contains("TTL"));
        }
    }

    /// Parts that lack a column are the same before and after; what they show is not.
    @Test
    void aColumnThatCameWithAnotherDefaultIsSeen() {
        try (var still = Still.table(PARTITIONED.formatted("MergeTree"), "toYYYYMM(d)", "b, a", "")) {
            fill(still, 0, 900);
            still.migrate("resume");
            still.execute("ALTER TABLE %s ADD COLUMN x UInt8 DEFAULT 7");
            still.execute(
                    "ALTER TABLE %s ADD COLUMN x UInt8",
                    still.migration.rewrite().backup());
            assertTrue(refused(still::rollback).contains("differs"));
            still.execute(
                    "ALTER TABLE %s MODIFY COLUMN x UInt8 DEFAULT 7",
                    still.migration.rewrite().backup());
            still.rollback();
            assertEquals(
                    6300,
                    still.server
                            .one("SELECT sum(x) AS n FROM " + still.name.sql())
                            .number("n"));
        }
    }

    /// It leaves a patch for a while and then no trace at all.
    @Test
    void aLightweightUpdateIsNotLost() {
        var still = Still.table(
                PARTITIONED.formatted("MergeTree")
                        + " SETTINGS cleanup_delay_period = 1, max_cleanup_delay_period = 1, old_parts_lifetime = 1",
                "toYYYYMM(d)",
                "b, a",
                "");
        try (still) {
            fill(still, 0, 900);
            still.migrate("resume");
            still.execute("ALTER TABLE %s MODIFY SETTING enable_block_offset_column = 1");
            // what has no offsets yet can't be patched
            still.execute("OPTIMIZE TABLE %s FINAL SETTINGS optimize_skip_merged_partitions = 0");
            still.execute("UPDATE %s SET c = 'new' WHERE a = 3 SETTINGS enable_lightweight_update = 1");
            var wanted = still.content(still.name);
            var said = refused(still::rollback);
            assertTrue(said.contains("lightweight UPDATE") && said.contains("OPTIMIZE TABLE"), said);
            still.execute("OPTIMIZE TABLE %s FINAL SETTINGS optimize_skip_merged_partitions = 0");
            Scene.await(
                    "the patch to be applied and gone",
                    () -> still.server
                                    .one("SELECT count() AS n FROM system.parts WHERE active AND"
                                            + " startsWith(partition_id, 'patch-') AND database = '"
                                            + still.name.database() + "'")
                                    .number("n")
                            == 0);
            assertTrue(refused(still::rollback).contains("differs"));
            still.execute(
                    "ALTER TABLE %s UPDATE c = 'new' WHERE a = 3 SETTINGS mutations_sync = 2",
                    still.migration.rewrite().backup());
            still.rollback();
            assertEquals(wanted, still.content(still.name));
        }
    }
}
