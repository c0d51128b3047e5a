package rekey.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.Still;
import rekey.StreamedInsert;
import rekey.copy.MergeHold;
import rekey.ingestion.Gate;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Entry.Event;
import rekey.session.Session;
import rekey.step.Create;
import rekey.step.Position;
import rekey.step.Swap;

/// A runner that stood still while another took over, and then goes on; and two migrations of one name.
@Tag("lock")
@Order(7)
class TakenOverTest {
    /// It had asked whether it still has the lock, and not yet written what it was about to attach.
    @Test
    void whoWakesUpBeforeItsAttachAttachesNothing() throws Exception {
        try (var still = Still.table("(a UInt64, b String) ENGINE = MergeTree ORDER BY a", "", "b, a", "")) {
            still.execute("INSERT INTO %s SELECT number, 'x' FROM numbers(100)");
            still.migrate("verify");
            var insert = new StreamedInsert(still.server, still.name, "(a, b)");
            insert.row("{\"a\":100,\"b\":\"late\"}");
            still.migrate("swap");
            insert.finish();

            var asleep = new CountDownLatch(1);
            var awake = new CountDownLatch(1);
            var once = new AtomicBoolean();
            var first = still.session();
            var server = still.server.listening(sql -> {
                if (!sql.startsWith("ALTER TABLE " + still.name.sql() + " ATTACH PARTITION") || once.getAndSet(true))
                    return;
                asleep.countDown();
                await(awake);
            });
            var sleeper = Thread.ofPlatform()
                    .start(() -> assertThrows(
                            Trouble.class,
                            () -> new Runner(
                                            new Session(
                                                    server,
                                                    first.rewrite(),
                                                    Map.of(),
                                                    first.journal(),
                                                    first.control(),
                                                    first.progress()),
                                            false,
                                            List.of())
                                    .run(still.migration, Optional.of("resume"))));
            asleep.await();
            var second = still.session();
            second.journal().listen(e -> {
                if (!e.is("swap", Event.DONE)) return;
                awake.countDown();
                join(sleeper);
            });
            new Runner(second, true, List.of()).run(still.migration, Optional.of("resume"));
            assertEquals(0, awake.getCount(), "vacuous: it was not woken");
            var r = still.server.one("SELECT count() AS n, countIf(b = 'late') AS late FROM " + still.name.sql());
            assertEquals(List.of(101L, 1L), List.of(r.number("n"), r.number("late")));
        }
    }

    /// It had paused ingestion, and the one who took over has done so again: to that one the gate belongs, and the
    /// held merges.
    @Test
    void whoWakesUpWhileAnotherHoldsIngestionDoesNotOpenIt() throws Exception {
        try (var scene = Scene.live(Scene.PLAIN)) {
            scene.migrate("verify");
            var asleep = new CountDownLatch(1);
            var awake = new CountDownLatch(1);
            var held = new AtomicBoolean();
            var first = scene.listening(sql -> {
                if (!Thread.currentThread().getName().equals("sleeper") || !held.getAndSet(false)) return;
                asleep.countDown();
                await(awake);
            });
            first.journal().listen(e -> held.compareAndSet(false, e.is("pause", Event.DONE)));
            var sleeper = Thread.ofPlatform()
                    .name("sleeper")
                    .start(() -> assertThrows(
                            Trouble.class,
                            () -> new Runner(first, false, List.of()).run(scene.migration, Optional.of("resume"))));
            asleep.await();
            var second = scene.session();
            var stood = new ArrayList<List<TableName>>();
            second.journal().listen(e -> {
                if (!e.is("pause", Event.DONE) || !stood.isEmpty()) return;
                awake.countDown();
                join(sleeper);
                stood.add(new Gate(scene.server, scene.migration.rewrite()).standing());
            });
            new Runner(second, true, List.of()).run(scene.migration, Optional.of("resume"));
            assertEquals(1, stood.size(), "vacuous: it was not woken");
            assertFalse(stood.getFirst().isEmpty(), "the one who woke up has opened the gate");
            scene.assertNothingLostOrDoubled();
            assertTrue(scene.ingestionOpen());
        }
    }

