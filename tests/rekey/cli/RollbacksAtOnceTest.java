package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.Still;
import rekey.clickhouse.Sql;
import rekey.run.Orders;
import rekey.run.Runner;
import rekey.session.Entry.Event;
import rekey.session.Session;

/// The one button that several people press: each rollback ends with the table as it was, and none stops another.
@Tag("cli")
@Tag("slow")
class RollbacksAtOnceTest {
    private static final int MANY = 4;

    @Test
    void afterTheSwapEachEndsWell() throws Exception {
        try (var hits = new Hits()) {
            hits.run("migrate").exits(0);
            hits.insert(100);
            for (var ran : atOnce(hits)) ran.exits(0);
            assertEquals("site, at", hits.key());
            assertEquals(3100, hits.rows());
            assertEquals(0, stops(hits));
        }
    }

    /// The run is stopped, once or more often, and no rollback with it.
    @Test
    void whileAMigrationRunsEachEndsWell() throws Exception {
        try (var hits = new Hits()) {
            hits.insertInParts(60_000);
            var run = CompletableFuture.supplyAsync(() -> hits.run("migrate", "--chunk-rows", "500"));
            Scene.await(
                    "a chunk to be copied",
                    () -> run.isDone() || hits.state().stream().anyMatch(t -> t.contains("_staging_")));
            for (var ran : atOnce(hits)) ran.exits(0);
            run.get().exits(4);
            assertEquals("site, at", hits.key());
            assertEquals(63_000, hits.rows());
            assertEquals(List.of("hits", "rekey_journal"), names(hits));
        }
    }

    /// It has the lock, and its first line is not written yet.
    @Test
    void oneThatHasOnlyBegunIsNotStopped() throws Exception {
        try (var still = Still.table("(a UInt64) ENGINE = MergeTree ORDER BY a", "", "cityHash64(a), a", "")) {
            still.execute("INSERT INTO %s VALUES (1)");
            still.migrate("backfill");
            var second = new AtomicReference<CompletableFuture<Integer>>();
            var waiting = new CompletableFuture<Void>();
            var first = still.listening(sql -> {
                if (!sql.startsWith("KILL QUERY WHERE startsWith") || second.get() != null) return;
                var run = new ConfirmedRun(still.session(), still.migration, new Impatient(said -> {
                    if (said.contains("waiting")) waiting.complete(null);
                }));
                second.set(CompletableFuture.supplyAsync(run::rollBack));
                Scene.await("the other to wait, or to stop this one", () -> waiting.isDone() || stopped(still));
            });
            new Runner(first, false, List.of(new Orders())).rollback(still.migration);
            assertEquals(0, second.get().get());
            assertFalse(stopped(still));
            assertTrue(still.session().catalog().exists(still.name));
            assertFalse(still.session().catalog().exists(still.target()));
        }
    }

    private static boolean stopped(Still still) {
        return !still.session().journal().entries(e -> e.is(Event.CONTROL)).isEmpty();
    }

    private static List<Scripts.Ran> atOnce(Hits hits) throws Exception {
        var together = new CyclicBarrier(MANY);
        var all = new ArrayList<Callable<Scripts.Ran>>();
        for (int i = 0; i < MANY; i++)
            all.add(() -> {
                together.await();
                return hits.run("rollback", "--yes");
            });
        var out = new ArrayList<Scripts.Ran>();
        try (var pool = Executors.newFixedThreadPool(MANY)) {
            for (var one : pool.invokeAll(all)) out.add(one.get());
        }
        return out;
    }

    private static long stops(Hits hits) {
        return hits.server
                .one("SELECT count() AS n FROM "
                        + hits.name.sibling("rekey_journal").sql() + " WHERE event = 'CONTROL'")
                .number("n");
    }

    private static List<String> names(Hits hits) {
        return hits
                .server
                .query("SELECT name FROM system.tables WHERE database = " + Sql.text(hits.name.database())
                        + " ORDER BY name")
                .stream()
                .map(r -> r.string("name"))
                .toList();
    }

    /// Says yes to all, and hears what is said.
    private record Impatient(Consumer<String> hears) implements Operator {
        @Override
        public void print(Object answer) {}

        @Override
        public void text(String text) {}

        @Override
        public void say(String text) {
            hears.accept(text);
        }

        @Override
        public void sure(String question) {}

        @Override
        public boolean dryRun() {
            return false;
        }

        @Override
        public int carryOut(String what, ConfirmedRun run, Consumer<Runner> work) {
            Session session = run.session();
            work.accept(new Runner(session, false, List.of(new Orders())));
            return 0;
        }
    }
}
