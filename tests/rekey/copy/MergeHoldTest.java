package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.Scene;
import rekey.Still;
import rekey.clickhouse.Sql;

/// A hold keeps merges from beginning, and not from going on.
@Tag("copy")
class MergeHoldTest {
    @Test
    void mergesThatHadBegunAreWaitedFor() {
        // one row at a time, so that the merge is still there when it is looked for
        try (var still = Still.table("""
            (k UInt64, s String) ENGINE = MergeTree ORDER BY k SETTINGS merge_max_block_size = 1,
            merge_max_block_size_bytes = 1, enable_vertical_merge_algorithm = 0\
            """, "", "s, k", "")) {
            var hold = new MergeHold(still.session());
            var tables = List.of(still.name, still.target());
            assertFalse(hold.awaitBegun(tables), "none has begun");
            for (int i = 0; i < 2; i++)
                still.execute("INSERT INTO %s SELECT 2 * number + " + i + ", toString(number) FROM numbers(300000)");
            var merging = CompletableFuture.runAsync(
                    () -> {
                        try (var other = Labs.connect()) {
                            other.execute("OPTIMIZE TABLE " + still.name.sql() + " FINAL");
                        }
                    },
                    Thread::startVirtualThread);
            Scene.await("the merge to begin", () -> merging.isDone() || merges(still) > 0);
            assertFalse(merging.isDone(), "vacuous: the merge has ended");
            assertTrue(hold.awaitBegun(tables));
            merging.join();
            assertFalse(hold.awaitBegun(tables), "none is left");
        }
    }

    private static long merges(Still still) {
        return still.server
                .one("SELECT count() AS n FROM system.merges WHERE database = " + Sql.text(still.name.database()))
                .number("n");
    }
}