    /// It had asked whether it still has the lock, and not yet closed its gate; the other one has swapped and reads
    /// again. The gate's name is the same for all, and no guard looks after this one any more.
    @Test
    @Tag("slow")
    void whoWakesUpBeforeItsGateLeavesNoneBehind() throws Exception {
        try (var scene = Scene.live(Scene.PLAIN)) {
            scene.migrate("verify");
            var asleep = new CountDownLatch(1);
            var awake = new CountDownLatch(1);
            var closed = new AtomicBoolean();
            var first = scene.listening(sql -> {
                if (!Thread.currentThread().getName().equals("sleeper")) return;
                if (sql.startsWith("DROP TABLE ") && sql.contains("_missing")) closed.set(true);
                if (!sql.startsWith("CREATE TABLE IF NOT EXISTS ")
                        || !sql.contains("_missing")
                        || asleep.getCount() == 0) return;
                asleep.countDown();
                await(awake);
            });
            var sleeper = Thread.ofPlatform()
                    .name("sleeper")
                    .start(() -> assertThrows(
                            Trouble.class,
                            () -> new Runner(first, false, List.of()).run(scene.migration, Optional.of("resume"))));
            asleep.await();
            var second = scene.session();
            second.journal().listen(e -> {
                if (e.event() != Event.RESUMED) return;
                awake.countDown();
                join(sleeper);
            });
            new Runner(second, true, List.of()).run(scene.migration, Optional.of("resume"));
            assertTrue(closed.get(), "vacuous: it has closed no gate");
            assertTrue(scene.ingestionOpen(), "its gate stands");
            scene.assertNothingLostOrDoubled();
        }
    }

    /// Its runner was killed, all was rolled back, and then the statement reaches the server.
    @Test
    @Tag("slow")
    void aHoldOfMergesThatComesAfterTheRollbackIsGivenBack() {
        try (var still = Still.table("(a UInt64, b String) ENGINE = MergeTree ORDER BY a", "", "b, a", "")) {
            var before = still.session().source().definition();
            still.migrate("verify");
            still.rollback();
            for (Runnable next : List.<Runnable>of(still::rollback, () -> still.run(new Create()))) {
                still.execute(MergeHold.sql(still.name));
                assertTrue(
                        MergeHoldWarning.sentence(still.session()).orElse("").contains("MERGES OF"), "nobody is told");
                next.run();
                assertFalse(MergeHold.held(still.session().source()));
                assertTrue(MergeHoldWarning.sentence(still.session()).isEmpty());
            }
            still.rollback();
            assertEquals(before, still.session().source().definition());
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The journal of a database knows a migration by its name alone.
    @Test
    void anotherTablesMigrationOfTheSameNameRenamesNoLiveTable() {
        try (var still = Still.table("(a UInt64, b String) ENGINE = MergeTree ORDER BY a", "", "b, a", "")) {
            still.run(new Create());
            var other = still.name.sibling("other");
            still.execute("CREATE TABLE %s (a UInt64, b String) ENGINE = MergeTree ORDER BY a", other);
            var s = still.session();
            var session = new Session(
                    s.server(),
                    new Rewrite("m1", other, "", "", "b, a", "", ""),
                    Map.of(),
                    s.journal(),
                    s.control(),
                    s.progress());
            var unknown = assertThrows(
                    Trouble.OutcomeUnknown.class, () -> new Runner(session, false, List.of()).run(new Swap()));
            assertTrue(unknown.getMessage().contains("another --name"), unknown::getMessage);
            assertTrue(still.session().catalog().exists(still.name));
            assertInstanceOf(Position.Created.class, Position.of(still.session()));
            still.rollback();
        }
    }
}
