package rekey.look;

import java.util.List;
import java.util.Optional;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Row;
import rekey.model.Amounts;
import rekey.sheet.Grid;
import rekey.sheet.OptionalAnswers;
import rekey.sheet.Sheet;
import rekey.sheet.SingleRow;
import rekey.sheet.TextWidth;

/// What went wrong on the server lately, and of what kind: a query that was refused memory (241) leaves the server
/// alive; a client's "EOF" or a broken connection is what a server looks like that was killed, mostly for memory
/// (the guide's troubleshooting), and what a restart looks like that a person wanted.
public record Errors(ClickHouse server) {
    /// A restart longer ago is no news.
    private static final long NEWS = 24 * 3600;

    /// @param hours how far back
    public Sheet sheet(int hours) {
        return Sheet.of(
                "No error is known in the last " + hours + " h.",
                restart(),
                memory(hours),
                failed(hours),
                errors(hours));
    }

    // --- restarts ---

    private Grid restart() {
        var now = server.one("SELECT uptime() AS up, toString(now() - uptime()) AS since, version() AS v");
        var facts = new SingleRow()
                .add(
                        "server",
                        now.string("v") + ", up for " + TextWidth.seconds(now.number("up")) + ", since "
                                + now.string("since"));
        if (now.number("up") < NEWS) before(now.string("since"), facts);
        return facts.grid("server");
    }

    /// How the server's life before this one ended, as far as its logs tell.
    private void before(String since, SingleRow facts) {
        var start = "toDateTime('" + since + "')";
        var crash = first(
                "SELECT toString(event_time) AS at, signal FROM system.crash_log WHERE event_time BETWEEN %1$s - 86400"
                        + " AND %1$s + 5 ORDER BY event_time DESC LIMIT 1",
                start);
        var asked = first(
                "SELECT toString(max(event_time)) AS at, count() AS n FROM system.text_log WHERE event_date >="
                        + " toDate(%1$s) - 1 AND event_time BETWEEN %1$s - 600 AND %1$s AND message LIKE 'Received"
                        + " termination signal%%'",
                start);
        var any = first(
                "SELECT toString(max(event_time)) AS at, count() AS n FROM system.text_log WHERE event_date >="
                        + " toDate(%1$s) - 1 AND event_time < %1$s",
                start);
        if (crash != null)
            facts.add(
                    "it ended",
                    "by a crash of its own at " + crash.string("at") + ", signal " + crash.string("signal")
                            + ": SELECT * FROM system.crash_log;");
        else if (asked != null && asked.number("n") > 0)
            facts.add(
                    "it ended",
                    "because it was asked to, at " + asked.string("at")
                            + " (signal 15): a person or an orchestrator restarted it");
        else if (any != null && any.number("n") > 0)
            facts.add(
                    "it ended",
                    "without a word, its last at " + any.string("at") + ": it was KILLED, most often for memory. "
                            + LOOK);
        else
            facts.add(
                    "it ended",
                    "how can't be told from inside, for text_log has nothing of it. If its own log has no 'Received"
                            + " termination signal' before that, it was killed. "
                            + LOOK);
        var memory = first("""
            SELECT toString(max(event_time)) AS at, argMaxIf(value, event_time, metric = 'MemoryResident') AS used,
                   argMaxIf(value, event_time, metric = 'OSMemoryTotal') AS total, argMaxIf(value, event_time,
                     metric = 'CGroupMemoryTotal') AS cgroup
            FROM system.asynchronous_metric_log WHERE event_date >= toDate(%1$s) - 1 AND event_time BETWEEN %1$s -
              3600 AND %1$s - 1
            AND metric IN ('MemoryResident', 'OSMemoryTotal', 'CGroupMemoryTotal') HAVING used > 0\
            """, start);
        if (memory != null)
            facts.add(
                    "its memory",
                    Amounts.bytes((long) memory.real("used")) + " of "
                            + Amounts.bytes(
                                    (long) (memory.real("cgroup") > 0 ? memory.real("cgroup") : memory.real("total")))
                            + ", last seen at " + memory.string("at"));
        var cut = first("""
            SELECT count() AS n, any(q) AS example FROM (
              SELECT query_id, any(substring(query, 1, 80)) AS q, max(type != 'QueryStart') AS over
                FROM system.query_log
              WHERE event_date >= toDate(%1$s) - 1 AND event_time BETWEEN %1$s - 3600 AND %1$s GROUP BY query_id
                HAVING NOT over)\
            """, start);
        if (cut != null && cut.number("n") > 0)
            facts.add(
                    "cut off",
                    cut.number("n") + " queries have a beginning and no end in the query log, such as: "
                            + cut.string("example"));
        facts.add("so", "a client that said 'EOF' or lost its connection around " + since + " met this restart");
    }

