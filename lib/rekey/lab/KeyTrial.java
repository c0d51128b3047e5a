package rekey.lab;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.KeyTrialSample;
import rekey.clickhouse.Sql;
import rekey.model.Keys;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.report.facts.QueryCosts;
import rekey.session.Session;

/// What new keys would do to a table, tried on a sample of its rows on another ClickHouse, so that a user who may
/// only read is enough: how well each column compresses in the new order, and how many rows queries would read.
///
/// The sample is of the largest partition: all rows of some values of the old key's first columns, so that these lie
/// as densely as in the table, in granules as large as the table's. The rest of the table may be otherwise.
///
/// @param rows    of the sample
/// @param granule rows of a granule, as in the table
public record KeyTrial(long rows, int granule, List<ColumnSize> columns, List<QueryCosts.Cost> costs) {
    private static final TableName BEFORE = new TableName("key_trial", "before"), AFTER = BEFORE.sibling("after");

    /// Compressed bytes in the old and in the new order.
    public record ColumnSize(String column, long before, long after) {}

    /// @param session of the table to be read
    /// @param trial   where the sample is copied to; not the server that is read
    /// @param most    rows of the sample
    public static KeyTrial of(Session session, ClickHouse trial, long most) {
        var source = session.source();
        int granule = Integer.parseInt(source.settings().getOrDefault("index_granularity", "8192"));
        trial.execute("CREATE DATABASE IF NOT EXISTS key_trial");
        try {
            create(session, trial, source, BEFORE, source.keys(), granule);
            create(session, trial, source, AFTER, session.keys(source), granule);
            var names = source.storedColumns().stream().map(c -> c.sql()).collect(Collectors.joining(", "));
            fill(
                    session,
                    trial,
                    names,
                    KeyTrialSample.select(session.server(), source, names, most) + " FORMAT Native");
            trial.execute("INSERT INTO " + AFTER.sql() + " SELECT * FROM " + BEFORE.sql());
            for (var t : List.of(BEFORE, AFTER)) trial.execute("OPTIMIZE TABLE " + t.sql() + " FINAL");
            var catalog = new Catalog(trial);
            return new KeyTrial(
                    catalog.table(BEFORE).rows(),
                    granule,
                    sizes(trial),
                    new QueryCosts(trial, catalog.table(BEFORE), catalog.table(AFTER)).ofKeys());
        } finally {
            trial.execute("DROP DATABASE key_trial SYNC");
        }
    }

    /// Of wide parts, whose columns have sizes of their own.
    private static void create(
            Session session, ClickHouse trial, Table source, TableName name, Keys keys, int granule) {
        var columns = session
                .server()
                .query("SELECT name, type, compression_codec AS codec FROM system.columns WHERE database = "
                        + Sql.text(source.name().database()) + " AND table = "
                        + Sql.text(source.name().table())
                        + " AND default_kind NOT IN ('ALIAS', 'EPHEMERAL') ORDER BY position")
                .stream()
                .map(r -> TableName.quote(r.string("name")) + " " + r.string("type") + " " + r.string("codec"))
                .collect(Collectors.joining(", "));
        trial.execute("CREATE TABLE " + name.sql() + " (" + columns + ") ENGINE = MergeTree ORDER BY (" + keys.orderBy()
                + ")" + (keys.sampleBy().isEmpty() ? "" : " SAMPLE BY " + keys.sampleBy())
                + " SETTINGS allow_nullable_key = 1, min_bytes_for_wide_part = 0, min_rows_for_wide_part = 0,"
                + " index_granularity = "
                + granule);
    }

    /// Read by the trial's server over HTTP, as the same user.
    private static void fill(Session session, ClickHouse trial, String names, String sql) {
        var at = session.server().endpoint();
        var url = (at.url().contains("://") ? at.url() : "http://" + at.url()).replaceAll("/+$", "") + "/?query="
                + URLEncoder.encode(sql, StandardCharsets.UTF_8);
        trial.execute(
                "INSERT INTO " + BEFORE.sql() + " (" + names + ") SELECT * FROM url(" + Sql.text(url)
                        + ", 'Native', headers('X-ClickHouse-User' = " + Sql.text(at.user()) + ", 'X-ClickHouse-Key' = "
                        + Sql.text(at.password()) + "))",
                UUID.randomUUID().toString(),
                Map.of("log_queries", "0", "max_http_get_redirects", "0"));
    }

    private static List<ColumnSize> sizes(ClickHouse trial) {
        return trial.query("""
            SELECT b.name AS name, b.data_compressed_bytes AS before, a.data_compressed_bytes AS after FROM
              system.columns AS b JOIN system.columns AS a
            ON a.name = b.name WHERE b.database = 'key_trial' AND b.table = 'before' AND a.database = 'key_trial'
              AND a.table = 'after' ORDER BY before DESC\
            """).stream()
                .map(r -> new ColumnSize(r.string("name"), r.number("before"), r.number("after")))
                .toList();
    }

    @Override
    public String toString() {
        var out = new StringBuilder("%,d rows of the largest partition%n%n%-28s %14s %14s %9s%n"
                .formatted(rows, "compressed bytes of", "old order", "new order", "new/old"));
        for (var c : columns) out.append(line(c.column, c.before, c.after));
        out.append(line(
                "all columns",
                columns.stream().mapToLong(ColumnSize::before).sum(),
                columns.stream().mapToLong(ColumnSize::after).sum()));
        out.append("%n%-48s %14s %14s %9s%n"
                .formatted(
                        "granules read, of %,d with %,d rows, by".formatted(granules(rows), granule),
                        "old keys",
                        "new keys",
                        "new/old"));
        for (var c : costs)
            out.append("%-48s %,14d %,14d %9.2f%n"
                    .formatted(
                            c.name(),
                            granules(c.rowsBefore()),
                            granules(c.rowsAfter()),
                            ratio(c.rowsBefore(), c.rowsAfter())));
        return out.toString().stripTrailing();
    }

    private long granules(long rows) {
        return Math.ceilDiv(rows, granule);
    }

    private static String line(String name, long before, long after) {
        return "%-28s %,14d %,14d %9.2f%n".formatted(name, before, after, ratio(before, after));
    }

    private static double ratio(long before, long after) {
        return before == 0 ? 1 : (double) after / before;
    }
}
