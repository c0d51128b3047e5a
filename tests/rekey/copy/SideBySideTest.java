package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Scene;
import rekey.Still;
import rekey.clickhouse.Sql;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry;

/// A table without partitions is copied by several threads, and which row of a key stays is decided by the order in
/// which its chunks are attached.
@Tag("copy")
class SideBySideTest {
    private static final int BLOCKS = 8;

    /// The first chunk ends last: it waits until another one has been copied and checked.
    @ParameterizedTest
    @ValueSource(strings = {"ReplacingMergeTree", "MergeTree"})
    void laterChunksWaitForEarlierOnes(String engine) {
        try (var still = Still.table(
                        "(k UInt64, v UInt32) ENGINE = " + engine
                                + " ORDER BY k SETTINGS max_bytes_to_merge_at_max_space_in_pool = 1",
                        "",
                        "cityHash64(k), k",
                        "")
                .withLimits(Scene.LIMITS.withChunkRows(1000).withThreads(3))) {
            for (int block = 0; block < BLOCKS; block++)
                still.execute("INSERT INTO %s SELECT number, " + block + " FROM numbers(900)");
            var second = new CountDownLatch(1);
            var first = new AtomicBoolean(true);
            var session = still.listening(sql -> {
                if (!sql.startsWith("INSERT INTO") || !sql.contains("_staging_")) return;
                if (!first.compareAndSet(true, false)) {
                    second.countDown();
                    return;
                }
                try {
                    assertTrue(second.await(60, TimeUnit.SECONDS), "one chunk after another");
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                Scene.await("another chunk to be checked", () -> checked(still) >= 2);
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            var shown = still.server.one("SELECT count() AS n, min(v) AS least, max(v) AS most FROM " + still.name.sql()
                    + (engine.equals("MergeTree") ? "" : " FINAL"));
            boolean all = engine.equals("MergeTree");
            assertEquals(
                    List.of(all ? 900L * BLOCKS : 900L, all ? 0L : BLOCKS - 1L, BLOCKS - 1L),
                    List.of(shown.number("n"), shown.number("least"), shown.number("most")));
            long before = 0;
            var attached = Entry.all(still.session().journal().entries(), Detail.Attached.class)
                    .toList();
            assertEquals(BLOCKS, attached.size());
            for (var a : attached) {
                long block = a.chunk().slices().values().iterator().next().min();
                assertTrue(block > before, attached::toString);
                before = block;
            }
        }
    }

    /// As long as it is open whether the first one's parts are there, merges of the target must stay held: another
    /// chunk's attach gave them back.
    @Test
    void behindAnErrorNoOtherChunkIsAttached() {
        try (var still = Still.table(
                        "(k UInt64, p UInt8) ENGINE = ReplacingMergeTree PARTITION BY p ORDER BY k",
                        "p",
                        "cityHash64(k), k",
                        "")
                .withLimits(Scene.LIMITS.withChunkRows(1000).withThreads(4))) {
            for (int p = 0; p < 2; p++)
                for (int block = 0; block < 2; block++)
                    still.execute("INSERT INTO %s SELECT number + " + 900 * block + ", " + p + " FROM numbers(900)");
            var attaches = new AtomicInteger();
            var session = still.listening(sql -> {
                if (!sql.contains(" ATTACH PARTITION ") || attaches.getAndIncrement() > 0) return;
                Scene.await("the other three to be checked", () -> checked(still) >= 8);
                LockSupport.parkNanos(500_000_000); // it waits for the lock by now
                throw new Error("out of memory, say");
            });
            assertThrows(
                    Error.class,
                    () -> new Runner(session, false, List.of()).run(still.migration, Optional.of("backfill")));
            assertEquals(1, attaches.get());
            still.migrate("resume");
            assertEquals(
                    3600,
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql())
                            .number("n"));
        }
    }

    private static long checked(Still still) {
        still.server.execute("SYSTEM FLUSH LOGS query_log");
        return still.server
                .one("SELECT count() AS n FROM system.query_log WHERE type = 'QueryFinish' AND event_date >="
                        + " yesterday() AND endsWith(query_id, ':check') AND startsWith(query_id, "
                        + Sql.text(still.session().queryPrefix()) + ")")
                .number("n");
    }
}
