package rekey.check;

import rekey.clickhouse.Sql;
import rekey.model.Amounts;
import rekey.session.Session;

/// The old table and the new one have the same columns in the same order: an ALTER of the old one during the copy
/// would be lost. TTLs aside, which the new table gets after the swap.
public record ColumnsUnchanged() implements Check {
    @Override
    public String name() {
        return "columns";
    }

    @Override
    public When when() {
        return When.DURING;
    }

    @Override
    public Verdict look(Session session) {
        var source = session.rewrite().source();
        var target = session.rewrite().target();
        var needs = "the same in " + source + " and the new table";
        if (AttemptUnderWay.of(session).filter(b -> b.beforeSwap(session)).isEmpty()
                || !session.catalog().exists(target)) return Verdict.ok(this, "nothing to compare", needs);
        var odd = session
                .server()
                .query("""
                    SELECT any(table) AS t, name, type, default_kind AS kind, default_expression AS expression FROM
                      system.columns
                    WHERE database = %s AND table IN (%s, %s)
                    GROUP BY position, name, type, kind, expression, compression_codec, comment HAVING count() < 2
                      ORDER BY t, position\
                    """.formatted(Sql.text(source.database()), Sql.text(source.table()), Sql.text(target.table())))
                .stream()
                .map(r -> r.string("t") + " has "
                        + (r.string("name") + " " + r.string("type") + " " + r.string("kind") + " "
                                        + r.string("expression"))
                                .strip())
                .toList();
        // on the way back the new table is dropped in this moment: nobody has altered anything
        if (!odd.isEmpty()
                && (session.journal().goingBack() || !session.catalog().exists(target)))
            return Verdict.ok(this, "nothing to compare", needs);
        return odd.isEmpty()
                ? Verdict.ok(this, "the same", needs)
                : Verdict.refusal(this, Amounts.some(odd), needs, "Take that ALTER back, or roll back and begin anew.");
    }
}
