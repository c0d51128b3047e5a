package rekey.check;

import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.model.Amounts;
import rekey.model.Table;
import rekey.session.Session;

/// Nobody changes rows by patch parts: a lightweight UPDATE leaves no trace in `system.mutations`, so a changed row
/// that was already carried would not be noticed.
public record LightweightUpdates(When when) implements Check {
    @Override
    public String name() {
        return "lightweight updates";
    }

    @Override
    public Verdict look(Session session) {
        var source = session.source();
        boolean swapped =
                AttemptUnderWay.of(session).filter(b -> !b.beforeSwap(session)).isPresent();
        return EachHost.worst(this, session, host -> look(host, source, swapped));
    }

    private Verdict look(ClickHouse host, Table source, boolean swapped) {
        var name = source.name();
        var needs = "no rows changed by patch parts, and enable_block_offset_column = 0";
        // a patch part stays for long after it was applied: it is spent when no part is older than it
        long patches = host.one("""
            SELECT count() AS n FROM system.parts AS patch INNER JOIN (
              SELECT partition_id, min(data_version) AS oldest FROM system.parts
              WHERE active AND database = %1$s AND table = %2$s AND NOT startsWith(partition_id, 'patch-')
                GROUP BY partition_id) AS data
              ON data.partition_id = replaceRegexpOne(patch.partition_id, '^patch-[0-9a-f]+-', '')
            WHERE active AND database = %1$s AND table = %2$s AND startsWith(patch.partition_id, 'patch-')
              AND oldest < data_version\
            """.formatted(Sql.text(name.database()), Sql.text(name.table())))
                .number("n");
        boolean possible = Setting.on(host, source, "enable_block_offset_column");
        if ((patches > 0 || possible) && swapped)
            return Verdict.warning(
                    this,
                    patches > 0
                            ? Amounts.rows(patches) + " patch parts are not applied"
                            : "enable_block_offset_column = 1",
                    needs,
                    "Change rows by ALTER TABLE ... UPDATE or DELETE until the migration is finalized: a way back"
                            + " can't tell which rows a lightweight UPDATE has changed since the swap.");
        if (patches > 0)
            return Verdict.refusal(
                    this,
                    Amounts.rows(patches) + " patch parts are not applied",
                    needs,
                    when == When.BEFORE
                            ? "End the lightweight updates, apply them with ALTER TABLE " + name.sql()
                                    + " APPLY PATCHES, then run again."
                            : "Roll back and begin anew: rows that were already carried do not have this change.");
        if (possible)
            return Verdict.refusal(
                    this,
                    "enable_block_offset_column = 1",
                    needs,
                    "Switch it off (ALTER TABLE " + name.sql()
                            + " MODIFY SETTING enable_block_offset_column = 0) so that no lightweight UPDATE can slip"
                            + " in, then run again.");
        return Verdict.ok(this, "none", needs);
    }
}
