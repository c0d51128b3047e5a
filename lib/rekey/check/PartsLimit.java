package rekey.check;

import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.model.Amounts;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.session.Session;

/// The table is far from the number of parts in a partition at which the server delays inserts.
public record PartsLimit(When when) implements Check {
    @Override
    public String name() {
        return "parts";
    }

    @Override
    public Verdict look(Session session) {
        var source = session.source();
        return EachHost.worst(this, session, host -> look(session, host, source));
    }

    private Verdict look(Session session, ClickHouse host, Table source) {
        long delay = Setting.number(host, source, "parts_to_delay_insert"),
                reject = Setting.number(host, source, "parts_to_throw_insert");
        long limit = delay == 0 ? reject : reject == 0 ? delay : Math.min(delay, reject);
        if (limit == 0) return Verdict.ok(this, "no limit", "no limit");
        var needs = "fewer than " + Amounts.rows(limit * 9 / 10) + " in a partition; inserts are delayed from "
                + Amounts.rows(limit);
        var worst = fullest(host, session.rewrite().source());
        var target = fullest(host, session.rewrite().target());
        if (target.parts > worst.parts) worst = target;
        var saw = Amounts.rows(worst.parts)
                + (worst.parts == 0 ? "" : " in partition " + worst.partition + " of " + worst.table);
        if (worst.parts * 10 >= limit * 9)
            return Verdict.refusal(
                    this,
                    saw,
                    needs,
                    "Let the merges catch up (look at system.merges), or write in larger blocks; then run again.");
        return worst.parts * 10 >= limit * 6
                ? Verdict.warning(this, saw, needs, "Watch it: if it grows, inserts will be delayed.")
                : Verdict.ok(this, saw, needs);
    }

    private record Fullest(TableName table, String partition, long parts) {}

    private static Fullest fullest(ClickHouse host, TableName table) {
        return host.query("""
            SELECT partition_id AS p, count() AS n FROM system.parts WHERE active AND database = %s AND table = %s
            GROUP BY p ORDER BY n DESC LIMIT 1\
            """.formatted(Sql.text(table.database()), Sql.text(table.table()))).stream()
                .map(r -> new Fullest(table, r.string("p"), r.number("n")))
                .findFirst()
                .orElse(new Fullest(table, "", 0));
    }
}
