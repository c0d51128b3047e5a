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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Scene;
import rekey.Still;
import rekey.compare.ComparedShare;
import rekey.compare.ComparisonVerdict;
import rekey.ingestion.HeldTime;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;
import rekey.step.Verify;

/// DELETEs that are under way at the EXCHANGE, or that fall between a comparison and it.
@Tag("writers")
@Tag("slow")
@Order(5)
class OpenAtTheExchangeTest {
    private static final String REPLACING = "ReplacingMergeTree", VERSIONED = "ReplacingMergeTree(v)";

    private static Still table(String engine) {
        var still = Still.table(
                "(k UInt64, v UInt32, s String) ENGINE = " + engine + " PARTITION BY k % 3 ORDER BY k",
                "k % 3",
                "cityHash64(k), k",
                "");
        still.execute("INSERT INTO %s SELECT number, 1, 'first' FROM numbers(400)");
        return still;
    }

    private static long count(Still still, int k) {
        return still.server
                .one("SELECT count() AS n FROM " + still.name.sql() + " WHERE k = " + k)
                .number("n");
    }

    private static void assertWhole(Still still) {
        assertTrue(
                Verify.look(still.session(), ComparedShare.ALL, true).partitions().stream()
                        .noneMatch(c -> c.differs()),
                "verify finds a difference");
        assertEquals(Optional.empty(), ComparisonVerdict.poison(still.session()));
    }

    /// Runs it in a thread, and waits until it has said something, or has ended.
    private static Thread saying(Still still, Session session, boolean back, String what) {
        var runner = new Runner(session, false, List.of());
        var failed = new AtomicReference<Throwable>();
        var thread = Thread.ofVirtual()
                .uncaughtExceptionHandler((t, e) -> failed.set(e))
                .start(() -> {
                    if (back) runner.rollback(still.migration);
                    else runner.run(still.migration, Optional.of("resume"));
                });
        Scene.await(
                what,
                () -> !thread.isAlive() || session.progress().snapshot().note().startsWith(what));
        if (failed.get() != null) throw new AssertionError(failed.get());
        return thread;
    }

    /// It may take hours on a large table, and what its writers brought behind it is none of its rows.
    @ParameterizedTest
    @CsvSource({
        "MergeTree, false",
        REPLACING + ", false",
        VERSIONED + ", false",
        "MergeTree, true",
        REPLACING + ", true"
    })
    void whatCameBehindALongDeleteIsSeenAtOnce(String engine, boolean back) throws Exception {
        try (var still = table(engine)) {
            if (back) still.migrate("resume");
            var displaced = back ? still.target() : still.migration.rewrite().backup();
            var session = still.listening(sql -> {
                if (!sql.startsWith("EXCHANGE")) return;
                still.execute("INSERT INTO %s VALUES (5001, 1, 'before it'), (5002, 1, 'before it')");
                still.execute("SYSTEM STOP MERGES %s");
                still.execute("ALTER TABLE %s DELETE WHERE k IN (7, 8, 5001) SETTINGS mutations_sync = 0");
                still.execute("INSERT INTO %s VALUES (5000, 1, 'new'), (7, 2, 'again')");
                still.execute("ALTER TABLE %s DELETE WHERE k IN (9, 5000) SETTINGS mutations_sync = 0");
                still.execute("INSERT INTO %s VALUES (5003, 1, 'new'), (8, 2, 'again'), (9, 2, 'again')");
            });
            var thread = saying(still, session, back, "waiting for mutations");
            assertTrue(thread.isAlive(), "vacuous: no mutation was waited for");
            for (int k : new int[] {5000, 5002, 5003}) assertEquals(1, count(still, k), () -> "key " + k);
            for (int k : new int[] {7, 8, 9})
                assertEquals(
                        1,
                        still.server
                                .one("SELECT count() AS n FROM " + still.name.sql() + " WHERE s = 'again' AND k = " + k)
                                .number("n"),
                        () -> "key " + k);
            if (!back) assertWhole(still);
            still.execute("SYSTEM START MERGES %s", displaced);
            thread.join();
            for (int k : new int[] {5000, 5001}) assertEquals(0, count(still, k), () -> "key " + k);
            for (int k : new int[] {7, 8, 9, 5002, 5003}) assertEquals(1, count(still, k), () -> "key " + k);
            if (back) return;
            assertWhole(still);
            still.rollback();
            for (int k : new int[] {5000, 5001}) assertEquals(0, count(still, k), () -> "key " + k);
            for (int k : new int[] {7, 8, 9, 5002, 5003}) assertEquals(1, count(still, k), () -> "key " + k);
        }
    }

