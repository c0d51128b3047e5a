package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Scene;
import rekey.Still;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Entry.Event;
import rekey.step.Backfill;

/// What others change in the table while it is migrated: what can be made again exactly on rows already carried is,
/// the rest stops the migration before the swap, in a sentence.
@Tag("migration")
@Tag("slow")
class ChangesMeanwhileTest {
    private static final String PARTITIONED =
            "(a UInt64, b String, d Date) ENGINE = %s PARTITION BY toYYYYMM(d) ORDER BY a";

    private static Still table(String engine) {
        var still = Still.table(PARTITIONED.formatted(engine), "toYYYYMM(d)", "b, a", "");
        fill(still, 0, 4000);
        return still;
    }

    private static void fill(Still still, int from, int count) {
        still.execute(
                "INSERT INTO %s (a, b, d) SELECT number, if(number % 2, 'odd', 'it''s even'), toDate('2026-01-01') +"
                        + " number % 90 FROM numbers("
                        + from + ", " + count + ")");
    }

    private static long count(Still still, String where) {
        var last = still.session().source().collapses() ? " FINAL" : "";
        return still.server
                .one("SELECT count() AS n FROM " + still.name.sql() + last + " WHERE " + where)
                .number("n");
    }

    private static String expected(Still still) {
        return still.content(still.name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"MergeTree", "ReplacingMergeTree"})
    void aDeleteIsMadeOnCarriedRowsTooAndOnNoLaterOnes(String engine) {
        try (var still = table(engine)) {
            still.execute("ALTER TABLE %s DELETE WHERE a = 1 SETTINGS mutations_sync = 1"); // before: nobody's business
            fill(still, 1, 1);
            still.migrate("backfill");
            still.execute("ALTER TABLE %s DELETE WHERE a % 7 = 0 AND b = 'it''s even', DELETE WHERE a % 13 = 0 SETTINGS"
                    + " mutations_sync = 0");
            still.execute("DELETE FROM %s WHERE a % 11 = 0");
            still.execute("ALTER TABLE %s APPLY DELETED MASK");
            fill(still, 0, 100); // of later blocks: these stay
            still.migrate("backfill");
            var before = expected(still);
            assertEquals(24, count(still, "a < 100 AND (a % 7 = 0 AND b = 'it''s even' OR a % 13 = 0 OR a % 11 = 0)"));
            still.migrate("resume");
            assertEquals(before, expected(still));

            // on the new table, and back
            still.execute("DELETE FROM %s WHERE a % 5 = 0");
            fill(still, 5, 1);
            var after = expected(still);
            assertEquals(1, count(still, "a % 5 = 0"));
            still.rollback();
            assertEquals(after, expected(still));
            still.execute("DELETE FROM %s WHERE a % 3 = 0");
            var again = expected(still);
            still.migrate("resume");
            assertEquals(again, expected(still));
        }
    }

    /// Each mutation writes all parts of the other table anew.
    @Test
    void manyDeletesAreOneMutation() {
        try (var still = table("MergeTree")) {
            still.migrate("backfill");
            for (int i = 0; i < 10; i++)
                still.execute("ALTER TABLE %s DELETE WHERE a % 10 = " + i + " AND a > 5 SETTINGS mutations_sync = 0");
            still.migrate("backfill");
            still.migrate("verify");
            assertEquals(1, still.session().catalog().mutations(still.target()).size());
            var before = expected(still);
            assertEquals(6, count(still, "1"));
            still.migrate("resume");
            assertEquals(before, expected(still));
        }
    }

