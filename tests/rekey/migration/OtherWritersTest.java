package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Scene;
import rekey.Still;
import rekey.StreamedInsert;
import rekey.lab.GuideTable;
import rekey.lab.Judge;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry.Event;
import rekey.step.Backfill;
import rekey.step.Position;
import rekey.step.Swap;
import rekey.step.Trailing;

/// Rows that come by plain INSERTs while a table is migrated: from the first statement to the last, and through the
/// EXCHANGE itself, which does not wait for an INSERT that is running.
@Tag("writers")
@Tag("slow")
@Order(Integer.MAX_VALUE - 4)
class OtherWritersTest {
    private static final String COLUMNS =
            "(uuid, event, properties, timestamp, team_id, distinct_id, created_at, _timestamp, _offset, _partition)";

    /// A row that the judge knows as one of those filled before.
    private static String row(long number) {
        return """
            {"uuid":"00000000-0000-0000-0000-%012d","event":"e","properties":"{}","timestamp":"2026-%02d-03 \
            04:05:06","team_id":1,"distinct_id":"d","created_at":"2026-01-01 00:00:00",\
            "_timestamp":"2026-01-01 00:00:00","_offset":%d,"_partition":%d}\
            """.formatted(number, 1 + number % 9, number, GuideTable.FILLED);
    }

    private static Judge.Verdict judge(Scene scene, long more) {
        scene.quiet();
        var verdict = new Judge(scene.server, scene.producer.ledger(), scene.table.filled() + more, null)
                .judge(scene.events());
        assertTrue(verdict.ok(), verdict::toString);
        return verdict;
    }

    @ParameterizedTest
    @ValueSource(strings = {Scene.REPLACING, Scene.PLAIN})
    void anInsertThatRunsThroughTheExchangeIsCarried(String engine) throws Exception {
        try (var scene = Scene.live(engine)) {
            long first = scene.table.filled();
            var insert = new StreamedInsert(scene.server, scene.events(), COLUMNS);
            insert.row(row(first));
            scene.migrate("swap");
            assertInstanceOf(Position.Swapped.class, Position.of(scene.session()));
            for (int i = 1; i < 20; i++) insert.row(row(first + i));
            var resumed = Thread.ofVirtual().start(() -> scene.migrate("resume"));
            // ingestion is open while the INSERT is still awaited
            Scene.await("ingestion to go on", scene::ingestionOpen);
            assertEquals(
                    0, scene.count(scene.events(), "_partition = " + GuideTable.FILLED + " AND _offset >= " + first));
            insert.finish();
            assertEquals(
                    20,
                    scene.count(
                            scene.migration.rewrite().backup(),
                            "_partition = " + GuideTable.FILLED + " AND _offset >= " + first),
                    "vacuous: it did not land in the old table");
            resumed.join();
            judge(scene, 20);

            // and through the EXCHANGE back, with a runner that dies right behind it
            var back = new StreamedInsert(scene.server, scene.events(), COLUMNS);
            back.row(row(first + 20));
            var session = scene.session();
            var exchanged = new AtomicBoolean();
            session.journal().listen(e -> {
                if (e.step().equals("swap") && e.event() == Event.INTENT) exchanged.set(true);
                if (exchanged.get() && e.event() == Event.RESUMED) throw new Dead();
            });
            assertThrows(Dead.class, () -> new Runner(session, false, List.of()).undo(new Swap()));
            assertInstanceOf(Position.Created.class, Position.of(scene.session()));
            back.finish();
            assertEquals(
                    0,
                    scene.count(scene.events(), "_offset = " + (first + 20) + " AND _partition = " + GuideTable.FILLED),
                    "vacuous: it did not land in the displaced table");
            // what is to be dropped is looked through first
            if (engine.equals(Scene.PLAIN)) {
                scene.undo(new Backfill());
                judge(scene, 21);
            }
            scene.rollback();
            scene.assertAsBefore();
            judge(scene, 21);
        }
    }

    /// In place of a kill -9 at an exact line of the journal.
    private static final class Dead extends RuntimeException {}

    @Test
    void plainInsertsDuringTheWholeMigrationAreCarried() {
        try (var scene = Scene.live(Scene.PLAIN)) {
            var written = new AtomicLong();
            var session = scene.session();
            session.journal().listen(e -> {
                write(scene, written.getAndIncrement());
            });
            new Runner(session, false, List.of()).run(scene.migration, Optional.of("optimize"));
            assertTrue(written.get() > 20, "vacuous: " + written + " rows");
            judge(scene, written.get());
        }
    }

    private static void write(Scene scene, long n) {
        long number = scene.table.filled() + n;
        scene.server.execute("INSERT INTO " + scene.events().sql() + " " + COLUMNS
                + " SETTINGS async_insert = 0 VALUES (generateUUIDv4(), 'e', '{}', '2026-0" + (1 + number % 9)
                + "-03 04:05:06', 1, 'd', now(), now(), " + number + ", " + GuideTable.FILLED + ")");
    }

