package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Scene;
import rekey.Still;
import rekey.clickhouse.ServerError;
import rekey.compare.ComparedShare;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Entry.Event;
import rekey.step.Position;
import rekey.step.Verify;

/// A table whose owner deletes all the while: the migration comes to its swap, and each DELETE has been made on the
/// rows it was meant for and on no others. With 2 of them a second one never ended.
@Tag("writers")
@Tag("slow")
@Order(5)
class DeletesThatKeepComingTest {
    private static final String REPLACING = "ReplacingMergeTree", VERSIONED = "ReplacingMergeTree(v)";
    private static final String KEYS = "cityHash64(k), k";

    private static Still table(String engine) {
        var still = Still.table(
                "(k UInt64, v UInt32, s String) ENGINE = " + engine + " PARTITION BY k % 3 ORDER BY k",
                "k % 3",
                KEYS,
                "");
        still.execute("INSERT INTO %s SELECT number, 1, 'first' FROM numbers(4000)");
        return still;
    }

    /// One writer who never rests, each of his statements answered before the next is sent: and each made on a
    /// second table too, that nobody migrates.
    private static final class Owner implements AutoCloseable {
        private final Still still;
        private final TableName twin;
        private final Thread thread;
        private final AtomicInteger times = new AtomicInteger();
        private volatile boolean ends;
        private volatile RuntimeException failed;

        Owner(Still still, String engine) {
            this.still = still;
            twin = still.name.sibling("twin");
            still.execute(
                    "CREATE TABLE %s (k UInt64, v UInt32, s String) ENGINE = " + engine
                            + " PARTITION BY k % 3 ORDER BY k",
                    twin);
            still.execute("INSERT INTO %s SELECT number, 1, 'first' FROM numbers(4000)", twin);
            thread = Thread.ofVirtual().start(this::go);
        }

        private void go() {
            try {
                while (!ends) {
                    int n = times.incrementAndGet();
                    // new rows; a row that was just inserted goes, an old one goes, and one that went comes again
                    both("INSERT INTO %s SELECT " + 10_000 * n + " + number, 1, 'new' FROM numbers(20)");
                    both("DELETE FROM %s WHERE k = " + (10_000 * n + 3));
                    both("ALTER TABLE %s DELETE WHERE k IN (" + n * 7 + ", " + (10_000 * (n - 1) + 4)
                            + ") SETTINGS mutations_sync = 0");
                    both("INSERT INTO %s VALUES (" + (10_000 * n + 3) + ", 2, 'again')");
                }
            } catch (RuntimeException e) {
                failed = e;
            }
        }

        /// An ATTACH stops a mutation of that moment, which begins again by itself; who waits for it is told so
        /// (341).
        private void both(String sql) {
            try {
                still.execute(sql);
            } catch (ServerError e) {
                if (e.code() != 341) throw e;
            }
            still.execute(sql, twin);
        }

        void awaitTimes(int more) {
            int then = times.get();
            Scene.await("the owner's statements", () -> times.get() >= then + more || failed != null);
        }

        /// What both tables should hold.
        String end() {
            close();
            assertNull(failed);
            mutated(still.name);
            mutated(twin);
            return still.content(twin);
        }

        private void mutated(TableName table) {
            Scene.await(
                    "mutations to end",
                    () -> still.session().catalog().mutations(table).stream().allMatch(m -> m.done()));
        }

