package rekey.maintainer;

import java.util.Map;
import java.util.TreeMap;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.session.Session;

/// What a run cost its server, which had nothing else to do: of its statements by what they are for, and of all
/// parts that were written. From the server's logs.
///
/// @param cpuSeconds   of the server: copy, check, compare, the rest, which has all small questions; and merge,
///                     which no statement waits for and which runs beside them
/// @param statements   that were sent, however small
/// @param peakBytes    the most memory that one of them took
/// @param writtenBytes on disk, in parts that were inserted or merged; a part that was attached is a hard link
/// @param parts        that the new table has behind it, before anything was optimized
record BenchCost(Map<String, Double> cpuSeconds, long statements, long peakBytes, long writtenBytes, long parts) {

    /// Between two moments of the server's clock, in microseconds.
    static BenchCost of(Session session, TableName events, long begunUs, long endedUs) {
        var server = session.server();
        var during = " BETWEEN fromUnixTimestamp64Micro(" + begunUs + ") AND fromUnixTimestamp64Micro(" + endedUs + ")";
        server.execute("SYSTEM FLUSH LOGS query_log, part_log");
        var seconds = new TreeMap<String, Double>();
        long peak = 0, statements = 0;
        for (var r : server.query("""
            SELECT multiIf(endsWith(query_id, ':copy'), 'copy', endsWith(query_id, ':check'), 'check',
                endsWith(query_id, ':compare'), 'compare', 'rest') AS kind, count() AS n,
              sum(ProfileEvents['UserTimeMicroseconds'] + ProfileEvents['SystemTimeMicroseconds']) / 1e6 AS s,
              max(memory_usage) AS peak
            FROM system.query_log WHERE type = 'QueryFinish' AND event_time_microseconds %s GROUP BY kind\
            """.formatted(during))) {
            seconds.put(r.string("kind"), r.real("s"));
            peak = Math.max(peak, r.number("peak"));
            statements += r.number("n");
        }
        var parts = server.one("""
            SELECT sumIf(size_in_bytes, event_type = 'MergeParts' OR position(table, '_staging_') > 0) AS written,
              sumIf(ProfileEvents['UserTimeMicroseconds'] + ProfileEvents['SystemTimeMicroseconds'],
                event_type = 'MergeParts') / 1e6 AS s
            FROM system.part_log WHERE event_type IN ('NewPart', 'MergeParts') AND database = %s
              AND event_time_microseconds %s\
            """.formatted(Sql.text(events.database()), during));
        seconds.put("merge", parts.real("s"));
        return new BenchCost(
                Map.copyOf(seconds),
                statements,
                peak,
                parts.number("written"),
                session.catalog().parts(events).size());
    }
}
