package rekey.maintainer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.model.Trouble;

/// The ways of the bare engine, each named with its time. Nothing is checked, nothing can be resumed, and what comes
/// in meanwhile is missing.
record BenchEngines(ClickHouse server, BenchShape shape, TableName events) {
    private static final int AT_ONCE = 2, STATEMENTS = 20;

    /// All of them, in milliseconds.
    Map<String, Long> all() {
        var partitions = server
                .query("SELECT DISTINCT partition_id AS p FROM system.parts WHERE active AND database = "
                        + Sql.text(events.database()) + " AND table = " + Sql.text(events.table()) + " ORDER BY p")
                .stream()
                .map(r -> r.string("p"))
                .toList();
        var out = new TreeMap<String, Long>();
        out.put("one INSERT SELECT", timed(List.of("1"), AT_ONCE, 64, ""));
        if (partitions.size() == 1) {
            for (int mebibytes : List.of(16, 128, 256))
                out.put("one INSERT SELECT, " + mebibytes + " MiB blocks", timed(List.of("1"), AT_ONCE, mebibytes, ""));
            return out;
        }
        var several = groups(partitions);
        for (int mebibytes : List.of(16, 64, 128, 256))
            out.put("partitions side by side, " + mebibytes + " MiB blocks", timed(several, 1, mebibytes, ""));
        out.put("partitions side by side, sorted", timed(several, 1, 64, " ORDER BY " + BenchShape.ORDER));
        return out;
    }

    /// One for each partition, or for as many of them as make a few statements.
    private static List<String> groups(List<String> partitions) {
        int each = (partitions.size() + STATEMENTS - 1) / STATEMENTS;
        return IntStream.range(0, (partitions.size() + each - 1) / each)
                .mapToObj(i -> "_partition_id IN "
                        + Sql.list(partitions.subList(i * each, Math.min((i + 1) * each, partitions.size()))))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private long timed(List<String> conditions, int threads, int mebibytes, String order) {
        var table = events.sibling("events_engine");
        server.execute(shape.creating(table, events));
        var settings = Map.of(
                "max_threads",
                "" + threads,
                "max_insert_threads",
                "" + threads,
                "optimize_on_insert",
                "0",
                "max_partitions_per_insert_block",
                "0",
                "min_insert_block_size_bytes",
                "" + ((long) mebibytes << 20),
                "async_insert",
                "0");
        long begun = System.nanoTime();
        try (var pool = Executors.newFixedThreadPool(AT_ONCE)) {
            var running = conditions.stream()
                    .map(c -> pool.submit(() -> server.execute(
                            "INSERT INTO " + table.sql() + " (" + BenchShape.COLUMNS + ") SELECT " + BenchShape.COLUMNS
                                    + " FROM " + events.sql() + " WHERE " + c + order,
                            UUID.randomUUID().toString(),
                            settings)))
                    .toList();
            for (var r : running) r.get();
        } catch (ExecutionException e) {
            throw new Trouble.Failed(
                    "The bench's engine failed: " + e.getCause().getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("The bench was interrupted.");
        }
        var took = Duration.ofNanos(System.nanoTime() - begun).toMillis();
        server.execute("DROP TABLE " + table.sql() + " SYNC");
        return took;
    }
}
