package rekey.check;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Function;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Row;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.model.Amounts;
import rekey.model.TableName;
import rekey.session.Session;

/// Names who inserts into the table beside Kafka, Buffer tables too, through whichever host. Their rows are
/// carried, but these writers are not paused.
public record OtherWriters() implements Check {
    /// INSERTs of the last minute by which one is a writer that goes on. Hardly ever does one of them run in the
    /// moment of a look: a plan said nothing of an application that wrote all the while.
    private static final int OFTEN = 10;

    @Override
    public String name() {
        return "other writers";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        var running = new ArrayList<>(running(session));
        if (running.isEmpty()) running.addAll(logged(session, OFTEN));
        running.addAll(flushing(session));
        boolean held = session.limits().holdWriters();
        var needs = held ? "none, or such as can wait a moment" : "any: they are not waited for";
        var unawaited = unawaited(session);
        if (running.isEmpty() && unawaited.isEmpty()) return Verdict.ok(this, "none running", needs);
        return Verdict.warning(
                this,
                Amounts.some(running.isEmpty() ? unawaited : running),
                needs,
                unawaited.isEmpty() ? advice(session, held) : UNAWAITED.formatted(Amounts.some(unawaited)));
    }

    private static String advice(Session session, boolean held) {
        return held
                ? "Their rows are carried too; but if they write while Kafka is paused, the swap is put off, as"
                        + " --hold-writers asks for. Best stop them for that moment."
                : "Their rows are carried too. What they write in the moment of the exchange is visible about "
                        + late(session) + " ms later, never lost; the run says how long it was. With"
                        + " --hold-writers the swap waits until they pause.";
    }

    /// Of whom the server has rows in its queue that it has answered: see [rekey.copy.AsyncInsertQueue].
    private static final String UNAWAITED = "%s with wait_for_async_insert = 0: ClickHouse refuses what is still in its"
            + " queue in the moment of the exchange (TABLE_UUID_MISMATCH), and such a client was told OK before. rekey"
            + " empties the queue right before; rows that come in the few milliseconds after that are lost. Set"
            + " wait_for_async_insert = 1 for the swap: then the client is told, and sends them again. Or pause it.";

    /// Who inserted so in the last ten minutes, by the query log, where there is one.
    private static List<String> unawaited(Session session) {
        return ofLog(
                session,
                """
                SELECT DISTINCT user FROM system.query_log
                WHERE event_date >= yesterday() AND event_time > now() - 600 AND type = 'QueryFinish'
                  AND Settings['wait_for_async_insert'] = '0' AND Settings['async_insert'] != '0'
                  AND has(tables, %s) ORDER BY user LIMIT 3\
                """.formatted(Sql.text(session.rewrite().source().toString())),
                r -> r.string("user") + " sends async INSERTs");
    }

    /// What is expected: the trailing round takes what a last round before it may, and the exchange itself.
    private static long late(Session session) {
        return session.limits().maxHeld().toMillis() / 3 + 100;
    }

    /// Whoever may have written just now: the INSERTs that run, those that the query log knows of the last minute,
    /// where there is one, and the Buffer tables that flush into the source by themselves.
    public static List<String> suspects(Session session) {
        var out = new LinkedHashSet<>(running(session));
        if (out.isEmpty()) flush(session);
        out.addAll(logged(session, 1));
        out.addAll(flushing(session));
        return List.copyOf(out);
    }

    /// The Buffer tables of all hosts.
    private static List<String> flushing(Session session) {
        return HostsInParallel.each(
                        session.hosts(),
                        host -> buffers(session, host).stream()
                                .map(b -> "the Buffer table " + b + on(session, host) + " flushes into it")
                                .toList())
                .stream()
                .flatMap(List::stream)
                .toList();
    }

    private static String on(Session session, ClickHouse host) {
        return host == session.server() ? "" : " of host " + host.endpoint().host();
    }

