package rekey.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.ChildProcess;
import rekey.Labs;
import rekey.Scene;
import rekey.Still;
import rekey.Wire;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Control;
import rekey.session.Entry.Event;
import rekey.session.Limits;

/// One runner for a table.
@Tag("lock")
class RunLockTest {
    private static TableName table() {
        return new TableName("locks", "t_" + UUID.randomUUID());
    }

    /// In the emergency it said that a user attempts to kill a query, and no more.
    @Test
    void anotherUsersRunIsEndedByNobodyWhoMayNot() {
        var table = table();
        try (var server = Labs.connect();
                var reader = Labs.connect(Labs.shared(), Labs.READER, Labs.READER, Map.of());
                var _ = RunLock.acquire(server, table, "first", false, new Control(Limits.DEFAULT))) {
            var refused = assertThrows(
                    Trouble.Refused.class,
                    () -> RunLock.acquire(reader, table, "second", true, new Control(Limits.DEFAULT)));
            assertTrue(refused.getMessage().contains("GRANT KILL QUERY ON *.* TO `reader`"), refused::getMessage);
        }
    }

    @Test
    void ofManyStartedAtOnceOneGetsIt() throws Exception {
        var table = table();
        for (int round = 0; round < 3; round++) {
            int many = 8;
            var together = new CyclicBarrier(many);
            var allTried = new CyclicBarrier(many);
            var got = new AtomicInteger();
            var refused = new AtomicInteger();
            try (var pool = Executors.newFixedThreadPool(many)) {
                var runners = new ArrayList<Callable<Void>>();
                for (int i = 0; i < many; i++) {
                    var name = "runner" + i;
                    runners.add(() -> {
                        try (var server = Labs.connect()) {
                            together.await();
                            try (var _ = RunLock.acquire(server, table, name, false, new Control(Limits.DEFAULT))) {
                                got.incrementAndGet();
                                allTried.await();
                            } catch (Trouble.Refused e) {
                                refused.incrementAndGet();
                                allTried.await();
                            }
                        }
                        return null;
                    });
                }
                for (var one : pool.invokeAll(runners)) one.get();
            }
            assertEquals(1, got.get());
            assertEquals(many - 1, refused.get());
        }
    }