        @Override
        public void close() {
            ends = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void assertWhole(Still still) {
        assertTrue(
                Verify.look(still.session(), ComparedShare.ALL, true).partitions().stream()
                        .noneMatch(c -> c.differs()),
                "verify finds a difference");
    }

    @ParameterizedTest
    @ValueSource(strings = {"MergeTree", REPLACING, VERSIONED})
    void theSwapComesAndEachIsMadeOnItsRowsAlone(String engine) {
        try (var still = table(engine)) {
            var backup = still.migration.rewrite().backup();
            try (var owner = new Owner(still, engine)) {
                owner.awaitTimes(2);
                still.migrate("resume");
                owner.awaitTimes(2);
                assertWhole(still);
                assertEquals(owner.end(), still.content(still.name));
            }
            assertTrue(still.session().catalog().uuid(backup).isPresent(), "it was not swapped");
            assertWhole(still);
        }
    }

    private static long count(Still still, TableName table, int k) {
        return still.server
                .one("SELECT count() AS n FROM " + table.sql() + " WHERE k = " + k)
                .number("n");
    }

    /// Right before the EXCHANGE, behind the last round: it was meant for the rows of then.
    @ParameterizedTest
    @ValueSource(strings = {"MergeTree", REPLACING, VERSIONED})
    void oneInTheMomentOfTheExchangeIsMadeOnWhatWasCarried(String engine) {
        try (var still = table(engine)) {
            var backup = still.migration.rewrite().backup();
            var session = still.listening(sql -> {
                if (sql.startsWith("EXCHANGE")) {
                    still.execute("INSERT INTO %s VALUES (7, 1, 'again'), (5000, 1, 'new')");
                    still.execute("DELETE FROM %s WHERE k IN (7, 8)");
                    still.execute("INSERT INTO %s VALUES (5001, 1, 'new'), (9, 1, 'behind it')");
                } else if (sql.startsWith("RENAME") && sql.endsWith(backup.sql()))
                    still.execute("INSERT INTO %s VALUES (8, 1, 'new')");
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertEquals(0, count(still, backup, 8), "vacuous: it was not made on the old table");
            settled(still);
            assertEquals(0, count(still, still.name, 7));
            assertEquals(
                    "new",
                    still.server
                            .one("SELECT any(s) AS s FROM " + still.name.sql() + " WHERE k = 8")
                            .string("s"));
            for (int k : new int[] {8, 5000, 5001}) assertEquals(1, count(still, still.name, k));
            assertWhole(still);
            still.rollback();
            assertEquals(0, count(still, still.name, 7));
            for (int k : new int[] {8, 5000, 5001}) assertEquals(1, count(still, still.name, k));
        }
    }

    /// On the new table, of a row that had come into the old one in the moment of the EXCHANGE and was not carried
    /// yet.
    @ParameterizedTest
    @ValueSource(strings = {"MergeTree", REPLACING, VERSIONED})
    void aRowIsNotPutBehindItsDelete(String engine) {
        try (var still = table(engine)) {
            var backup = still.migration.rewrite().backup();
            var session = still.listening(sql -> {
                if (sql.startsWith("EXCHANGE"))
                    still.execute("INSERT INTO %s VALUES (5000, 1, 'new'), (5001, 1, 'new')");
                else if (sql.startsWith("RENAME") && sql.endsWith(backup.sql()))
                    still.execute("DELETE FROM %s WHERE k = 5000");
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertEquals(1, count(still, backup, 5000), "vacuous: it did not come into the old table");
            assertEquals(0, count(still, still.name, 5000));
            assertEquals(1, count(still, still.name, 5001));
            assertWhole(still);
            still.rollback();
            assertEquals(0, count(still, still.name, 5000));
            assertEquals(1, count(still, still.name, 5001));
        }
    }

    /// It comes between the look for it and the attach.
    @ParameterizedTest
    @ValueSource(strings = {"MergeTree", REPLACING})
    void norBehindOneThatComesInTheLastMoment(String engine) {
        try (var still = table(engine)) {
            var exchanged = new AtomicBoolean();
            var deleted = new AtomicBoolean();
            var session = still.listening(sql -> {
                if (sql.startsWith("EXCHANGE") && exchanged.compareAndSet(false, true))
                    still.execute("INSERT INTO %s VALUES (5000, 1, 'new'), (5001, 1, 'new')");
                else if (exchanged.get() && sql.contains("ATTACH PARTITION") && deleted.compareAndSet(false, true))
                    still.execute("DELETE FROM %s WHERE k = 5000");
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertTrue(deleted.get(), "vacuous: nothing was attached behind the EXCHANGE");
            assertEquals(0, count(still, still.name, 5000));
            assertEquals(1, count(still, still.name, 5001));
            assertWhole(still);
        }
    }

    /// On the old table it fails for ever: what is behind it comes all the same, and its owner is told.
    @Test
    void oneThatFailsInTheMomentOfTheExchangeIsSaid() {
        try (var still = table("MergeTree")) {
            var session = still.listening(sql -> {
                if (!sql.startsWith("EXCHANGE")) return;
                still.execute("ALTER TABLE %s DELETE WHERE throwIf(k = 7, 'never') = 1 SETTINGS mutations_sync = 0");
                still.execute("INSERT INTO %s VALUES (5000, 1, 'behind it')");
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertEquals(1, count(still, still.name, 5000));
            assertEquals(1, count(still, still.name, 7));
            var told = Entry.all(still.session().journal().entries(), Detail.ByHand.class)
                    .map(Detail.ByHand::what)
                    .toList();
            assertEquals(1, told.size(), told::toString);
            for (var word : List.of("throwIf", "never", "KILL MUTATION", "by hand"))
                assertTrue(told.getFirst().contains(word), told::toString);
            still.execute("KILL MUTATION WHERE database = '" + still.name.database() + "'");
        }
    }

    /// It was on its way when its runner was killed, another made it again and carried what was inserted since, and
    /// only then does it act.
    @ParameterizedTest
    @ValueSource(strings = {"MergeTree", REPLACING, "SummingMergeTree(v)"})
    void oneOfADeadRunnerThatActsLateTakesNothingThatCameSince(String engine) {
        try (var still = table(engine)) {
            still.migrate("backfill");
            still.execute("DELETE FROM %s WHERE k IN (7, 8)");
            var late = new AtomicReference<String>();
            var dead = still.listening(sql -> {
                if (!sql.startsWith("ALTER TABLE " + still.target().sql() + " DELETE")) return;
                late.set(sql);
                throw new Trouble.Stopped("killed");
            });
            assertThrows(
                    Trouble.Stopped.class,
                    () -> new Runner(dead, false, List.of()).run(still.migration, Optional.of("verify")));
            still.execute("INSERT INTO %s VALUES (7, 1, 'again')");
            var acted = new AtomicBoolean();
            var session = still.session();
            session.journal().listen(e -> {
                if (e.is("verify", Event.VERIFIED) && acted.compareAndSet(false, true))
                    still.execute(late.get().replace("mutations_sync = 0", "mutations_sync = 2"));
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertTrue(acted.get(), "vacuous: it did not act");
            assertEquals(1, count(still, still.name, 7));
            assertEquals(0, count(still, still.name, 8));
            assertWhole(still);
        }
    }

    /// However many come while the last ones are made, and however much longer each time takes: the rounds before
    /// the swap are few, and what is behind the first that was not made is carried behind the EXCHANGE.
    @Test
    void noPaceKeepsTheSwapAway() {
        try (var still = table("MergeTree")) {
            var times = new AtomicInteger();
            var run = still.listening(sql -> {
                if (!sql.startsWith("ALTER TABLE " + still.target().sql() + " DELETE")
                        && !sql.startsWith("EXCHANGE TABLES")) return;
                int n = times.incrementAndGet();
                for (int i = 0; i < 2 * n + 2; i++)
                    still.execute("ALTER TABLE %s DELETE WHERE k = " + (100 * n + i) + " SETTINGS mutations_sync = 0");
                LockSupport.parkNanos(200_000_000L * n);
            });
            still.migrate("backfill");
            still.execute("ALTER TABLE %s DELETE WHERE k = 1 SETTINGS mutations_sync = 0");
            new Runner(run, false, List.of()).run(still.migration, Optional.of("resume"));
            assertTrue(times.get() >= 2, "vacuous: none came but with the EXCHANGE");
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
            for (int n = 1; n <= times.get(); n++)
                for (int i = 0; i < 2 * n + 2; i++) assertEquals(0, count(still, still.name, 100 * n + i));
            assertWhole(still);
        }
    }

    private static void settled(Still still) {
        Scene.await(
                "mutations to end",
                () -> still.session().catalog().mutations(still.name).stream().allMatch(m -> m.done()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"MergeTree", REPLACING, VERSIONED})
    void andTheWayBack(String engine) {
        try (var still = table(engine)) {
            still.migrate("resume");
            try (var owner = new Owner(still, engine)) {
                owner.awaitTimes(2);
                still.rollback();
                owner.awaitTimes(2);
                assertEquals(owner.end(), still.content(still.name));
            }
        }
    }
}
