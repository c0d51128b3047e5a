package rekey.lab;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.model.TableName;

/// What dashboards ask of the guide's table, and what it costs under the keys that the table has.
///
/// @param costs of each question, in one order
public record Queries(List<Cost> costs) {

    /// @param readRows rows that the server read, from its query log
    /// @param ms       the fastest of three
    public record Cost(String question, long readRows, double ms) {}

    /// One question under the old and the new keys.
    public record Comparison(
            String question, long readRowsBefore, long readRowsAfter, double msBefore, double msAfter) {
        boolean isWorse() {
            return readRowsAfter > readRowsBefore;
        }
    }

    /// So many last days are asked for: those that [GuideTable.Options#denseDays] fills.
    static final int DAYS = 4;

    private static final int TIMES = 3;

    /// Asks them of the table as it is now, of the team that has most rows. A table without a sampling key is asked
    /// for the same tenth of its people. What the new keys are worse at is asked too: a person, by name.
    public static Queries on(ClickHouse server, TableName events) {
        boolean samples = !server.one("SELECT sampling_key AS k FROM system.tables WHERE database = "
                        + Sql.text(events.database()) + " AND name = " + Sql.text(events.table()))
                .string("k")
                .isEmpty();
        var team = server.one(
                        "SELECT team_id AS t FROM " + events.sql() + " GROUP BY t ORDER BY count() DESC, t LIMIT 1")
                .number("t");
        var where = " WHERE team_id = " + team + " AND toDate(timestamp) > today() - " + DAYS;
        var byDay = "SELECT toDate(timestamp) AS day, uniq(distinct_id) FROM " + events.sql() + "%s" + where
                + " AND event = %s%s GROUP BY day";
        var rare = Sql.text(GuideTable.EVENTS.getLast());
        var common = Sql.text(GuideTable.EVENTS.getFirst());
        var person = "SELECT event, timestamp FROM " + events.sql() + where + " AND distinct_id = 'user-7'";
        return new Queries(List.of(
                cost(server, "a rare event by day", byDay.formatted("", rare, "")),
                cost(server, "a common event by day", byDay.formatted("", common, "")),
                cost(
                        server,
                        "a tenth of its people (SAMPLE 0.1)",
                        samples
                                ? byDay.formatted(" SAMPLE 0.1", common, "")
                                : byDay.formatted("", common, " AND cityHash64(distinct_id) % 10 = 0")),
                cost(server, "what one person did", person)));
    }

    private static Cost cost(ClickHouse server, String question, String sql) {
        var ids = IntStream.range(0, TIMES)
                .mapToObj(i -> "lab-query-" + UUID.randomUUID())
                .toList();
        for (var id : ids) server.query(sql, id, Map.of("use_query_condition_cache", "0"));
        server.execute("SYSTEM FLUSH LOGS query_log");
        var r = server.one("SELECT max(read_rows) AS n, min(query_duration_ms) AS ms FROM system.query_log WHERE type ="
                + " 'QueryFinish' AND query_id IN "
                + Sql.list(ids));
        return new Cost(question, r.number("n"), r.real("ms"));
    }

    /// This before, the other after.
    public List<Comparison> against(Queries after) {
        return IntStream.range(0, costs.size())
                .mapToObj(i -> new Comparison(
                        costs.get(i).question(),
                        costs.get(i).readRows(),
                        after.costs.get(i).readRows(),
                        costs.get(i).ms(),
                        after.costs.get(i).ms()))
                .toList();
    }
}
