package rekey.clickhouse;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import rekey.model.Column;

/// A table's columns, asked for again only where the text of its definition is another one up to its engine, or some
/// seconds have passed: a run asked 60 times what the columns of the same three tables are.
///
/// An ALTER changes what DESCRIBE tells some milliseconds before it changes the text. So what was told then may
/// belong to another text, and it is forgotten before the column can have been dropped and added again.
final class DescribedColumns {
    /// No more are kept, and none for longer.
    private static final int MOST = 500;

    private static final Duration KEPT = Duration.ofSeconds(5);

    private static final Map<Definition, Cached> KNOWN =
            Collections.synchronizedMap(new LinkedHashMap<>(64, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Definition, Cached> eldest) {
                    return size() > MOST;
                }
            });

    /// As one user sees them; what they follow from.
    private record Definition(Endpoint endpoint, String uuid, String columns) {}

    /// @param nanos when, by [System#nanoTime]
    private record Cached(List<Column> columns, long nanos) {}

    private DescribedColumns() {}

    /// @param read     the table's line of `system.tables`, which has just been asked for
    /// @param describe asks the server
    static List<Column> of(ClickHouse server, Row read, Supplier<List<Column>> describe) {
        var text = read.string("create_table_query");
        int end = text.lastIndexOf(" ENGINE = ");
        // an Alias says nothing of its columns, and of two secrets the text is the same
        if (end < 0 || !read.string("engine").endsWith("MergeTree") || text.contains("[HIDDEN]")) return describe.get();
        var definition = new Definition(server.endpoint(), read.string("id"), text.substring(0, end));
        var known = KNOWN.get(definition);
        long now = System.nanoTime();
        if (known != null && now - known.nanos() < KEPT.toNanos()) return known.columns();
        var columns = describe.get();
        KNOWN.put(definition, new Cached(columns, now));
        return columns;
    }
}
