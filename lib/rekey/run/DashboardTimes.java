package rekey.run;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import rekey.clickhouse.Row;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.session.Session;

/// Whether others' queries on the table take longer than before this run, by the query log of the host that copies.
/// Each is compared with itself, without its literals: those of the last minute with the median of the hour before
/// the first look. So a report that is heavy at any time tells nothing, and a new query neither. An hour of the log
/// is read once; each look reads a minute, by the log's own key.
///
/// What stays slower for a minute beside a single chunk is slower for another reason: a run that began by night
/// would hold the whole day against it. It is what is expected from then on.
///
/// A server without a log, or whose log this user may not read, tells nothing. Nor does one that can't answer in a
/// few seconds: no look may fail by it, for what is scarce is to slow the copy down in any case.
final class DashboardTimes {
    private static final int FEW = 3, KNOWN = 100;
    private static final double SLOWER = 2;
    /// What nobody notices is no reason.
    private static final double NOTICED_MS = 20;
    private static final Duration USED_TO = Duration.ofMinutes(2);
    private static final Map<String, String> BOUNDED = Map.of("max_execution_time", "5", "max_threads", "1");

    /// By the query's hash, in milliseconds; null before the first look.
    private Map<String, Double> before;
    private String since = "";
    private Instant slowSince;

    /// @param single whether there is a single chunk under way at most
    /// @return what was seen, where they are slower
    Optional<String> slower(Session session, boolean single) {
        var table = session.rewrite().source();
        if (before == null) {
            before = before(session, table);
            return Optional.empty();
        }
        if (before.isEmpty()) return Optional.empty();
        long n = 0;
        double took = 0, expected = 0;
        var now = new HashMap<String, Double>();
        for (var r : lastMinute(session, table)) {
            n += r.number("n");
            took += r.real("ms");
            expected += r.number("n") * before.get(r.string("h"));
            now.put(r.string("h"), r.real("ms") / r.number("n"));
        }
        var seen = judge(table, n, took, expected);
        if (seen.isEmpty() || !single) slowSince = null;
        else if (slowSince == null) slowSince = Instant.now();
        else if (slowSince.plus(USED_TO).isBefore(Instant.now())) {
            before.putAll(now);
            slowSince = null;
            return Optional.empty();
        }
        return seen;
    }

    private List<Row> lastMinute(Session session, TableName table) {
        try {
            return session.server()
                    .query(
                            "SELECT toString(normalized_query_hash) AS h, count() AS n, sum(query_duration_ms) AS ms"
                                    + " FROM " + log(table, "now() - 60")
                                    + " AND query_start_time_microseconds > toDateTime64(" + Sql.text(since)
                                    + ", 6, 'UTC') AND toString(normalized_query_hash) IN "
                                    + Sql.list(before.keySet()) + " GROUP BY h",
                            session.queryId("dashboards"),
                            BOUNDED);
        } catch (ServerError e) {
            return List.of();
        }
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
                    .query(
                            "SELECT toString(normalized_query_hash) AS h, quantile(0.5)(query_duration_ms) AS ms FROM "
                                    + log(table, "now() - 3600") + " GROUP BY h HAVING count() >= " + FEW
                                    + " ORDER BY count() DESC LIMIT " + KNOWN,
                            session.queryId("dashboards"),
                            BOUNDED)
                    .stream()
                    .collect(Collectors.toMap(r -> r.string("h"), r -> r.real("ms"), (a, b) -> a, HashMap::new));
        } catch (ServerError e) {
            return Map.of();
        }
    }

    /// The log quotes each half of a name that needs it.
    private static String log(TableName table, String from) {
        return "system.query_log WHERE event_date >= toDate(" + from + ") AND event_time >= " + from
                + " AND type = 'QueryFinish' AND query_kind = 'Select' AND hasAny(tables, ["
                + Stream.of(table.database(), TableName.quote(table.database()))
                        .flatMap(d -> Stream.of(table.table(), TableName.quote(table.table()))
                                .map(t -> Sql.text(d + "." + t)))
                        .collect(Collectors.joining(", "))
                + "]) AND NOT startsWith(query_id, 'rekey')";
    }
}
