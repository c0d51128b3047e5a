package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static rekey.migration.ChangesSinceTheSwapTest.PARTITIONED;
import static rekey.migration.ChangesSinceTheSwapTest.fill;
import static rekey.migration.ChangesSinceTheSwapTest.refused;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rekey.Still;
import rekey.session.Entry;

/// After the swap the live table is its owner's, and what he does may leave its block numbers untrue: there a way
/// back that goes by them alone would lose rows, or bring deleted ones back, and call it done. Each is stopped with
/// a way on.
@Tag("slow")
class ToldByRowsTest {
    private static final String DELETABLE =
            "(a UInt64, b String, d Date, v UInt64, gone UInt8) ENGINE = ReplacingMergeTree(v, gone) PARTITION BY"
                    + " toYYYYMM(d) ORDER BY a";

    private static Still swapped(String engine, String ttl) {
        var still = Still.table(
                PARTITIONED.formatted(engine) + (ttl.isEmpty() ? "" : " TTL " + ttl), "toYYYYMM(d)", "b, a", "");
        fill(still, 0, 900);
        still.migrate("resume");
        return still;
    }

    /// Rows that were merged in another table keep its numbers: by that of their part nothing of them is found, and
    /// above all that the table has given they are in no comparison.
    @ParameterizedTest
    @CsvSource({
        "ReplacingMergeTree, '', true",
        "ReplacingMergeTree, '', false",
        "MergeTree, d + INTERVAL 20 YEAR, true",
        "MergeTree, '', true"
    })
    void aPartFromAnotherTable(String engine, String ttl, boolean mixed) {
        try (var still = swapped(engine, ttl)) {
            if (mixed) {
                fill(still, 1000, 10);
                still.execute("OPTIMIZE TABLE %s FINAL");
            }
            var other = still.name.sibling("other");
            still.execute("CREATE TABLE " + other.sql() + " AS %s");
            // each month is a block
            if (mixed)
                still.execute(
                        "INSERT INTO %s (a, b, d) SELECT number, 'r', toDate('2026-05-01') + INTERVAL number MONTH"
                                + " FROM numbers(30)",
                        other);
            for (int n = 0; n < 3; n++)
                still.execute("INSERT INTO %s (a, b, d) VALUES (" + (5000 + n) + ", 'r', '2026-01-03')", other);
            still.execute("OPTIMIZE TABLE %s FINAL", other);
            still.execute("ALTER TABLE %s ATTACH PARTITION 202601 FROM " + other.sql());
            var wanted = still.content(still.name);
            var said = refused(still::rollback);
            assertTrue(said.contains("foreign block numbers") && said.contains("202601"), said);
            assertEquals(wanted, still.content(still.name));
            for (var sql : said.replaceAll("(?s).*their own: (SYSTEM STOP .*); then run again.*", "$1")
                    .split("; ")) still.server.execute(sql);
            still.rollback();
            assertEquals(wanted, still.content(still.name));
        }
    }

    /// A comparison takes as long as the table is large: there is none where the number of rows tells.
    @ParameterizedTest
    @CsvSource({"MergeTree, false", "ReplacingMergeTree, true"})
    void whatNobodyTouchedIsComparedOnlyWhereCountingTellsNothing(String engine, boolean compared) {
        try (var still = swapped(engine, "")) {
            fill(still, 1000, 10);
            var wanted = still.content(still.name);
            var before = still.session().journal().entries().size();
            still.rollback();
            assertEquals(wanted, still.content(still.name));
            assertEquals(
                    compared,
                    still.session().journal().entries().stream()
                            .skip(before)
                            .anyMatch(e -> e.event() == Entry.Event.COMPARED));
        }
    }

    /// A tombstone that a merge removed with its row before a round had carried it.
    @Test
    void aRowThatACleanupHasDeletedStaysDeleted() {
        try (var still = cleaned()) {
            var wanted = still.content(still.name);
            var said = refused(still::rollback);
            assertTrue(said.contains("differs") && said.contains("(3)") && !said.contains("(5)"), said);
            still.execute(
                    "ALTER TABLE %s DELETE WHERE a = 3 SETTINGS mutations_sync = 2",
                    still.migration.rewrite().backup());
            still.rollback();
            assertEquals(wanted, still.content(still.name));
        }
    }

    /// Row 3 is deleted since the swap, row 5 was before; of neither anything is left in the live table.
    private static Still cleaned() {
        var still = Still.table(DELETABLE, "toYYYYMM(d)", "b, a", "");
        still.execute("INSERT INTO %s SELECT number, 'r', toDate('2026-01-01') + number % 90, 1, 0 FROM numbers(900)");
        still.execute("INSERT INTO %s VALUES (5, 'r', '2026-01-06', 2, 1)");
        still.migrate("resume");
        still.execute("ALTER TABLE %s MODIFY SETTING allow_experimental_replacing_merge_with_cleanup = 1");
        still.execute("INSERT INTO %s VALUES (3, 'r', '2026-01-04', 2, 1)");
        still.execute("OPTIMIZE TABLE %s FINAL CLEANUP");
        assertEquals(
                0,
                still.server
                        .one("SELECT count() AS n FROM " + still.name.sql() + " WHERE a IN (3, 5)")
                        .number("n"));
        return still;
    }

    /// Merged while the numbers were off, a row reads as the lowest of its part, which has been carried.
    @ParameterizedTest
    @CsvSource({"ReplacingMergeTree, ''", "MergeTree, d + INTERVAL 20 YEAR", "MergeTree, ''"})
    void numbersThatWereOffForAWhile(String engine, String ttl) {
        try (var still = swapped(engine, ttl)) {
            still.execute("ALTER TABLE %s RESET SETTING enable_block_number_column");
            still.execute("INSERT INTO %s (a, b, d) VALUES (7000, 'r', '2026-02-03')");
            still.execute("OPTIMIZE TABLE %s FINAL");
            var wanted = still.content(still.name);
            var said = refused(still::rollback);
            assertTrue(said.contains("switched off") && !said.contains("begin anew"), said);
            still.server.execute(said.replaceAll("(?s).*(ALTER TABLE [^;]*);.*", "$1"));
            said = refused(still::rollback);
            assertTrue(
                    said.contains("differs") && said.contains("7000") && said.contains("INSERT them there anew"), said);
            assertEquals(wanted, still.content(still.name));
            still.execute("ALTER TABLE %s DELETE WHERE a = 7000 SETTINGS mutations_sync = 2");
            still.execute("INSERT INTO %s (a, b, d) VALUES (7000, 'r', '2026-02-03')");
            still.rollback();
            assertEquals(wanted, still.content(still.name));
        }
    }
}
