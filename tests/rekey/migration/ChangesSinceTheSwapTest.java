package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Still;
import rekey.model.Trouble;
import rekey.step.Finalize;

/// What a table's owner does to it between the swap and the day on which he goes back, or makes it final: no row is
/// lost by it, and there is a way on from each refusal.
@Tag("slow")
class ChangesSinceTheSwapTest {
    static final String PARTITIONED =
            "(a UInt64, b String, d Date, c String) ENGINE = %s PARTITION BY toYYYYMM(d) ORDER BY a";

    static Still swapped(String engine, String partitionBy) {
        var still = Still.table(PARTITIONED.formatted(engine), partitionBy, "b, a", "");
        fill(still, 0, 900);
        still.migrate("resume");
        still.awaitNextSecond();
        return still;
    }

    static void fill(Still still, int from, int count) {
        still.execute("INSERT INTO %s (a, b, d) SELECT number, 'r', toDate('2026-01-01') + number % 90 FROM numbers("
                + from + ", " + count + ")");
    }

    static String refused(Runnable run) {
        return assertThrows(Trouble.Refused.class, run::run).getMessage();
    }

    private static void assertNotDropped(String said, Still still) {
        assertTrue(said.contains("202602") && said.contains("ATTACH PARTITION ID"), said);
        assertEquals(
                1,
                still.server
                        .one("SELECT uniqExact(partition_id) AS n FROM system.detached_parts WHERE database = '"
                                + still.name.database() + "'")
                        .number("n"));
    }

    /// It was put aside, not dropped: it lies in the folder of the table that goes.
    @Test
    void aDetachedPartitionIsNotTakenForADroppedOne() {
        try (var still = swapped("MergeTree", "toYYYYMM(d)")) {
            var wanted = still.content(still.name);
            still.execute("ALTER TABLE %s DETACH PARTITION 202602");
            assertNotDropped(refused(still::rollback), still);
            assertEquals(wanted, still.content(still.migration.rewrite().backup()));
            still.execute("ALTER TABLE %s ATTACH PARTITION ID '202602'");
            still.rollback();
            assertEquals(wanted, still.content(still.name));
        }
    }

    /// Of rows that were merged before each keeps the number that it had, and its part gets another.
    @Test
    void aPartitionDetachedAndAttachedAgainIsNotDroppedBeforeItCanBeCarried() {
        try (var still = Still.table(
                PARTITIONED.formatted("MergeTree").replace("c String", "c String MATERIALIZED 'then'"),
                "toYYYYMM(d)",
                "b, a",
                "")) {
            fill(still, 0, 900);
            still.execute("ALTER TABLE %s MODIFY COLUMN c String MATERIALIZED 'now'");
            still.migrate("resume");
            fill(still, 1000, 90);
            still.execute("OPTIMIZE TABLE %s FINAL");
            var wanted = still.content(still.name);
            still.execute("ALTER TABLE %s DETACH PARTITION 202602");
            still.execute("ALTER TABLE %s ATTACH PARTITION 202602");
            var said = refused(still::rollback);
            assertTrue(said.contains("foreign block numbers"), said);
            assertEquals(
                    280,
                    still.server
                            .one("SELECT count() AS n FROM "
                                    + still.migration.rewrite().backup().sql() + " WHERE toYYYYMM(d) = 202602")
                            .number("n"));
            for (var sql : said.replaceAll("(?s).*their own: (SYSTEM STOP .*); then run again.*", "$1")
                    .split("; ")) {
                still.server.execute(sql);
                // as it may by itself, where it is large
                if (sql.startsWith("INSERT"))
                    still.execute(
                            "OPTIMIZE TABLE %s FINAL SETTINGS optimize_skip_merged_partitions = 0",
                            still.name.sibling("t_aside"));
            }
            still.rollback();
            assertEquals(wanted, still.content(still.name));
        }
    }

    /// Detached before the swap it is the old table's, and goes with the backup.
    @Test
    void whatIsDetachedOfTheBackupKeepsItFromBeingFinal() {
        var still = Still.table(PARTITIONED.formatted("MergeTree"), "toYYYYMM(d)", "b, a", "");
        try (still) {
            fill(still, 0, 900);
            still.execute("ALTER TABLE %s DETACH PARTITION 202602");
            still.migrate("resume");
            assertNotDropped(refused(() -> still.run(new Finalize())), still);
            still.execute(
                    "ALTER TABLE %s DROP DETACHED PARTITION ID '202602' SETTINGS allow_drop_detached = 1",
                    still.migration.rewrite().backup());
            still.run(new Finalize());
            assertTrue(still.session()
                    .catalog()
                    .find(still.migration.rewrite().backup())
                    .isEmpty());
        }
    }

