package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Labs;
import rekey.Scene;
import rekey.Still;
import rekey.StreamedInsert;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.step.Finalize;

/// Of two rows of a key with equal versions, or none, a ReplacingMergeTree keeps the one that was inserted last. So
/// what an EXCHANGE left in the displaced table must never come behind what the live table has got since: one plain
/// writer whose INSERT ran through the EXCHANGE, and who sent the next when it was answered, lost the newer row for
/// good, 4 times of 4.
@Tag("writers")
@Tag("slow")
@Order(5)
class NeverBehindTest extends StrayRows {
    @ParameterizedTest
    @CsvSource({
        PLAIN + ", 1, 1, new", // no version: the last one
        VERSIONED + ", 5, 5, new", // a tie: the last one
        VERSIONED + ", 6, 5, old", // the higher version, though it comes late
        VERSIONED + ", 4, 5, new",
    })
    void anInsertThatRanThroughTheExchangeComesInFront(String engine, int oldVersion, int newVersion, String right)
            throws Exception {
        try (var still = table(engine)) {
            var insert = new AtomicReference<StreamedInsert>();
            var backup = still.migration.rewrite().backup();
            Runnable begin = () ->
                    insert.set(begun(still, row(7, oldVersion, "old"), row(8, 1, "alone"), row(1000, 1, "alone")));
            var session = still.listening(aroundTheExchange(backup, begin, () -> {
                finish(insert.get());
                still.execute("INSERT INTO %s VALUES (7, " + newVersion + ", 'new'), (1001, 1, 'new')");
            }));
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertEquals("alone", shown(still, backup, 1000), "vacuous: it did not land in the old table");
            assertEquals(right, shown(still, still.name, 7));
            for (int k : new int[] {8, 1000}) assertEquals("alone", shown(still, still.name, k));
            assertEquals(oldVersion == newVersion ? 1 : 0, left(session));
            assertWhole(still);
            still.execute("OPTIMIZE TABLE %s FINAL");
            assertEquals(right, shown(still, still.name, 7));
            assertWhole(still);
            still.rollback();
            assertEquals(right, shown(still, still.name, 7));
            for (int k : new int[] {8, 1000}) assertEquals("alone", shown(still, still.name, k));
            assertEquals("new", shown(still, still.name, 1001));
            still.execute("OPTIMIZE TABLE %s FINAL");
            assertEquals(right, shown(still, still.name, 7));
            still.migrate("resume");
            assertEquals(right, shown(still, still.name, 7));
            assertWhole(still);
            still.run(new Finalize());
        }
    }

    @ParameterizedTest
    @CsvSource({
        PLAIN + ", 1, 1, new",
        VERSIONED + ", 5, 5, new",
        VERSIONED + ", 6, 5, old",
        VERSIONED + ", 4, 5, new",
    })
    void soOnTheWayBack(String engine, int oldVersion, int newVersion, String right) throws Exception {
        try (var still = table(engine)) {
            still.migrate("resume");
            still.execute("INSERT INTO %s VALUES (7, 2, 'since'), (9, 2, 'since')");
            var insert = new AtomicReference<StreamedInsert>();
            var stranded = new AtomicInteger();
            Runnable begin = () -> insert.set(begun(still, row(7, oldVersion, "old"), row(1000, 1, "alone")));
            var session = still.listening(aroundTheExchange(still.target(), begin, () -> {
                finish(insert.get());
                stranded.incrementAndGet();
                still.execute("INSERT INTO %s VALUES (7, " + newVersion + ", 'new')");
            }));
            new Runner(session, false, List.of()).rollback(still.migration);
            assertEquals(1, stranded.get(), "vacuous");
            assertEquals(right, shown(still, still.name, 7));
            assertEquals("since", shown(still, still.name, 9));
            assertEquals("alone", shown(still, still.name, 1000));
            still.execute("OPTIMIZE TABLE %s FINAL");
            assertEquals(right, shown(still, still.name, 7));
        }
    }

