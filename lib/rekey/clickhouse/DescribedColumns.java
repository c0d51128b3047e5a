package rekey.clickhouse;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import rekey.model.Column;
import rekey.model.TableName;

/// A table's columns, asked for again only where the text of its definition is another one up to its engine: a run
/// asked 60 times what the columns of the same three tables are.
final class DescribedColumns {
    /// No more are kept.
    private static final int MOST = 500;

    private static final Map<Definition, List<Column>> KNOWN =
            Collections.synchronizedMap(new LinkedHashMap<>(64, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Definition, List<Column>> eldest) {
                    return size() > MOST;
                }
            });

    /// As one user sees them; what they follow from.
    private record Definition(Endpoint endpoint, String uuid, String columns) {}

    private DescribedColumns() {}

    /// @param read     the table's line of `system.tables`
    /// @param describe asks the server
    static List<Column> of(ClickHouse server, TableName name, Row read, Supplier<List<Column>> describe) {
        var text = read.string("create_table_query");
        int end = text.lastIndexOf(" ENGINE = ");
        // an Alias says nothing of its columns, and of two secrets the text is the same
        if (end < 0 || !read.string("engine").endsWith("MergeTree") || text.contains("[HIDDEN]")) return describe.get();
        var definition = new Definition(server.endpoint(), read.string("id"), text.substring(0, end));
        var known = KNOWN.get(definition);
        if (known != null) return known;
        var columns = describe.get();
        // an ALTER may have come between the two questions: then they tell of two definitions
        boolean still = server
                .query("SELECT create_table_query AS q FROM system.tables WHERE database = " + Sql.text(name.database())
                        + " AND name = " + Sql.text(name.table()))
                .stream()
                .anyMatch(r -> r.string("q").equals(text));
        if (still) KNOWN.put(definition, columns);
        return columns;
    }
}