    /// The server drops a part of which a DELETE has left nothing, and its block with it.
    @ParameterizedTest
    @CsvSource({"MergeTree, toYYYYMM(d)", "MergeTree, toYear(d)", "ReplacingMergeTree, toYYYYMM(d)"})
    void aDeleteThatEmptiesAPart(String engine, String partitionBy) {
        // no part is merged by itself
        try (var still = Still.table(
                PARTITIONED.formatted(engine) + " SETTINGS merge_selector_base = 1000", partitionBy, "b, a", "")) {
            fill(still, 0, 900);
            still.execute("INSERT INTO %s (a, b, d) VALUES (5000, 'late', '2026-02-03')");
            still.migrate("backfill");
            empty(still, 5000);
            still.migrate("resume");
            assertEquals(
                    900,
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql())
                            .number("n"));
            still.execute("INSERT INTO %s (a, b, d) VALUES (5001, 'later', '2026-02-03')");
            empty(still, 5001);
            still.execute("DELETE FROM %s WHERE a = 7");
            var wanted = still.content(still.name);
            still.rollback();
            assertEquals(wanted, still.content(still.name));
        }
    }

    private static void empty(Still still, int a) {
        assertEquals(
                1,
                still.server
                        .one("SELECT rows AS n FROM system.parts WHERE active AND table = 't' AND database = '"
                                + still.name.database() + "' AND name = (SELECT _part FROM " + still.name.sql()
                                + " WHERE a = " + a + ")")
                        .number("n"),
                "vacuous: the row has been merged into a larger part");
        still.execute("ALTER TABLE %s DELETE WHERE a = " + a + " SETTINGS mutations_sync = 2");
        // the server does so by itself, half a minute later
        for (var empty : still.server.query(
                "SELECT name FROM system.parts WHERE active AND rows = 0 AND table = 't' AND database = '"
                        + still.name.database() + "'"))
            still.execute("ALTER TABLE %s DROP PART '" + empty.string("name") + "'");
    }

    /// What can't be made again exactly, its owner makes on the backup too; then both hold the same, and it goes on.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "toYYYYMM(d) | UPDATE c = 'new' WHERE a % 10 = 3 | UPDATE c = 'new' WHERE a % 10 = 3 | UPDATE c",
                "toYear(d)   | DELETE WHERE a IN (SELECT 3)      | DELETE WHERE a = 3                 | SELECT 3"
            })
    void aChangeThatWasMadeOnBothTables(String partitionBy, String change, String same, String said) {
        try (var still = swapped("MergeTree", partitionBy)) {
            still.execute("ALTER TABLE %s DELETE WHERE a = 17 SETTINGS mutations_sync = 2");
            still.execute("ALTER TABLE %s " + change + " SETTINGS mutations_sync = 2");
            fill(still, 2000, 50);
            var wanted = still.content(still.name);
            var refused = refused(still::rollback);
            assertTrue(refused.contains(said) && refused.contains("by hand") && refused.contains("a = 17"), refused);
            still.execute(
                    "ALTER TABLE %s DELETE WHERE a = 17 SETTINGS mutations_sync = 2",
                    still.migration.rewrite().backup());
            still.execute(
                    "ALTER TABLE %s " + same + " SETTINGS mutations_sync = 2",
                    still.migration.rewrite().backup());
            still.rollback();
            assertEquals(wanted, still.content(still.name));
        }
    }

    /// By default the server forgets all but the last hundred mutations, here all but one.
    @Test
    void noMutationIsForgotten() {
        var still = Still.table(
                PARTITIONED.formatted("MergeTree") + " SETTINGS finished_mutations_to_keep = 1",
                "toYYYYMM(d)",
                "b, a",
                "");
        try (still) {
            fill(still, 0, 900);
            var before = still.session().source().definition();
            still.migrate("resume");
            for (var table :
                    java.util.List.of(still.name, still.migration.rewrite().backup()))
                assertEquals(
                        "0", still.session().catalog().table(table).settings().get("finished_mutations_to_keep"));
            for (int a = 0; a < 6; a++)
                still.execute("ALTER TABLE %s DELETE WHERE a = " + a + " SETTINGS mutations_sync = 2");
            var wanted = still.content(still.name);
            assertEquals(
                    6,
                    still.server
                            .one("SELECT count() AS n FROM system.mutations WHERE table = 't' AND database = '"
                                    + still.name.database() + "'")
                            .number("n"));
            still.rollback();
            assertEquals(wanted, still.content(still.name));
            assertEquals(before, still.session().source().definition());
        }
    }

    /// Rows of one engine are merged and those of the other are not: so their counts need not be the same.
    @ParameterizedTest
    @ValueSource(strings = {"MergeTree", "ReplacingMergeTree"})
    void anotherEngineThereAndBack(String engine) {
        var other = engine.equals("MergeTree") ? "ReplacingMergeTree" : "MergeTree";
        try (var still = Still.table(PARTITIONED.formatted(engine), "toYYYYMM(d)", "b, a", "")
                .engine(other)) {
            fill(still, 0, 900);
            fill(still, 100, 50);
            still.migrate("optimize");
            assertEquals(other, still.session().source().engine());
            fill(still, 100, 10);
            still.execute("OPTIMIZE TABLE %s FINAL", still.migration.rewrite().backup());
            still.rollback();
            assertEquals(
                    900,
                    still.server
                            .one("SELECT uniqExact(a) AS n FROM " + still.name.sql())
                            .number("n"));
        }
    }

    /// Not the table that the migration began with, nor the one that it made.
    @Test
    void aTableThatWasReplaced() {
        try (var still = Still.table(PARTITIONED.formatted("MergeTree"), "toYYYYMM(d)", "b, a", "")) {
            fill(still, 0, 900);
            still.migrate("backfill");
            still.execute("CREATE OR REPLACE TABLE %s " + PARTITIONED.formatted("MergeTree"));
            for (Runnable command : new Runnable[] {() -> still.migrate("resume"), still::rollback}) {
                var unknown = assertThrows(Trouble.OutcomeUnknown.class, command::run);
                assertTrue(
                        unknown.getMessage().contains("CREATE OR REPLACE")
                                && unknown.getMessage().contains(still.target().toString()),
                        unknown::getMessage);
            }
            assertFalse(still.session().catalog().find(still.target()).isEmpty());
        }
    }
}
