package rekey.clickhouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;

/// The JDBC driver repeats by default what has failed for want of memory: half of an INSERT SELECT four times over.
@Tag("driver")
class NoRepetitionTest {
    /// Blocks that grow: some are written before the memory is too little.
    private static long[] timesAndRows(Map<String, String> properties) {
        var table = Labs.database() + ".t";
        try (var server = Labs.connect(Labs.shared(), "default", "", properties)) {
            server.execute("CREATE TABLE " + table + " (n UInt64, s String) ENGINE = MergeTree ORDER BY n");
            var mark = UUID.randomUUID().toString();
            var error = assertThrows(
                    ServerError.class,
                    () -> server.execute(
                            "INSERT INTO " + table
                                    + " SELECT number, repeat('x', number * number) FROM numbers(20000) /* " + mark
                                    + " */",
                            mark,
                            Map.of(
                                    "max_memory_usage",
                                    "100000000",
                                    "max_block_size",
                                    "100",
                                    "min_insert_block_size_rows",
                                    "100",
                                    "min_insert_block_size_bytes",
                                    "0",
                                    "max_threads",
                                    "1",
                                    "max_insert_threads",
                                    "1",
                                    "async_insert",
                                    "0")));
            assertEquals(ServerError.MEMORY_LIMIT, error.code());
            server.execute("SYSTEM FLUSH LOGS");
            var times = server.one(
                            "SELECT count() AS n FROM system.query_log WHERE type = 'QueryStart' AND query_kind ="
                                    + " 'Insert' AND position(query, '"
                                    + mark + "') > 0")
                    .number("n");
            var rows = server.one("SELECT count() AS rows, uniqExact(n) AS u FROM " + table);
            assertTrue(rows.number("u") > 0, "vacuous: nothing was written before the memory ran out");
            return new long[] {times, rows.number("rows") / rows.number("u")};
        }
    }

    @Test
    void anInsertThatRunsOutOfMemoryIsExecutedOnce() {
        var seen = timesAndRows(Map.of());
        assertEquals(1, seen[0], "executions");
        assertEquals(1, seen[1], "times that each row is there");
    }

    /// So the test above can fail.
    @Test
    void withTheDriversDefaultsItIsRepeated() {
        var seen = timesAndRows(Map.of(
                "retry",
                "3",
                "client_retry_on_failures",
                "NoHttpResponse,ConnectTimeout,ConnectionRequestTimeout,ServerRetryable"));
        assertTrue(seen[0] > 1, "executions: " + seen[0]);
        assertTrue(seen[1] > 1, "times that each row is there: " + seen[1]);
    }
}
