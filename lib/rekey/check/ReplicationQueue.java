package rekey.check;

import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.model.Amounts;
import rekey.model.TableName;
import rekey.session.Session;

/// A replicated table is in step with its replicas, as each of them sees it.
public record ReplicationQueue() implements Check {
    @Override
    public String name() {
        return "replication queue";
    }

    @Override
    public When when() {
        return When.DURING;
    }

    @Override
    public Verdict look(Session session) {
        return EachHost.worst(
                this, session, host -> look(host, session.rewrite().source(), host == session.server()));
    }

    private Verdict look(ClickHouse host, TableName source, boolean copies) {
        var needs = "writable, and less than 5 min behind";
        var rows = host.query(("SELECT is_readonly AS closed, queue_size AS queue, absolute_delay AS delay FROM "
                        + "system.replicas WHERE database = %s AND table = %s")
                .formatted(Sql.text(source.database()), Sql.text(source.table())));
        if (rows.isEmpty()) return Verdict.ok(this, "not replicated", needs);
        var r = rows.getFirst();
        var saw = Amounts.rows(r.number("queue")) + " entries, " + Amounts.about(r.number("delay")) + " behind"
                + (r.flag("closed") ? ", read-only" : "");
        if (r.flag("closed") && copies)
            return Verdict.refusal(
                    this, saw, needs, "Look at the table's Keeper connection: nothing can be written to it.");
        if (r.flag("closed"))
            return Verdict.warning(this, saw, needs, "Look at its Keeper connection there: nothing is swapped before.");
        return r.number("delay") < 300
                ? Verdict.ok(this, saw, needs)
                : Verdict.warning(this, saw, needs, "Let the replicas catch up.");
    }
}
