package rekey.check;

import rekey.clickhouse.Sql;
import rekey.model.Amounts;
import rekey.session.Session;

/// A replicated table is in step with its replicas.
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
        var source = session.rewrite().source();
        var needs = "writable, and less than 5 min behind";
        var rows = session.server()
                .query(("SELECT is_readonly AS closed, queue_size AS queue, absolute_delay AS delay FROM "
                                + "system.replicas WHERE database = %s AND table = %s")
                        .formatted(Sql.text(source.database()), Sql.text(source.table())));
        if (rows.isEmpty()) return Verdict.ok(this, "not replicated", needs);
        var r = rows.getFirst();
        var saw = Amounts.rows(r.number("queue")) + " entries, " + Amounts.about(r.number("delay")) + " behind"
                + (r.flag("closed") ? ", read-only" : "");
        if (r.flag("closed"))
            return Verdict.refusal(
                    this, saw, needs, "Look at the table's Keeper connection: nothing can be written to it.");
        return r.number("delay") < 300
                ? Verdict.ok(this, saw, needs)
                : Verdict.warning(this, saw, needs, "Let the replicas catch up.");
    }
}