    /// Of a merged row of such a table no block number tells whether it was carried: it asked for a setting that
    /// these tables never have, at each resume and rollback, and made so the DELETE took newer rows too.
    @Test
    void whereRowsAreFoldedItIsLeftToAPerson() {
        try (var still =
                Still.table("(k UInt64, n UInt64) ENGINE = SummingMergeTree ORDER BY k", "", "cityHash64(k), k", "")) {
            still.execute("INSERT INTO %s SELECT number, 1 FROM numbers(100)");
            var backup = still.migration.rewrite().backup();
            var session = still.listening(sql -> {
                if (sql.startsWith("EXCHANGE"))
                    still.execute("ALTER TABLE %s DELETE WHERE k = 7 SETTINGS mutations_sync = 2");
                else if (sql.startsWith("RENAME") && sql.endsWith(backup.sql()))
                    still.execute("INSERT INTO %s VALUES (7, 5)");
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            var told = Entry.all(still.journal(), Detail.ByHand.class)
                    .map(Detail.ByHand::what)
                    .toList();
            assertTrue(
                    told.toString().contains("DELETE WHERE k = 7")
                            && told.toString().contains("by hand"),
                    told::toString);
            assertEquals(104 + 1, sum(still), "the row behind it is there, and nothing else was taken");
            still.execute("ALTER TABLE %s DELETE WHERE k = 7 SETTINGS mutations_sync = 2");
            still.rollback();
            assertEquals(99, sum(still));
        }
    }

    /// Behind the last round there is half a second until the EXCHANGE. One that came then was left to a person,
    /// too.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whereRowsAreFoldedOneRightBeforeItPutsItOff(boolean back) {
        try (var still =
                Still.table("(k UInt64, n UInt64) ENGINE = SummingMergeTree ORDER BY k", "", "cityHash64(k), k", "")) {
            still.execute("INSERT INTO %s SELECT number, 1 FROM numbers(100)");
            if (back) still.migrate("resume");
            var deleted = new AtomicBoolean();
            var session = still.listening(sql -> {
                if (sql.startsWith("RENAME") && sql.contains("_swap_") && deleted.compareAndSet(false, true))
                    still.execute("ALTER TABLE %s DELETE WHERE k = 7 SETTINGS mutations_sync = 2");
            });
            var runner = new Runner(session, false, List.of());
            if (back) runner.rollback(still.migration);
            else runner.run(still.migration, Optional.of("resume"));
            assertTrue(deleted.get(), "vacuous");
            assertEquals(
                    List.of(), Entry.all(still.journal(), Detail.ByHand.class).toList());
            assertEquals(99, sum(still), "the deleted row is there again");
            if (back) return;
            still.rollback();
            assertEquals(99, sum(still));
        }
    }

    private static long sum(Still still) {
        return still.server.one("SELECT sum(n) AS n FROM " + still.name.sql()).number("n");
    }

    /// It has been made on the displaced table and is still made on the live one: no difference, and the swap is not
    /// at its end.
    @ParameterizedTest
    @ValueSource(strings = {"MergeTree", REPLACING})
    void oneThatIsStillMadeOnTheLiveTableIsNoDifference(String engine) throws Exception {
        try (var still = table(engine)) {
            var stopped = new AtomicBoolean();
            var session = still.listening(sql -> {
                if (sql.startsWith("EXCHANGE")) still.execute("DELETE FROM %s WHERE k IN (7, 8)");
                else if (sql.startsWith("ALTER TABLE " + still.name.sql() + " DELETE")
                        && stopped.compareAndSet(false, true)) still.execute("SYSTEM STOP MERGES %s");
            });
            var thread = saying(still, session, false, "waiting for a DELETE of the moment of the swap");
            assertTrue(stopped.get() && count(still, 7) == 1, "vacuous: it was not made, or has ended");
            assertWhole(still);
            assertTrue(thread.isAlive(), "it is not waited for");
            still.execute("SYSTEM START MERGES %s");
            thread.join();
            assertEquals(0, count(still, 7));
            assertWhole(still);
        }
    }

    /// A row that came into the live table by itself makes it fail there for ever: that is said, and it ends.
    @Test
    void oneThatFailsOnTheLiveTableIsLeftToAPerson() {
        try (var still = table("MergeTree")) {
            var backup = still.migration.rewrite().backup();
            var session = still.listening(sql -> {
                if (sql.startsWith("EXCHANGE"))
                    still.execute("ALTER TABLE %s DELETE WHERE k = 7 AND throwIf(s = 'bad', 'never') = 0 SETTINGS"
                            + " mutations_sync = 2");
                else if (sql.startsWith("RENAME") && sql.endsWith(backup.sql()))
                    still.execute("INSERT INTO %s VALUES (7, 1, 'bad')");
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            var told = Entry.all(still.session().journal().entries(), Detail.ByHand.class)
                    .map(Detail.ByHand::what)
                    .toList();
            assertTrue(told.stream().anyMatch(t -> t.contains("fails on") && t.contains("by hand")), told::toString);
            still.execute("KILL MUTATION WHERE database = '" + still.name.database() + "'");
        }
    }

    /// Of a row that somebody's OPTIMIZE has merged in the displaced table it can't be told when it came: it does
    /// not come back behind its DELETE.
    @ParameterizedTest
    @ValueSource(strings = {"MergeTree", REPLACING})
    void aRowThatWasMergedThereIsNotPutBehindItsDelete(String engine) {
        try (var still = table(engine)) {
            var backup = still.migration.rewrite().backup();
            var session = still.listening(sql -> {
                if (sql.startsWith("EXCHANGE"))
                    for (int k = 5000; k < 5004; k++) still.execute("INSERT INTO %s VALUES (" + k + ", 1, 'new')");
                if (!sql.startsWith("RENAME") || !sql.endsWith(backup.sql())) return;
                still.execute("DELETE FROM %s WHERE k = 5000");
                long deleted = still.session()
                        .catalog()
                        .mutations(still.name)
                        .getLast()
                        .second();
                Scene.await("another second", () -> HeldTime.now(still.server) / 1_000_000 > deleted + 1);
                still.server.execute("OPTIMIZE TABLE " + sql.split(" ")[2] + " FINAL");
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertEquals(1, count(still, backup, 5000), "vacuous: it did not come into the old table");
            assertEquals(0, count(still, 5000));
            for (int k = 5001; k < 5004; k++) assertEquals(1, count(still, k));
            assertWhole(still);
        }
    }

    private static long count(Still still, TableName table, int k) {
        return still.server
                .one("SELECT count() AS n FROM " + table.sql() + " WHERE k = " + k)
                .number("n");
    }

    /// Of a key's two rows the live table has merged one away and the backup has not: the same DELETE leaves none
    /// here, and the older one there.
    @Test
    void oneByMoreThanTheKeyMakesTheComparisonOfTheWayBackOld() {
        try (var still = table(REPLACING)) {
            still.migrate("resume");
            still.execute("INSERT INTO %s VALUES (7, 1, 'second')");
            still.execute("OPTIMIZE TABLE %s FINAL");
            var deleted = new AtomicBoolean();
            var session = still.listening(sql -> {
                if (sql.startsWith("ALTER TABLE " + still.name.sql() + " MODIFY SETTING")
                        && deleted.compareAndSet(false, true))
                    still.execute("ALTER TABLE %s DELETE WHERE s = 'second' SETTINGS mutations_sync = 2");
            });
            var refused = assertThrows(
                    Trouble.Refused.class, () -> new Runner(session, false, List.of()).rollback(still.migration));
            assertTrue(deleted.get(), "vacuous");
            assertTrue(refused.getMessage().contains("differ"), refused::getMessage);
            assertEquals(0, count(still, 7));
            assertEquals(
                    399,
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql())
                            .number("n"));
        }
    }
}
