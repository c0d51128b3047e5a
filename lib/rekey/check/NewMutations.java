package rekey.check;

import rekey.clickhouse.Sql;
import rekey.session.Session;

/// Nobody has changed or deleted rows of the old table since the migration began: what a mutation does to a row that was
/// already carried would be missing in the new table.
public record NewMutations(When when) implements Check {
    @Override public String name() { return "mutations"; }

    @Override public Verdict look(Session session) {
        var begun = Begun.of(session);
        var needs = "none since the migration began";
        if (begun.isEmpty()) return Verdict.ok(this, "not begun", needs);
        if (!begun.get().beforeSwap(session)) return Verdict.ok(this, "swapped: the live table may be changed", needs);
        var source = session.rewrite().source();
        var since = session.server().query("""
                SELECT command, toString(create_time) AS at FROM system.mutations
                WHERE database = %s AND table = %s AND create_time >= toDateTime(%d) ORDER BY create_time"""
                .formatted(Sql.text(source.database()), Sql.text(source.table()), begun.get().at().getEpochSecond()));
        if (since.isEmpty()) return Verdict.ok(this, "none", needs);
        var saw = since.stream().limit(3).map(r -> r.string("command") + " at " + r.string("at")).toList();
        return Verdict.refusal(this, Amount.count(since.size()) + " on " + source + ": " + Amount.some(saw), needs,
                "Roll back and begin anew: rows that were already carried do not have this change.");
    }
}