    /// About half of all tables are fed by collectors and applications that never pause: 7 to 10 INSERTs a second
    /// were enough to have the swap put off and refused in the end.
    @ParameterizedTest
    @ValueSource(strings = {"MergeTree", "ReplacingMergeTree", "ReplacingMergeTree(v)"})
    void writersThatNeverRestAreNotWaitedFor(String engine) throws Exception {
        try (var still = Still.table("(a UInt64, v UInt64) ENGINE = " + engine + " ORDER BY a", "", "a % 7, a", "")) {
            still.execute("INSERT INTO %s SELECT number + 1000000, 1 FROM numbers(1000)");
            var over = new AtomicBoolean();
            var written = new AtomicLong();
            var writers = java.util.stream.IntStream.range(0, 3)
                    .mapToObj(n -> Thread.ofPlatform().start(() -> {
                        try (var own = rekey.Labs.connect()) {
                            while (!over.get())
                                rekey.Inserts.send(
                                        own,
                                        "INSERT INTO " + still.name.sql() + " SETTINGS async_insert = 0 VALUES ("
                                                + written.incrementAndGet() + ", 1)");
                        }
                    }))
                    .toList();
            var session = still.listening(sql -> {
                if (sql.startsWith("EXCHANGE"))
                    still.execute(
                            "INSERT INTO %s SETTINGS async_insert = 0 VALUES (" + written.incrementAndGet() + ", 1)");
            });
            try {
                Scene.await("them to write", () -> written.get() > 5);
                new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
                assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
                assertTrue(
                        Trailing.lateVisibleMs(session.journal().entries()) > 0,
                        "vacuous: nothing came in the moment of the exchange");
                assertEachOnce(still, written, over, writers);
                // and back, beside others
                over.set(false);
                var more = Thread.ofPlatform().start(() -> {
                    try (var own = rekey.Labs.connect()) {
                        while (!over.get())
                            rekey.Inserts.send(
                                    own,
                                    "INSERT INTO " + still.name.sql() + " SETTINGS async_insert = 0 VALUES ("
                                            + written.incrementAndGet() + ", 1)");
                    }
                });
                still.rollback();
                assertEachOnce(still, written, over, List.of(more));
            } finally {
                over.set(true);
                for (var w : writers) w.join();
            }
        }
    }

    private static void assertEachOnce(Still still, AtomicLong written, AtomicBoolean over, List<Thread> writers)
            throws InterruptedException {
        over.set(true);
        for (var w : writers) w.join();
        var r = still.server.one("SELECT count() AS n, uniqExact(a) AS u FROM " + still.name.sql());
        assertEquals(List.of(written.get() + 1000, written.get() + 1000), List.of(r.number("n"), r.number("u")));
    }

    @Test
    void aWriterThatNeverRestsPutsTheSwapOffWhereThatIsAskedFor() throws Exception {
        try (var still = Still.table("(a UInt64, b String) ENGINE = MergeTree ORDER BY a", "", "b, a", "")
                .withLimits(Scene.LIMITS.withHoldWriters(true))) {
            var over = new AtomicBoolean();
            var written = new AtomicLong();
            var writer = Thread.ofPlatform().start(() -> {
                try (var own = rekey.Labs.connect()) {
                    while (!over.get())
                        rekey.Inserts.send(
                                own,
                                "INSERT INTO " + still.name.sql() + " SETTINGS async_insert = 0 VALUES ("
                                        + written.incrementAndGet() + ", 'x')");
                }
            });
            var source = still.session().source().uuid();
            // one of a table by the same name elsewhere, and one of a table whose name begins so, have nothing to do
            // with it
            var elsewhere = new TableName(rekey.Labs.database(), still.name.table());
            var longer = still.name.sibling("t2");
            for (var t : List.of(elsewhere, longer))
                still.execute("CREATE TABLE %s (a UInt64) ENGINE = MergeTree ORDER BY a", t);
            var others = List.of(
                    new StreamedInsert(still.server, elsewhere, "(a)"),
                    new StreamedInsert(still.server, longer, "(a)"));
            try {
                for (var other : others) other.row("{\"a\":1}");
                Scene.await("it to write", () -> written.get() > 5);
                var refused = assertThrows(Trouble.PutOff.class, () -> still.migrate("resume"));
                assertTrue(
                        refused.getMessage().contains("Rows keep coming")
                                && refused.getMessage()
                                        .matches("(?s).*: default (runs|ran) 'INSERT INTO " + still.name.sql() + ".*"),
                        refused::getMessage);
                assertFalse(
                        refused.getMessage().contains(elsewhere.sql())
                                || refused.getMessage().contains(longer.sql()),
                        refused::getMessage);
                assertEquals(source, still.session().source().uuid());
            } finally {
                over.set(true);
                writer.join();
                for (var other : others) other.abort();
            }
            still.migrate("resume");
            var r = still.server.one("SELECT count() AS n, uniqExact(a) AS u FROM " + still.name.sql());
            assertEquals(written.get(), r.number("n"));
            assertEquals(written.get(), r.number("u"));
        }
    }

