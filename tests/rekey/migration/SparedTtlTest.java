package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.Still;
import rekey.step.Finalize;
import rekey.step.Resume;

/// The TTLs that the new table was spared while it was filled reach what was carried into it, and keep nobody
/// waiting.
class SparedTtlTest {
    /// Each partition is one part, which nothing else would ever merge: of one all rows are to go, of one half of
    /// them, of one none.
    private static Still swapped() {
        var still = Still.table("""
            (a UInt64, p UInt8, at DateTime, kind String, note String TTL at + INTERVAL 1 DAY) ENGINE = MergeTree
              PARTITION BY p ORDER BY a
            TTL at + INTERVAL 1 DAY DELETE WHERE kind = 'debug' SETTINGS merge_with_ttl_timeout = 0,
              materialize_ttl_recalculate_only = 0\
            """, "p", "at, a", "");
        still.execute("SYSTEM STOP TTL MERGES %s");
        still.execute("INSERT INTO %s SELECT number, number % 3, if(number % 3 = 2, now(), toDateTime('2020-01-01"
                + " 00:00:00')), if(number % 6 IN (0, 1, 3), 'debug', 'audit'), 'n' FROM numbers(600)");
        still.migrate("swap");
        assertEquals(600, count(still, "note = 'n'"), "vacuous: it has expired before it was carried");
        // no merge, and no mutation either
        still.execute("SYSTEM STOP MERGES %s");
        assertTimeoutPreemptively(
                Scene.PATIENCE, () -> still.run(new Resume()), "resume waits for a mutation of the whole table");
        assertEquals(1, unfinished(still));
        return still;
    }

    private static long count(Still still, String where) {
        return still.server
                .one("SELECT count() AS n FROM " + still.name.sql() + " WHERE " + where)
                .number("n");
    }

    private static long unfinished(Still still) {
        return still.server
                .one("SELECT count() AS n FROM system.mutations WHERE NOT is_done AND table = 't' AND database = '"
                        + still.name.database() + "'")
                .number("n");
    }

    @Test
    void itReachesPartsThatAreNeverMerged() {
        try (var still = swapped()) {
            still.execute("SYSTEM START MERGES %s");
            Scene.await(
                    "what has expired to go",
                    () -> count(still, "kind = 'debug'") == 0 && count(still, "note = 'n'") == 200);
            assertEquals(300, count(still, "1"));
            still.execute("INSERT INTO %s VALUES (1000, 1, now(), 'debug', 'late')");
            var wanted = still.content(still.name);
            still.execute(
                    "SYSTEM START TTL MERGES %s", still.migration.rewrite().backup());
            still.rollback();
            still.execute("OPTIMIZE TABLE %s FINAL");
            assertEquals(wanted, still.content(still.name));
            assertEquals("0", still.session().source().settings().get("materialize_ttl_recalculate_only"));
        }
    }

    @Test
    void whoGoesBackNeedNotWaitForIt() {
        try (var still = swapped()) {
            still.execute("INSERT INTO %s VALUES (1000, 1, now(), 'debug', 'late')");
            assertTimeoutPreemptively(Scene.PATIENCE, still::rollback);
            assertEquals(601, count(still, "note != ''"));
        }
    }

    @Test
    void theOwnersSettingComesBackInTheEnd() {
        try (var still = swapped()) {
            still.execute("SYSTEM START MERGES %s");
            assertEquals("1", still.session().source().settings().get("materialize_ttl_recalculate_only"));
            still.run(new Finalize());
            assertEquals("0", still.session().source().settings().get("materialize_ttl_recalculate_only"));
        }
    }
}