    /// Whole runners: what one has done no other does again.
    @Test
    void ofManyRunnersAtOnceOneMigrates() throws Exception {
        try (var still = Still.table("(a UInt64, b String) ENGINE = MergeTree ORDER BY a", "", "b, a", "")) {
            still.execute("INSERT INTO %s SELECT number, 'x' FROM numbers(1000)");
            int many = 6;
            var together = new CyclicBarrier(many);
            var refused = new AtomicInteger();
            try (var pool = Executors.newFixedThreadPool(many)) {
                var runners = new ArrayList<Callable<Void>>();
                for (int i = 0; i < many; i++)
                    runners.add(() -> {
                        var runner = still.runner();
                        together.await();
                        try {
                            runner.run(still.migration, Optional.of("resume"));
                        } catch (Trouble.Refused e) {
                            assertTrue(e.getMessage().startsWith("Another runner has this table"), e::getMessage);
                            refused.incrementAndGet();
                        }
                        return null;
                    });
                for (var one : pool.invokeAll(runners)) one.get();
            }
            assertTrue(refused.get() > 0, "vacuous: they came one after the other");
            for (var step : List.of("create", "swap"))
                assertEquals(
                        1,
                        still.session()
                                .journal()
                                .entries(e -> e.is(step, Event.INTENT))
                                .size(),
                        step);
            assertEquals("b, a", still.session().source().keys().orderBy());
            assertEquals(
                    1000,
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql())
                            .number("n"));
        }
    }

    /// How many questions about a table's lock the server has answered.
    private static long asked(ClickHouse server, TableName table) {
        server.execute("SYSTEM FLUSH LOGS query_log");
        return server.one("SELECT count() AS n FROM system.query_log WHERE type = 'QueryFinish' AND query LIKE"
                        + " '%system.processes%' AND position(query, '"
                        + table.table() + "') > 0")
                .number("n");
    }

    @Test
    void theRefusedIsToldWhoHasItAndForHowLong() throws Exception {
        var table = table();
        try (var server = Labs.connect();
                var _ = RunLock.acquire(server, table, "the first", false, new Control(Limits.DEFAULT))) {
            var refused = assertThrows(
                    Trouble.Refused.class,
                    () -> RunLock.acquire(server, table, "the second", false, new Control(Limits.DEFAULT)));
            assertTrue(
                    refused.getMessage().contains("the first on ")
                            && refused.getMessage()
                                    .contains(
                                            "process " + ProcessHandle.current().pid()),
                    refused::getMessage);
            assertTrue(refused.getMessage().matches(".*, for (\\d+m)?\\d+s\\. Wait for it.*"), refused::getMessage);
            assertEquals(3, refused.exitCode());
            // and asks no more: each refusal left one behind that asked fifty times a second until its process ended
            long asked = asked(server, table);
            Thread.sleep(500);
            // this question itself, and one that was on its way
            assertTrue(asked(server, table) <= asked + 3, "it goes on asking");
            // another table is another matter
            RunLock.acquire(server, table(), "the second", false, new Control(Limits.DEFAULT))
                    .close();
        }
    }

    @Test
    void itIsFreeWhenItsHolderLetsGo() {
        var table = table();
        try (var server = Labs.connect()) {
            for (int i = 0; i < 5; i++)
                RunLock.acquire(server, table, "runner" + i, false, new Control(Limits.DEFAULT))
                        .close();
            Scene.await(
                    "the lock's query to end",
                    () -> RunLock.holder(server, table).isEmpty());
        }
    }

    /// A run whose last answer was lost once had the next one refused, for its hold ended a moment later.
    @Test
    void itIsFreeThoughTheAnswerThatEndsItIsLost() throws Exception {
        var table = table();
        try (var wire = new Wire(Labs.shared().url(), sql -> sql.startsWith("KILL QUERY"));
                var server = ClickHouse.connect(Endpoint.of(wire.url()))) {
            RunLock.acquire(server, table, "one", false, new Control(Limits.DEFAULT))
                    .close();
            assertEquals(Optional.empty(), RunLock.holder(server, table));
            assertEquals(1, wire.lost.size(), "vacuous: no answer was lost");
        }
    }

    /// The server's own waiting for the end of the hold ended the next one's, too.
    @Test
    void whoGivesItBackTakesItFromNobody() throws Exception {
        var table = table();
        try (var server = Labs.connect();
                var own = Labs.connect();
                var pool = Executors.newSingleThreadExecutor()) {
            for (int i = 0; i < 10; i++) {
                var before = RunLock.acquire(server, table, "before", false, new Control(Limits.DEFAULT));
                var control = new Control(Limits.DEFAULT);
                var next = pool.submit(() -> {
                    while (true)
                        try {
                            return RunLock.acquire(own, table, "next", false, control);
                        } catch (Trouble.Refused stillThere) {
                            Thread.onSpinWait();
                        }
                });
                before.close();
                try (var got = next.get()) {
                    got.fence();
                    assertFalse(control.stopping(), "it lost the lock in round " + i);
                }
            }
        }
    }

    @Test
    void theHoldOfAKilledProcessEndsByItself() throws Exception {
        var table = table();
        try (var server = Labs.connect();
                var holder =
                        ChildProcess.start(LockHolder.class, Labs.shared().url(), table.database(), table.table())) {
            holder.await("locked");
            assertTrue(RunLock.holder(server, table).orElseThrow().who().startsWith("the child"));
            assertThrows(
                    Trouble.Refused.class,
                    () -> RunLock.acquire(server, table, "me", false, new Control(Limits.DEFAULT)));
            holder.kill();
            Scene.await(
                    "the dead one's hold to end",
                    () -> RunLock.holder(server, table).isEmpty());
            RunLock.acquire(server, table, "me", false, new Control(Limits.DEFAULT))
                    .close();
        }
    }

    @Test
    void whoeverIsTakenOverStopsBeforeItsNextChange() {
        var table = table();
        var first = new Control(Limits.DEFAULT);
        try (var server = Labs.connect();
                var _ = RunLock.acquire(server, table, "the first", false, first)) {
            first.fence();
            try (var _ = RunLock.acquire(server, table, "the second", true, new Control(Limits.DEFAULT))) {
                assertEquals(
                        "the second",
                        RunLock.holder(server, table).orElseThrow().who().split(" on ")[0]);
                assertThrows(Trouble.Stopped.class, first::fence);
                Scene.await("the first to be stopped", first::stopping);
                assertThrows(Trouble.Stopped.class, first::checkpoint);
            }
            assertFalse(RunLock.holder(server, table)
                    .map(h -> h.who().startsWith("the first"))
                    .orElse(false));
        }
    }

    /// On a host that does not copy somebody's watch over long queries ended the whole run.
    @Test
    void oneThatIsThereToBeMetIsTakenAnewAndGivenUpToAnother() {
        var table = table();
        var met = new Control(Limits.DEFAULT);
        try (var server = Labs.connect();
                var _ = RunLock.acquire(server, table, "the first", false, false, true, met)) {
            server.execute("KILL QUERY WHERE query_id = 'rekey-lock:" + table + "' SYNC");
            Scene.await(
                    "it to be taken anew",
                    () -> RunLock.holder(server, table)
                            .filter(h -> h.who().startsWith("the first"))
                            .isPresent());
            assertFalse(met.stopping());
            try (var _ = RunLock.acquire(server, table, "the second", true, new Control(Limits.DEFAULT))) {
                Scene.await("the first to be stopped", met::stopping);
            }
        }
    }
}
