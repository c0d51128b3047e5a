package rekey.check;

import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.model.Amounts;
import rekey.model.TableName;
import rekey.session.Session;

/// All mutations of the table have ended. One that runs on while block numbers are switched on writes parts without
/// them; the backfill waits for it, so it is best ended before. Each replica makes its own parts anew, and one may
/// fail where the others are done.
public record UnfinishedMutations() implements Check {
    @Override
    public String name() {
        return "unfinished mutations";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        return EachHost.worst(
                this, session, host -> look(host, session.rewrite().source()));
    }

    private Verdict look(ClickHouse host, TableName source) {
        var open = host.query("""
            SELECT mutation_id AS id, command, parts_to_do AS parts, latest_fail_reason AS failed FROM system.mutations
            WHERE NOT is_done AND database = %s AND table = %s ORDER BY create_time\
            """.formatted(Sql.text(source.database()), Sql.text(source.table())));
        var needs = "none";
        if (open.isEmpty()) return Verdict.ok(this, "none", needs);
        var failed = open.stream().filter(r -> !r.string("failed").isEmpty()).findFirst();
        var saw = open.stream()
                .limit(3)
                .map(r -> r.string("command") + " (" + r.string("parts") + " parts to do)")
                .toList();
        if (failed.isEmpty())
            return Verdict.warning(this, Amounts.some(saw), needs, "The backfill waits until they have ended.");
        return Verdict.refusal(
                this,
                Amounts.some(saw) + "; failed: "
                        + failed.get().string("failed").lines().findFirst().orElse(""),
                needs,
                "It will not end by itself: mend its cause, or KILL MUTATION WHERE mutation_id = "
                        + Sql.text(failed.get().string("id")) + " AND database = " + Sql.text(source.database())
                        + " AND table = " + Sql.text(source.table()) + ", then run again.");
    }
}
