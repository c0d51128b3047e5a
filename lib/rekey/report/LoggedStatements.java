package rekey.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import rekey.clickhouse.Row;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.session.Session;

/// The statements of a migration that changed something, from the server's query log.
///
/// @param all    in their order; at most [#MOST], the oldest of them
/// @param kinds  the same, put together by what they are
/// @param absent why there are none: a sentence; empty where there are
public record LoggedStatements(List<Statement> all, List<Kind> kinds, String absent) {
    static final int MOST = 2000;

    /// One of them.
    ///
    /// @param ms    by the server
    /// @param rows  written
    /// @param error empty where it ended well
    public record Statement(Instant at, String what, long ms, long rows, String sql, String error) {}

    /// All of a kind, such as the copies.
    public record Kind(String what, long count, long ms, long longestMs, long rows) {}

    /// @param from the attempt's first moment
    static LoggedStatements of(Session session, Instant from, Instant to) {
        try {
            if (session.server()
                            .one("SELECT count() AS n FROM system.tables WHERE database = 'system' AND name ="
                                    + " 'query_log'")
                            .number("n")
                    == 0)
                return none("This server keeps no query_log, so the times are the journal's: those of whole steps and"
                        + " rounds, not of each statement.");
            var rows = session.server().query(sql(session, from, to)).stream()
                    .map(LoggedStatements::statement)
                    .toList();
            return rows.isEmpty()
                    ? none("The query_log has no statement of this migration (any more, or not yet: it is written"
                            + " every few seconds), so the times are the journal's.")
                    : new LoggedStatements(rows, kinds(rows), "");
        } catch (ServerError e) {
            return none("The query_log can't be read (" + e.getMessage() + "), so the times are the journal's.");
        }
    }

    private static LoggedStatements none(String why) {
        return new LoggedStatements(List.of(), List.of(), why);
    }

    /// Those of rekey's sessions by their ids; the gate's, which the guard sends too, by its name. The journal's own
    /// lines are left out.
    private static String sql(Session s, Instant from, Instant to) {
        var gate = s.rewrite().gatePrefix();
        return """
            SELECT toUnixTimestamp64Micro(query_start_time_microseconds) AS us, splitByChar(':', query_id)[-1] AS
              what, query_duration_ms AS ms, written_rows AS n,
                   substring(query, 1, 3000) AS sql, exception AS error, startsWith(query_id, %1$s) AS own
            FROM system.query_log
            WHERE type IN ('QueryFinish', 'ExceptionWhileProcessing') AND event_date >=
              toDate(fromUnixTimestamp(%2$d)) AND event_time BETWEEN fromUnixTimestamp(%2$d) AND fromUnixTimestamp(%3$d)
              AND query_kind NOT IN ('Select', 'KillQuery', 'System') AND NOT (query_kind = 'Insert' AND
                position(query, %4$s) > 0)
              AND (startsWith(query_id, %1$s) OR query_kind IN ('Create', 'Drop') AND position(query, %5$s) > 0)
            ORDER BY us LIMIT %6$d\
            """.formatted(
                        Sql.text(s.queryPrefix()),
                        from.getEpochSecond(),
                        to.getEpochSecond() + 1,
                        Sql.text(TableName.quote(s.rewrite().journal().table())),
                        Sql.text(gate),
                        MOST);
    }

    private static Statement statement(Row r) {
        var what = r.flag("own")
                ? r.string("what")
                : r.string("sql").startsWith("DROP VIEW") || r.string("sql").startsWith("DROP TABLE IF EXISTS")
                        ? "open the gate"
                        : "close the gate";
        long us = r.number("us");
        return new Statement(
                Instant.ofEpochSecond(us / 1_000_000, us % 1_000_000 * 1000),
                what,
                r.number("ms"),
                r.number("n"),
                r.string("sql"),
                r.string("error"));
    }

    private static List<Kind> kinds(List<Statement> all) {
        var by = new LinkedHashMap<String, Kind>();
        for (var s : all)
            by.merge(
                    s.what,
                    new Kind(s.what, 1, s.ms, s.ms, s.rows),
                    (a, b) -> new Kind(
                            a.what, a.count + 1, a.ms + b.ms, Math.max(a.longestMs, b.longestMs), a.rows + b.rows));
        return new ArrayList<>(by.values());
    }

    /// When each exchange was over, its renames with it, which the journal has no line for: the last of three
    /// statements in a row.
    List<Instant> exchanges() {
        var out = new ArrayList<Instant>();
        for (int i = 0; i < all.size(); i++)
            if (all.get(i).what.equals("swap")
                    && (i + 1 == all.size() || !all.get(i + 1).what.equals("swap")))
                out.add(all.get(i).at.plusMillis(all.get(i).ms));
        return out;
    }
}
