package rekey.report.facts;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.KeyText;
import rekey.clickhouse.QueryPlace;
import rekey.clickhouse.UsualValues;
import rekey.model.Table;
import rekey.model.TableName;

/// What queries cost under the old and the new keys: of the same rows, on the two tables that stand side by side.
public final class QueryCosts {
    private static final int PREFIXES = 4;
    private static final Pattern HASHED = Pattern.compile("(?i)\\w*(hash|sip|murmur|md5|sha)\\w*\\((\\w+)\\)");
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ClickHouse server;
    private final Table before, after;

    /// @param before with the old keys
    /// @param after  with the new keys
    public QueryCosts(ClickHouse server, Table before, Table after) {
        this.server = server;
        this.before = before;
        this.after = after;
    }

    /// One query on both tables.
    ///
    /// @param rowsBefore that the server would read by its indices (`EXPLAIN ESTIMATE`)
    /// @param msBefore   the fastest of three; null where it was not run
    public record Cost(String name, String sql, long rowsBefore, long rowsAfter, Double msBefore, Double msAfter) {}

    /// Filters on the first columns of the new and of the old sorting key, with the values that are most frequent in
    /// the largest part. They are estimated, and not run.
    public List<Cost> ofKeys() {
        var out = new ArrayList<Cost>();
        var conditions = new LinkedHashSet<List<String>>();
        for (var table : List.of(after, before)) {
            var keys = KeyText.expressions(table.keys().orderBy());
            for (int n = 1; n <= Math.min(PREFIXES, keys.size()); n++)
                conditions.add(keys.subList(0, n).stream()
                        .map(QueryCosts::column)
                        .distinct()
                        .toList());
        }
        var all = conditions.stream().flatMap(List::stream).distinct().toList();
        var values = UsualValues.of(server, before.name(), all);
        if (values.isEmpty()) return List.of();
        for (var c : conditions) {
            var where = c.stream().map(k -> k + " = " + values.get(k)).collect(Collectors.joining(" AND "));
            out.add(cost(String.join(", ", c), "SELECT count() FROM {table} WHERE " + where, false));
        }
        if (!after.keys().sampleBy().isEmpty() && before.keys().sampleBy().isEmpty())
            out.add(sampled(values, after.keys().sampleBy()));
        return out;
    }

    /// A tenth, which the old table can only find by looking at all.
    private Cost sampled(Map<String, String> values, String key) {
        var first =
                QueryCosts.column(KeyText.expressions(after.keys().orderBy()).getFirst());
        var where = " WHERE " + first + " = " + values.get(first);
        return new Cost(
                first + ", SAMPLE 0.1",
                "SELECT count() FROM {table} SAMPLE 0.1" + where,
                estimate("SELECT count() FROM {table}" + where + " AND " + key + " % 10 = 0", before.name()),
                estimate("SELECT count() FROM {table} SAMPLE 0.1" + where, after.name()),
                null,
                null);
    }

    /// A person's own queries, run on both.
    ///
    /// @param queries with `{table}` where the table's name belongs, or the name itself
    public List<Cost> of(List<String> queries, TableName live) {
        return queries.stream()
                .map(q -> cost(q.strip().replaceAll("\\s+", " "), QueryPlace.placed(q, live), true))
                .toList();
    }

    private Cost cost(String name, String sql, boolean run) {
        return new Cost(
                name,
                sql,
                estimate(sql, before.name()),
                estimate(sql, after.name()),
                run ? ms(sql, before.name()) : null,
                run ? ms(sql, after.name()) : null);
    }

    /// Not answered from the parts' own counts, so that the rows are those to be read.
    private long estimate(String sql, TableName table) {
        var rows = server.query(
                "EXPLAIN ESTIMATE " + in(sql, table),
                UUID.randomUUID().toString(),
                Map.of("optimize_trivial_count_query", "0", "optimize_use_implicit_projections", "0"));
        return rows.stream()
                .filter(r -> r.string("table").equals(table.table()))
                .mapToLong(r -> r.number("rows"))
                .sum();
    }

    private double ms(String sql, TableName table) {
        double best = Double.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long begun = System.nanoTime();
            server.query(
                    in(sql, table),
                    UUID.randomUUID().toString(),
                    Map.of("use_query_cache", "0", "max_execution_time", "" + PATIENCE.toSeconds()));
            best = Math.min(best, (System.nanoTime() - begun) / 1e6);
        }
        return best;
    }

    private static String in(String sql, TableName table) {
        return sql.replace("{table}", table.sql());
    }

    /// What a person would filter by: the column itself where the key has only its hash, else the key's own
    /// expression.
    static String column(String key) {
        var hashed = HASHED.matcher(key);
        return hashed.matches() ? hashed.group(2) : key;
    }
}
