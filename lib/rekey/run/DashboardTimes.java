package rekey.run;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.session.Session;

/// Whether others' queries on the table take longer than before this run, by the query log of the host that copies.
/// Each is compared with itself, without its literals: those of the last minute with the median of the hour before
/// the first look. So a report that is heavy at any time tells nothing, and a new query neither. An hour of the log
/// is read once; each look reads a minute, by the log's own key.
///
/// A server without a log, or whose log this user may not read, tells nothing.
final class DashboardTimes {
    private static final int FEW = 3, KNOWN = 100;
    private static final double SLOWER = 2;
    /// What nobody notices is no reason.
    private static final double NOTICED_MS = 20;

    /// By the query's hash, in milliseconds; null before the first look.
    private Map<String, Double> before;
    private String since = "";

    /// @return what was seen, where they are slower
    Optional<String> slower(Session session) {
        var table = session.rewrite().source();
        if (before == null) {
            before = before(session, table);
            return Optional.empty();
        }
        if (before.isEmpty()) return Optional.empty();
        long n = 0;
        double took = 0, expected = 0;
        for (var r : session.server()
                .query("SELECT toString(normalized_query_hash) AS h, count() AS n, sum(query_duration_ms) AS ms FROM "
                        + log(table, "now() - 60") + " AND query_start_time_microseconds > toDateTime64("
                        + Sql.text(since) + ", 6, 'UTC') AND toString(normalized_query_hash) IN "
                        + Sql.list(before.keySet()) + " GROUP BY h")) {
            n += r.number("n");
            took += r.real("ms");
            expected += r.number("n") * before.get(r.string("h"));
        }
        return judge(table, n, took, expected);
    }

    /// @param took     milliseconds, of all of them
    /// @param expected as before this run
    static Optional<String> judge(TableName table, long n, double took, double expected) {
        if (n < FEW || took < SLOWER * expected || took - expected < n * NOTICED_MS) return Optional.empty();
        return Optional.of(String.format(
                Locale.ROOT,
                "queries on %s take %.0f ms on average, before this run %.0f ms",
                table,
                took / n,
                expected / n));
    }

    private Map<String, Double> before(Session session, TableName table) {
        try {
            since = session.server()
                    .one("SELECT toString(now64(6, 'UTC')) AS t")
                    .string("t");
            return session
                    .server()
                    .query("SELECT toString(normalized_query_hash) AS h, quantile(0.5)(query_duration_ms) AS ms FROM "
                            + log(table, "now() - 3600") + " GROUP BY h HAVING count() >= " + FEW
                            + " ORDER BY count() DESC LIMIT " + KNOWN)
                    .stream()
                    .collect(Collectors.toMap(r -> r.string("h"), r -> r.real("ms")));
        } catch (ServerError e) {
            if (e.code() != ServerError.ACCESS_DENIED && e.code() != ServerError.UNKNOWN_TABLE) throw e;
            return Map.of();
        }
    }

    private static String log(TableName table, String from) {
        return "system.query_log WHERE event_date >= toDate(" + from + ") AND event_time >= " + from
                + " AND type = 'QueryFinish' AND query_kind = 'Select' AND has(tables, " + Sql.text(table.toString())
                + ") AND NOT startsWith(query_id, 'rekey')";
    }
}