    /// Nothing of a short INSERT runs any more when it is looked for: the log tells whose it was, were it only
    /// written already.
    @Test
    void aWriterOfShortInsertsIsNamedToo() throws Exception {
        try (var still = Still.table("(a UInt64, b String) ENGINE = MergeTree ORDER BY a", "", "b, a", "")
                .withLimits(Scene.LIMITS.withHoldWriters(true))) {
            still.migrate("verify");
            var session = still.session();
            try (var own =
                    rekey.Labs.connect(rekey.Labs.shared(), rekey.Labs.WRITER, rekey.Labs.WRITER, java.util.Map.of())) {
                var written = new AtomicLong();
                session.journal().listen(e -> {
                    if (e.detail() instanceof Detail.PutOff p) session.control().stop(p.why());
                    if (!e.is("while paused", Event.BEGUN) && e.event() != Event.ROUND) return;
                    // it is the last one that is looked for right away
                    (written.get() < 4 ? still.server : own)
                            .execute("INSERT INTO " + still.name.sql() + " VALUES (" + written.incrementAndGet()
                                    + ", 'x')");
                });
                var refused = assertThrows(
                        Trouble.Stopped.class,
                        () -> new Runner(session, false, List.of()).run(still.migration, Optional.of("resume")));
                assertTrue(
                        refused.getMessage().contains("Rows keep coming")
                                && refused.getMessage().contains("writer ran 'INSERT INTO " + still.name.sql()),
                        refused::getMessage);
            }
        }
    }

    /// Async inserts, a Buffer table and a Distributed one, from the first line of the journal to the last. The
    /// lab's server has no queue for async inserts (36: not initialized) and takes them at once: that the queue is
    /// flushed is not shown here.
    @Test
    void whatComesByOtherWaysIsCarriedToo() throws Exception {
        try (var still = Still.table("(a UInt64, b String) ENGINE = MergeTree ORDER BY a", "", "b, a", "")) {
            var buffer = still.name.sibling("buffer");
            still.execute(
                    "CREATE TABLE %s (a UInt64, b String) ENGINE = Buffer('" + still.name.database()
                            + "', 't', 1, 0.1, 0.3, 1, 1000, 1, 1000000)",
                    buffer);
            // what a Distributed table sends on
            var distributed = "INSERT INTO FUNCTION remote('127.0.0.1:"
                    + rekey.Labs.shared().clickhouse().tcpPort() + "', " + still.name.database() + ", t) VALUES (";
            var written = new AtomicLong();
            var held = new AtomicBoolean();
            for (int tries = 0;
                    Position.of(still.session()) instanceof Position.Swapped == false && tries < 6;
                    tries++) {
                var session = still.session();
                boolean writes = tries < 2;
                session.journal().listen(e -> {
                    // a writer that never rests would put the swap off for ever
                    if (!writes) return;
                    held.set(e.is("remaining", Event.DONE)
                            || e.is("while paused", Event.BEGUN)
                            || e.is("swap", Event.INTENT));
                    if (held.get()) return;
                    still.execute("INSERT INTO %s SETTINGS async_insert = 1, wait_for_async_insert = 0 VALUES ("
                            + written.getAndIncrement() + ", 'async')");
                    still.execute("INSERT INTO %s VALUES (" + written.getAndIncrement() + ", 'buffer')", buffer);
                    still.server.execute(distributed + written.getAndIncrement() + ", 'distributed')");
                });
                try {
                    new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
                } catch (Trouble.PutOff e) {
                    // a busy machine may have had no time for it
                    if (e.getMessage().startsWith("Rows keep coming"))
                        assertTrue(
                                e.getMessage().contains("the Buffer table " + buffer + " flushes into it"),
                                e::getMessage);
                }
            }
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
            still.server.execute("OPTIMIZE TABLE " + buffer.sql());
            assertTrue(written.get() > 30, "vacuous: " + written);
            Scene.await(
                    "all of it",
                    () -> still.server
                                    .one("SELECT count() AS n FROM " + still.name.sql())
                                    .number("n")
                            >= written.get());
            var r = still.server.one(
                    "SELECT count() AS n, uniqExact(a) AS u, uniqExact(b) AS ways FROM " + still.name.sql());
            assertEquals(
                    List.of(written.get(), written.get(), 3L), List.of(r.number("n"), r.number("u"), r.number("ways")));
            still.execute("DROP TABLE %s SYNC", buffer);
            still.rollback();
            r = still.server.one("SELECT count() AS n, uniqExact(a) AS u FROM " + still.name.sql());
            assertEquals(List.of(written.get(), written.get()), List.of(r.number("n"), r.number("u")));
        }
    }
}
