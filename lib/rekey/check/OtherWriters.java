package rekey.check;

import java.util.List;
import rekey.clickhouse.Sql;
import rekey.session.Session;

/// Who inserts into the table beside Kafka. Before, they are told, for their rows are carried too, but they are not paused;
/// at the swap, none may be running.
public record OtherWriters(When when) implements Check {
    @Override public String name() { return "other writers"; }

    @Override public Verdict look(Session session) {
        var running = running(session);
        var needs = when == When.AT_SWAP ? "none running" : "none, or such as can wait a moment";
        if (running.isEmpty()) return Verdict.ok(this, "none running", needs);
        return when == When.AT_SWAP
                ? Verdict.refusal(this, Amount.some(running), needs, "Stop that writer for the swap, or run again at a quieter time.")
                : Verdict.warning(this, Amount.some(running), needs, "Their rows are carried too; but if they write while Kafka is paused, the swap is put off. Best stop them for that moment.");
    }

    /// The INSERTs into the source that run now and are not rekey's: who runs them, and how they begin.
    public static List<String> running(Session session) {
        var source = session.rewrite().source();
        return session.server().query("""
                SELECT DISTINCT user, replaceRegexpAll(substring(query, 1, 80), '\\\\s+', ' ') AS q FROM system.processes
                WHERE query_kind IN ('Insert', 'AsyncInsertFlush') AND NOT startsWith(query_id, 'rekey:') AND position(query, %s) > 0
                ORDER BY user, q""".formatted(Sql.text(source.table())))
                .stream().map(r -> r.string("user") + " runs '" + r.string("q").strip() + "'").toList();
    }
}
