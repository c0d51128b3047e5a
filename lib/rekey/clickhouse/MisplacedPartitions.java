package rekey.clickhouse;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import rekey.model.Table;
import rekey.model.TableName;

/// Rows that lie in another partition than the partition key gives them in the server's time zone. A table computes
/// its keys in the zone of the session that created it, until the server starts again, and in the server's from then
/// on: so the hours about midnight of old parts may be in a neighbouring partition, or those of parts that were
/// attached from such a table. A copy has them where the key says now.
public record MisplacedPartitions(ClickHouse server, Table table) {
    private static final String ZONELESS = "(Nullable\\(|LowCardinality\\()*DateTime(64\\(\\d\\))?\\)*";

    /// From the least and the greatest values of each partition, which the server knows without reading a row. A key
    /// that does not rise with its columns is called suspect for nothing.
    public boolean suspected() {
        var columns = columns();
        return !columns.isEmpty()
                && any(
                        Stream.of("min", "max")
                                .map(end -> "SELECT _partition_id AS rekey_partition"
                                        + listed(columns, c -> end + "(" + c.sql() + ") AS " + c.sql()) + " FROM "
                                        + table.name().sql() + " GROUP BY rekey_partition")
                                .collect(Collectors.joining(" UNION ALL ")),
                        "",
                        Map.of());
    }

    /// Reads the key's columns of the whole table, or as far as the first such row.
    public boolean found(String queryId, Map<String, String> settings) {
        return !columns().isEmpty()
                && any(
                        "SELECT _partition_id AS rekey_partition" + listed(columns(), KeyColumn::sql) + " FROM "
                                + table.name().sql(),
                        queryId,
                        settings);
    }

    private boolean any(String rows, String queryId, Map<String, String> settings) {
        // a column without a zone of its own has that of its table in each expression over it
        var sql = "SELECT 1 AS found FROM (SELECT rekey_partition"
                + listed(
                        columns(),
                        c -> c.zoneless() ? "toTimeZone(" + c.sql() + ", serverTimeZone()) AS " + c.sql() : c.sql())
                + " FROM (" + rows + ")) WHERE rekey_partition != partitionId("
                + table.keys().partitionBy() + ") LIMIT 1";
        return !(queryId.isEmpty() ? server.query(sql) : server.query(sql, queryId, settings)).isEmpty();
    }

    private record KeyColumn(String sql, boolean zoneless) {}

    private List<KeyColumn> columns() {
        return table.keys().partitionBy().isEmpty()
                ? List.of()
                : server
                        .query("SELECT name, type FROM system.columns WHERE is_in_partition_key AND database = "
                                + Sql.text(table.name().database()) + " AND table = "
                                + Sql.text(table.name().table()))
                        .stream()
                        .map(r -> new KeyColumn(
                                TableName.quote(r.string("name")),
                                r.string("type").matches(ZONELESS)))
                        .toList();
    }

    private static String listed(List<KeyColumn> columns, java.util.function.Function<KeyColumn, String> as) {
        return columns.stream().map(c -> ", " + as.apply(c)).collect(Collectors.joining());
    }
}
