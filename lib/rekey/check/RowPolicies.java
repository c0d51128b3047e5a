package rekey.check;

import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.model.Amounts;
import rekey.model.TableName;
import rekey.session.Session;

/// No row policy hides rows of the table from this user, for what it can't see it would not copy.
public record RowPolicies() implements Check {
    @Override
    public String name() {
        return "row policies";
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
        var policies = host.query("""
            SELECT name FROM system.row_policies
            WHERE database IN ('', %s) AND table IN ('', %s)
              AND (apply_to_all AND NOT has(apply_to_except, currentUser()) OR has(apply_to_list, currentUser())
                   OR hasAny(apply_to_list, enabledRoles()))
            ORDER BY name\
            """.formatted(Sql.text(source.database()), Sql.text(source.table()))).stream()
                .map(r -> r.string("name"))
                .toList();
        var needs = "none on this table for this user";
        return policies.isEmpty()
                ? Verdict.ok(this, "none", needs)
                : Verdict.refusal(
                        this,
                        Amounts.some(policies),
                        needs,
                        "Name another user with --user, or take this user out of the policy: rows it hides would not"
                                + " be copied.");
    }
}