    /// The newer row comes between the look for it and the attach.
    @ParameterizedTest
    @CsvSource({PLAIN + ", false", VERSIONED + ", false", PLAIN + ", true", VERSIONED + ", true"})
    void aNewerRowThatComesInTheMomentOfTheAttach(String engine, boolean back) throws Exception {
        try (var still = table(engine)) {
            if (back) still.migrate("resume");
            var insert = new AtomicReference<StreamedInsert>();
            var displaced = back ? still.target() : still.migration.rewrite().backup();
            var exchanged = new AtomicBoolean();
            var raced = new AtomicInteger();
            Runnable begin = () -> insert.set(begun(still, row(7, 5, "old"), row(8, 5, "old"), row(1000, 1, "alone")));
            var around = aroundTheExchange(displaced, begin, () -> {
                exchanged.set(true);
                finish(insert.get());
            });
            var session = still.listening(sql -> {
                around.accept(sql);
                if (!exchanged.get() || !sql.startsWith("ALTER TABLE " + still.name.sql() + " ATTACH")) return;
                // the first time one of the keys, the second time the other
                int n = raced.getAndIncrement();
                if (n < 2) still.execute("INSERT INTO %s VALUES (" + (7 + n) + ", 5, 'new')");
            });
            var runner = new Runner(session, false, List.of());
            if (back) runner.rollback(still.migration);
            else runner.run(still.migration, Optional.of("resume"));
            assertTrue(raced.get() >= 2, "vacuous: " + raced);
            for (int k : new int[] {7, 8}) assertEquals("new", shown(still, still.name, k));
            assertEquals("alone", shown(still, still.name, 1000));
            still.execute("OPTIMIZE TABLE %s FINAL");
            for (int k : new int[] {7, 8}) assertEquals("new", shown(still, still.name, k));
            if (back) return;
            assertWhole(still);
            still.rollback();
            for (int k : new int[] {7, 8}) assertEquals("new", shown(still, still.name, k));
        }
    }

    /// Partition and key are the live table's: a finer key keeps both rows, as it would have, and so does another
    /// partition.
    @Test
    void theLiveTablesKeyDecides() throws Exception {
        try (var still = Still.table(
                "(k UInt64, v UInt32, s String) ENGINE = ReplacingMergeTree ORDER BY k", "v", "k, v, s", "")) {
            still.execute("INSERT INTO %s SELECT number, 1, 'first' FROM numbers(100)");
            var insert = begun(still, row(7, 1, "old"), row(8, 1, "same"), row(9, 2, "same"));
            var session =
                    still.listening(behindTheExchange(still.migration.rewrite().backup(), () -> {
                        finish(insert);
                        still.execute("INSERT INTO %s VALUES (7, 1, 'new'), (8, 1, 'same'), (9, 3, 'same')");
                    }));
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertEquals(
                    List.of(
                            "7 1 first",
                            "7 1 new",
                            "7 1 old",
                            "8 1 first",
                            "8 1 same",
                            "9 1 first",
                            "9 2 same",
                            "9 3 same"),
                    still
                            .server
                            .query("SELECT concat(k, ' ', v, ' ', s) AS r FROM " + still.name.sql()
                                    + " FINAL WHERE k IN (7, 8, 9) ORDER BY r")
                            .stream()
                            .map(r -> r.string("r"))
                            .toList());
            assertEquals(1, left(session));
            assertWhole(still);
            // back under the old key the newer ones are the last
            still.rollback();
            assertEquals("new", shown(still, still.name, 7));
        }
    }

    /// An alias wins over a column: with `count() AS n` a key column `n` was an aggregate in WHERE, and rows stayed
    /// in the displaced table for good.
    @ParameterizedTest
    @ValueSource(strings = {"ReplacingMergeTree", "ReplacingMergeTree(rows)"})
    void keysNamedAsAnybodysAliases(String engine) throws Exception {
        try (var still = Still.table(
                "(n UInt64, p UInt64, b UInt64, behind UInt64, s String, rows UInt32) ENGINE = " + engine
                        + " ORDER BY (n, p, b, behind)",
                "",
                "cityHash64(n), n, p, b, behind",
                "")) {
            still.execute("INSERT INTO %s SELECT number, number, number, number, 'first', 1 FROM numbers(100)");
            var insert = new AtomicReference<StreamedInsert>();
            var columns = "(n, p, b, behind, s, rows)";
            var session = still.listening(aroundTheExchange(
                    still.migration.rewrite().backup(),
                    () -> {
                        insert.set(streamed(still, columns));
                        for (int n : new int[] {7, 8, 1000})
                            row(
                                    insert.get(),
                                    "{'n': %1$d, 'p': %1$d, 'b': %1$d, 'behind': %1$d, 's': 'old', 'rows': 5}"
                                            .formatted(n)
                                            .replace('\'', '"'));
                    },
                    () -> {
                        finish(insert.get());
                        still.execute("INSERT INTO %s " + columns + " VALUES (7, 7, 7, 7, 'new', 5)");
                        still.execute("ALTER TABLE %s DELETE WHERE n = 8 AND p = n AND behind = b");
                    }));
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertEquals(2, left(session), "vacuous: nothing stayed out");
            assertWhole(still);
            for (int turn = 0; turn < 2; turn++) {
                assertEquals(
                        "7 new, 1000 old",
                        still.server
                                .one("SELECT arrayStringConcat(groupArray(w), ', ') AS said FROM (SELECT concat(n, ' ',"
                                        + " s) AS w FROM " + still.name.sql()
                                        + " FINAL WHERE n IN (7, 8, 1000) ORDER BY n)")
                                .string("said"));
                if (turn == 0) still.rollback();
            }
        }
    }