    /// A short INSERT has ended before anybody looks, and the server writes its log every few seconds only.
    private static void flush(Session session) {
        try {
            session.execute("flush-log", "SYSTEM FLUSH LOGS query_log");
        } catch (ServerError e) {
            session.progress().note("the query log can't be flushed: " + e.getMessage()); // then it tells what it has
        }
    }

    /// The INSERTs into the source that run now and are not rekey's: who runs them, and how they begin. An INSERT
    /// counts whose text has the table's name as a word, and its database's if that is not the one it runs in: the
    /// server keeps no list of the tables. Each host shows its own; what another host sends on for a client is that
    /// host's.
    public static List<String> running(Session session) {
        var source = session.rewrite().source();
        return HostsInParallel.each(session.hosts(), host -> running(host, source)).stream()
                .flatMap(List::stream)
                .distinct()
                .toList();
    }

    private static List<String> running(ClickHouse host, TableName source) {
        return host
                .query("""
                    SELECT DISTINCT user, replaceRegexpAll(substring(query, 1, 80), '\\\\s+', ' ') AS q FROM
                      system.processes
                    WHERE query_kind IN ('Insert', 'AsyncInsertFlush') AND NOT startsWith(query_id, 'rekey:')
                      AND match(query, %s) AND (current_database = %s OR match(query, %s))
                    ORDER BY user, q\
                    """.formatted(word(source.table()), Sql.text(source.database()), word(source.database())))
                .stream()
                .map(r -> r.string("user") + " runs '" + r.string("q").strip() + "'")
                .toList();
    }

    /// A regular expression for a name that stands as a word, as a literal.
    public static String word(String name) {
        return Sql.text("(^|\\W)" + name.replaceAll("[\\p{Punct}&&[^_]]", "\\\\$0") + "(\\W|$)");
    }

    /// @param least so many of a user
    private static List<String> logged(Session session, int least) {
        return ofLog(
                session,
                """
                SELECT user, any(replaceRegexpAll(substring(query, 1, 80), '\\\\s+', ' ')) AS q, count() AS n FROM
                  system.query_log
                WHERE event_date >= yesterday() AND event_time > now() - 60 AND type = 'QueryFinish' AND query_kind
                  IN ('Insert', 'AsyncInsertFlush')
                  AND NOT startsWith(query_id, 'rekey:') AND has(tables, %s) GROUP BY user HAVING n >= %d
                  ORDER BY n DESC LIMIT 3\
                """.formatted(Sql.text(session.rewrite().source().toString()), least),
                r -> r.string("user") + " ran '" + r.string("q").strip() + "' (" + r.string("n")
                        + " in the last minute)");
    }

    /// Of all hosts of the shard, for each has a log of its own, and a client may send by any of them.
    private static List<String> ofLog(Session session, String sql, Function<Row, String> told) {
        return HostsInParallel.each(session.hosts(), host -> ofLog(host, sql, told)).stream()
                .flatMap(List::stream)
                .distinct()
                .toList();
    }

    private static List<String> ofLog(ClickHouse host, String sql, Function<Row, String> told) {
        try {
            return host.query(sql).stream().map(told).toList();
        } catch (ServerError e) {
            if (e.code() != ServerError.UNKNOWN_TABLE && e.code() != ServerError.ACCESS_DENIED) throw e;
            return List.of(); // this server keeps no query log, or not for this user
        }
    }

    /// The Buffer tables that flush into the source, those of the host that copies.
    public static List<TableName> buffers(Session session) {
        return buffers(session, session.server());
    }

    /// Those of one host, whatever their rows go through: over an Alias or a Distributed table they flush into the
    /// source too.
    public static List<TableName> buffers(Session session, ClickHouse host) {
        if (host.query("SELECT 1 FROM system.tables WHERE engine = 'Buffer' LIMIT 1")
                .isEmpty()) return List.of();
        return (host == session.server() ? session.catalog() : new Catalog(host))
                .ways()
                .buffers(session.rewrite().source());
    }
}