    private static final String LOOK =
            "Look for an out-of-memory kill: dmesg -T | grep -i 'killed process', or kubectl describe pod (OOMKilled).";

    private Row first(String sql, String start) {
        return asked(sql, start).flatMap(rows -> rows.stream().findFirst()).orElse(null);
    }

    /// A log that is not there is not asked, for that would be an error of the server, and shown as one.
    private Optional<List<Row>> asked(String sql, String start) {
        var log = sql.replaceFirst("(?s).*FROM\\s+system\\.(\\w+_log).*", "$1");
        return server.query("SELECT name FROM system.tables WHERE database = 'system' AND name = '" + log + "'")
                        .isEmpty()
                ? Optional.empty()
                : OptionalAnswers.rows(server, sql.formatted(start));
    }

    // --- memory ---

    private Grid memory(int hours) {
        var refused = Grid.of(
                        "refused memory (241); the server lives on",
                        "user",
                        "times#",
                        "ago:seconds",
                        "peak:bytes",
                        "query id:id",
                        "query:prose")
                .from(OptionalAnswers.orNone(server, """
                    SELECT user, count(), dateDiff('second', max(event_time), now()), max(memory_usage),
                      argMax(query_id, event_time), trimBoth(replaceRegexpAll(any(query), '\\\\s+', ' '))
                    FROM system.query_log WHERE event_date >= today() - 1 - intDiv(%1$d, 24) AND event_time > now()
                      - %1$d * 3600 AND exception_code = 241
                    GROUP BY user, normalized_query_hash ORDER BY max(event_time) DESC LIMIT 10\
                    """.formatted(hours)));
        var limit = OptionalAnswers.orNone(
                server, "SELECT value FROM system.server_settings WHERE name = 'max_server_memory_usage'");
        var used = OptionalAnswers.orNone(server, "SELECT value FROM system.metrics WHERE metric = 'MemoryTracking'");
        if (refused.isEmpty() || limit.isEmpty() || used.isEmpty()) return refused;
        return refused.noting(
                "The server now uses " + Amounts.bytes(used.getFirst().number("value"))
                        + (limit.getFirst().number("value") == 0
                                ? ""
                                : " of the " + Amounts.bytes(limit.getFirst().number("value")) + " it may")
                        + ". A copy takes up to 0.5 GiB a thread: lower --threads if it is rekey's.");
    }

    // --- the rest ---

    private Grid failed(int hours) {
        return Grid.of("failed queries", "code#", "times#", "ago:seconds", "user", "query:prose", "error:prose")
                .from(OptionalAnswers.orNone(server, """
                    SELECT exception_code, count(), dateDiff('second', max(event_time), now()), any(user),
                      trimBoth(replaceRegexpAll(argMax(query, event_time), '\\\\s+', ' ')),
                           replaceRegexpAll(replaceRegexpOne(replaceRegexpOne(argMax(exception, event_time),
                             '^Code: \\\\d+\\\\. DB::Exception: ', ''), '\\\\s*\\\\(version [^)]*\\\\).*', ''),
                             '\\\\s+', ' ')
                    FROM system.query_log WHERE event_date >= today() - 1 - intDiv(%1$d, 24) AND event_time > now()
                      - %1$d * 3600 AND exception_code NOT IN (0, 241) AND NOT (exception_code = 60 AND
                      position(query, '`rekey_journal`') > 0)
                    GROUP BY exception_code, normalized_query_hash ORDER BY max(event_time) DESC LIMIT 15\
                    """.formatted(hours)));
    }

    private Grid errors(int hours) {
        return Grid.of("errors since the server started", "error", "code#", "times#", "ago:seconds", "message:prose")
                .from(OptionalAnswers.orNone(server, """
                    SELECT name, code, sum(value), dateDiff('second', max(last_error_time), now()),
                      replaceRegexpAll(argMax(last_error_message, last_error_time), '\\\\s+', ' ')
                    FROM system.errors WHERE last_error_time > now() - %d * 3600 AND last_error_message NOT LIKE
                      '%%rekey\\_journal%%' GROUP BY name, code ORDER BY max(last_error_time) DESC LIMIT 20\
                    """.formatted(hours)));
    }
}