    /// There are new ones whenever the last have been made: what is older than the first of them is carried, and
    /// what is behind it comes with the next round. A run that waited for none to be left never ended.
    @Test
    void oneIsAlwaysOpen() {
        try (var still = table("MergeTree")) {
            still.migrate("backfill");
            still.execute("ALTER TABLE %s DELETE WHERE a = 0 SETTINGS mutations_sync = 2");
            var session = still.session();
            var deleted = new AtomicInteger();
            session.journal().listen(e -> {
                if (e.event() != Event.REPLAYED) return;
                still.execute("ALTER TABLE %s DELETE WHERE a = " + deleted.incrementAndGet()
                        + " SETTINGS mutations_sync = 0");
                fill(still, 0, 1); // behind it: this one stays
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertTrue(deleted.get() > 0, "vacuous: none was open");
            Scene.await(
                    "mutations to end",
                    () -> session.catalog().mutations(still.name).stream().allMatch(m -> m.done()));
            assertEquals(4000 - 1, count(still, "1"));
            assertEquals(deleted.get(), count(still, "a <= " + deleted.get()));
        }
    }

    /// Between two chunks of the first round, and behind the comparison, which stays good: the rows that it takes
    /// were the same on both sides.
    @Test
    void aDeleteInTheMiddleOfACopyAndOneWhileHeld() {
        try (var still = table("MergeTree")) {
            var session = still.session();
            var attached = new AtomicInteger();
            var tried = new AtomicInteger();
            session.journal().listen(e -> {
                if (e.event() == Event.ATTACHED && attached.incrementAndGet() == 2)
                    still.execute("DELETE FROM %s WHERE a % 7 = 0");
                if (e.is("verify", Event.VERIFIED) && tried.incrementAndGet() == 1)
                    still.execute("DELETE FROM %s WHERE a % 11 = 0");
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertEquals(1, tried.get());
            assertEquals(0, count(still, "a % 7 = 0 OR a % 11 = 0"));
            assertEquals(4000 - 572 - 364 + 52, count(still, "1"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE b = concat(b, '!') WHERE a = 2",
                "DELETE WHERE a IN (SELECT 3)",
                "DELETE WHERE a IN system.one",
                "DELETE IN PARTITION 202601 WHERE a = 4"
            })
    void whatCantBeMadeAgainStopsItAndTheBackfillMadeAnewHasIt(String change) {
        try (var still = table("MergeTree")) {
            still.migrate("backfill");
            var uuid = still.session().source().uuid();
            still.execute("ALTER TABLE %s " + change + " SETTINGS mutations_sync = 1");
            var refused = assertThrows(Trouble.Refused.class, () -> still.migrate("resume"));
            assertTrue(
                    refused.getMessage().contains(change.substring(0, 6))
                            && refused.getMessage().contains(" of 20"),
                    refused::getMessage);
            assertEquals(uuid, still.session().source().uuid());
            var wanted = expected(still);
            still.undo(new Backfill());
            still.migrate("resume");
            assertEquals(wanted, expected(still));
            assertTrue(!uuid.equals(still.session().source().uuid()));
        }
    }

    @Test
    void aDroppedPartitionIsDroppedHereTooAndWhatComesAfterStays() {
        try (var still = table("MergeTree")) {
            still.migrate("backfill");
            still.execute("ALTER TABLE %s DROP PARTITION 202602");
            still.server.execute("CREATE TABLE " + still.name.sibling("other").sql() + " AS " + still.name.sql());
            still.execute(
                    "INSERT INTO %s VALUES (1, 'r', '2026-03-01'), (2, 's', '2026-03-02')",
                    still.name.sibling("other"));
            still.execute("ALTER TABLE %s REPLACE PARTITION 202603 FROM "
                    + still.name.sibling("other").sql());
            still.migrate("backfill");
            still.execute("INSERT INTO %s VALUES (7, 'late', '2026-02-03')");
            var wanted = expected(still);
            assertEquals(1, count(still, "toYYYYMM(d) = 202602"));
            assertEquals(2, count(still, "toYYYYMM(d) = 202603"));
            still.migrate("resume");
            assertEquals(wanted, expected(still));
            still.execute("ALTER TABLE %s DROP PARTITION 202601");
            still.execute("INSERT INTO %s VALUES (8, 'later', '2026-01-03')");
            wanted = expected(still);
            still.rollback();
            assertEquals(wanted, expected(still));
        }
    }

    @Test
    void aPartitionDroppedUnderAnotherPartitionKeyStopsIt() {
        try (var still = Still.table(PARTITIONED.formatted("MergeTree"), "toYear(d)", "b, a", "")) {
            fill(still, 0, 2000);
            still.migrate("backfill");
            still.execute("ALTER TABLE %s DROP PARTITION 202602");
            var refused = assertThrows(Trouble.Refused.class, () -> still.migrate("resume"));
            assertTrue(
                    refused.getMessage().contains("partition 202602")
                            && refused.getMessage().contains("part_log"),
                    refused::getMessage);
            still.rollback();
            assertEquals(0, count(still, "toYYYYMM(d) = 202602"));
        }
    }

    /// The source's own TTL deletes rows and whole parts of carried blocks meanwhile.
    @Test
    void whatExpiresMeanwhileIsNoDifference() {
        int seconds = 8;
        while (!expireMeanwhile(seconds)) {
            seconds *= 2;
            assertTrue(seconds < 200, "rows expired before they were carried, however long they had");
        }
    }

    /// @param seconds that the rows have until they expire
    /// @return whether they were carried before: on a slow machine they need more
    private static boolean expireMeanwhile(int seconds) {
        try (var still = Still.table(
                "(a UInt64, at DateTime) ENGINE = MergeTree ORDER BY a TTL at SETTINGS merge_with_ttl_timeout = 0,"
                        + " ttl_only_drop_parts = 1",
                "",
                "at, a",
                "")) {
            still.execute("INSERT INTO %s SELECT number, now() + 1000000 FROM numbers(2000)");
            still.execute("SYSTEM STOP TTL MERGES %s");
            still.execute("INSERT INTO %s SELECT number, now() + " + seconds + " FROM numbers(3000, 1000)");
            still.migrate("backfill");
            if (expired(still)) return false;
            assertEquals(3000, count(still, "1"));
            rekey.Scene.await("the rows to expire", () -> expired(still));
            still.execute("SYSTEM START TTL MERGES %s");
            still.execute("OPTIMIZE TABLE %s FINAL");
            assertEquals(2000, count(still, "1"));
            still.migrate("resume");
            still.execute("OPTIMIZE TABLE %s FINAL");
            assertEquals(2000, count(still, "1"));
            return true;
        }
    }

    private static boolean expired(Still still) {
        return still.server
                        .one("SELECT max(at) < now() AS e FROM " + still.name.sql() + " WHERE a >= 3000")
                        .number("e")
                == 1;
    }

    /// What a person may do to the table in the middle of it, and take back: nothing is swapped while it stands.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "MODIFY TTL d + INTERVAL 40 YEAR | REMOVE TTL | TTL: (none) -> d + toIntervalYear(40)",
                "ADD INDEX i b TYPE minmax | DROP INDEX i | index",
                "MODIFY SETTING merge_with_ttl_timeout = 7200 | RESET SETTING merge_with_ttl_timeout | setting"
                        + " merge_with_ttl_timeout: (none) -> 7200",
                "ADD COLUMN c UInt8 | | columns",
                "RESET SETTING enable_block_number_column | | switched off"
            })
    void anAlterStopsItBeforeTheSwap(String alter, String back, String said) {
        try (var still = table("MergeTree")) {
            still.migrate("verify");
            var uuid = still.session().source().uuid();
            still.execute("ALTER TABLE %s " + alter);
            fill(still, 0, 10);
            for (var again : List.<Runnable>of(() -> still.run(new Backfill()), () -> still.migrate("resume"))) {
                var refused = assertThrows(Trouble.Refused.class, again::run);
                assertTrue(refused.getMessage().contains(said), refused::getMessage);
            }
            assertEquals(uuid, still.session().source().uuid());
            if (back == null) {
                still.rollback();
                assertEquals(4010, count(still, "1"));
                return;
            }
            still.execute("ALTER TABLE %s " + back + " SETTINGS mutations_sync = 2");
            still.migrate("resume");
            assertEquals(4010, count(still, "1"));
        }
    }

    /// Rows changed by patch parts leave no mutation to be seen.
    @Test
    void aLightweightUpdateStopsIt() {
        try (var still = table("MergeTree")) {
            still.migrate("backfill");
            still.execute("ALTER TABLE %s MODIFY SETTING enable_block_offset_column = 1");
            still.execute("OPTIMIZE TABLE %s FINAL");
            still.execute("UPDATE %s SET b = 'other' WHERE a = 3 SETTINGS enable_lightweight_update = 1");
            still.execute("ALTER TABLE %s RESET SETTING enable_block_offset_column");
            var refused = assertThrows(Trouble.Refused.class, () -> still.migrate("resume"));
            assertTrue(refused.getMessage().contains("lightweight UPDATE"), refused::getMessage);
        }
    }

    /// Parts that come with rows which have numbers of their own: from a table with block numbers, or detached here
    /// and attached again. By these numbers rows could be missed, or taken for others.
    @ParameterizedTest
    @ValueSource(strings = {"foreign", "own", "above"})
    void partsThatAreAttachedAreCarriedWholeOrStopIt(String whose) {
        try (var still = table("ReplacingMergeTree")) {
            still.migrate("backfill");
            fill(still, 10_000, 10);
            fill(still, 20_000, 10);
            var other = still.name.sibling("other");
            if (!whose.equals("own")) {
                still.server.execute("CREATE TABLE " + other.sql() + " AS " + still.name.sql());
                for (int n = 1; n < (whose.equals("above") ? 40 : 9); n++)
                    still.execute("INSERT INTO %s VALUES (" + (50_000 + n) + ", 'x', '2026-01-03')", other);
                still.execute("OPTIMIZE TABLE %s FINAL", other);
                still.execute("ALTER TABLE %s ATTACH PARTITION 202601 FROM " + other.sql());
                // above all numbers of the table, and in one part with rows that were carried
                if (whose.equals("above")) still.execute("OPTIMIZE TABLE %s PARTITION 202601 FINAL");
            } else {
                still.execute("OPTIMIZE TABLE %s FINAL");
                still.execute("ALTER TABLE %s DETACH PARTITION 202601");
                still.execute("ALTER TABLE %s ATTACH PARTITION 202601");
            }
            var wanted = expected(still);
            var uuid = still.session().source().uuid();
            var refused = assertThrows(Trouble.Refused.class, () -> still.migrate("resume"));
            assertTrue(refused.getMessage().contains("foreign block numbers"), refused::getMessage);
            assertEquals(uuid, still.session().source().uuid());
            still.rollback();
            assertEquals(wanted, expected(still));
        }
    }

    /// Behind the comparison, and merged with a carried part before the next round: its rows have the numbers of
    /// carried ones, and where merges or a TTL drop rows their number tells nothing.
    ///
    /// @param more whether a row of the table's own came behind it, so that the last block has rows
    @ParameterizedTest
    @CsvSource({
        "ReplacingMergeTree, '', false",
        "ReplacingMergeTree, '', true",
        "ReplacingMergeTree(d), '', false",
        "ReplacingMergeTree(d), '', true",
        "MergeTree, ' TTL d + INTERVAL 20 YEAR', true"
    })
    void aPartThatIsMergedInBehindTheComparisonStopsIt(String engine, String ttl, boolean more) {
        try (var still = Still.table(PARTITIONED.formatted(engine) + ttl, "toYYYYMM(d)", "b, a", "")) {
            fill(still, 0, 4000);
            for (int n = 1; n < 5; n++) fill(still, n, 1);
            var other = still.name.sibling("other");
            still.server.execute("CREATE TABLE " + other.sql() + " AS " + still.name.sql()
                    + " SETTINGS enable_block_number_column = 1");
            for (int n = 1; n < 4; n++)
                still.execute("INSERT INTO %s VALUES (" + (50_000 + n) + ", 'x', '2026-01-03')", other);
            still.execute("OPTIMIZE TABLE %s FINAL", other);
            still.migrate("verify");
            still.execute("ALTER TABLE %s ATTACH PARTITION 202601 FROM " + other.sql());
            if (more) fill(still, 30, 1);
            still.execute("OPTIMIZE TABLE %s PARTITION 202601 FINAL");
            var wanted = expected(still);
            var uuid = still.session().source().uuid();
            var refused = assertThrows(Trouble.Refused.class, () -> still.migrate("resume"));
            assertTrue(refused.getMessage().contains("foreign block numbers"), refused::getMessage);
            assertEquals(uuid, still.session().source().uuid());
            still.rollback();
            assertEquals(wanted, expected(still));
        }
    }

    /// More than one row has the right to be the last: the one that came last is kept, as before.
    @Test
    void ofEqualRowsTheLastOneIsKept() {
        try (var still = Still.table(
                "(k UInt64, part UInt64, v UInt64) ENGINE = ReplacingMergeTree PARTITION BY part ORDER BY k SETTINGS"
                        + " max_bytes_to_merge_at_max_space_in_pool = 1",
                "part",
                "cityHash64(k), k",
                "")) {
            for (int n = 0; n < 12; n++)
                still.execute("INSERT INTO %s SELECT number % 900, number % 2, " + n + " FROM numbers(900)");
            var wanted = expected(still);
            still.migrate("optimize");
            assertEquals(wanted, expected(still));
            assertEquals(900, count(still, "v = 11"));
        }
    }
}