    /// What a Buffer table flushes through the exchange was inserted into it before.
    @Test
    void theFlushOfABufferComesInFront() throws Exception {
        try (var still = Still.table(
                "(k UInt64, v UInt32, s String, slow UInt8 MATERIALIZED sleepEachRow(1)) ENGINE = ReplacingMergeTree"
                        + " ORDER BY k",
                "",
                "cityHash64(k), k",
                "")) {
            var buffer = still.name.sibling("buffer");
            still.execute(
                    "CREATE TABLE %s (k UInt64, v UInt32, s String) ENGINE = Buffer('" + still.name.database()
                            + "', 't', 1, 1000, 1000, 100000, 100000, 100000000, 100000000)",
                    buffer);
            still.execute("INSERT INTO %s VALUES (1, 1, 'first')");
            var flush = new AtomicBoolean();
            var flushed = new AtomicBoolean();
            var backup = still.migration.rewrite().backup();
            var behind = behindTheExchange(backup, () -> {
                Scene.await("the flush to end", () -> !flushes(still));
                still.execute("INSERT INTO %s VALUES (7, 1, 'new')");
            });
            var session = still.listening(sql -> {
                behind.accept(sql);
                if (!sql.startsWith("EXCHANGE") || flush.getAndSet(true)) return;
                still.execute("INSERT INTO %s VALUES (7, 1, 'old'), (8, 1, 'alone')", buffer);
                Thread.ofVirtual().start(() -> {
                    try (var own = Labs.connect()) {
                        own.execute("OPTIMIZE TABLE " + buffer.sql());
                        flushed.set(true);
                    }
                });
                Scene.await("the flush to begin", () -> flushed.get() || flushes(still));
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertEquals("old", shown(still, backup, 7), "vacuous: it did not land in the old table");
            assertEquals("new", shown(still, still.name, 7));
            assertEquals("alone", shown(still, still.name, 8));
        }
    }

    private static boolean flushes(Still still) {
        return still.server
                        .one("SELECT count() AS n FROM system.processes WHERE query_kind = 'Optimize' AND"
                                + " position(query, '" + still.name.database()
                                + "') > 0 AND ProfileEvents['StorageBufferFlush'] > 0")
                        .number("n")
                > 0;
    }

    /// Long after the swap, by the displaced table's name: which of two rows of a key came later can't be told then.
    @Test
    void aStrayThatGivesWayIsToldOnce() {
        try (var still = table(PLAIN)) {
            still.migrate("resume");
            var backup = still.migration.rewrite().backup();
            still.execute("INSERT INTO %s VALUES (7, 1, 'new')");
            still.execute("INSERT INTO %s VALUES (7, 1, 'stray'), (1000, 1, 'alone')", backup);
            var told = assertThrows(Trouble.Refused.class, () -> still.migrate("resume"));
            assertTrue(told.getMessage().startsWith(backup + " got 1 row since the swap"), told::getMessage);
            assertTrue(told.getMessage().endsWith("this message comes once."), told::getMessage);
            assertEquals("new", shown(still, still.name, 7));
            assertEquals("alone", shown(still, still.name, 1000));
            still.migrate("resume");
            assertEquals("new", shown(still, still.name, 7));
            assertWhole(still);
            still.rollback();
            assertEquals("new", shown(still, still.name, 7));
        }
    }

    /// The swap was taken back, and its runner died before what ran through that was carried: then it goes on
    /// forwards again. A row that a round has carried into the target no longer counts as newer there.
    @ParameterizedTest
    @ValueSource(strings = {PLAIN, VERSIONED})
    void whatWasStrandedOnTheWayBackComesBeforeTheNextRound(String engine) {
        try (var still = table(engine)) {
            still.migrate("resume");
            var target = still.target();
            var back = new AtomicBoolean();
            var session = still.listening(sql -> {
                if (sql.startsWith("EXCHANGE"))
                    still.execute("INSERT INTO %s VALUES (7, 5, 'old'), (1000, 1, 'alone')");
                else if (sql.startsWith("RENAME") && sql.endsWith(target.sql())) back.set(true);
                else if (back.get() && !sql.startsWith("ALTER")) {
                    back.set(false);
                    still.execute("INSERT INTO %s VALUES (7, 5, 'new')");
                    throw new Trouble.Stopped("killed");
                }
            });
            assertThrows(Trouble.Stopped.class, () -> new Runner(session, false, List.of()).rollback(still.migration));
            assertEquals("alone", shown(still, target, 1000), "vacuous: nothing was stranded");
            assertEquals("", shown(still, still.name, 1000), "vacuous: it was carried already");
            still.migrate("resume");
            assertEquals("new", shown(still, still.name, 7));
            assertEquals("alone", shown(still, still.name, 1000));
            still.execute("OPTIMIZE TABLE %s FINAL");
            assertEquals("new", shown(still, still.name, 7));
            still.rollback();
            assertEquals("new", shown(still, still.name, 7));
        }
    }
}
