package rekey.check;

import rekey.clickhouse.ClickHouse;
import rekey.model.Amounts;
import rekey.session.Session;

/// No setting of this user's profile cuts an answer short or leaves rows out without an error: the copy and the
/// check of the copy would both miss the same rows.
public record SessionSettings() implements Check {
    /// The settings of this session that leave rows out.
    public static final String CUTTING = """
        SELECT concat(name, ' = ', value) AS s FROM system.settings
        WHERE name LIKE '%overflow\\_mode%' AND value = 'break' OR name IN ('limit', 'offset', 'final') AND value
          NOT IN ('0', 'false')
           OR name = 'apply_deleted_mask' AND value IN ('0', 'false') OR name = 'additional_table_filters' AND
             value != '{}'\
        """;

    @Override
    public String name() {
        return "session settings";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        return EachHost.worst(this, session, this::look);
    }

    private Verdict look(ClickHouse host) {
        var cutting = host.asGiven().query(CUTTING + " ORDER BY name").stream()
                .map(r -> r.string("s"))
                .toList();
        var needs = "none that leaves rows out of an answer";
        return cutting.isEmpty()
                ? Verdict.ok(this, "none", needs)
                : Verdict.refusal(
                        this,
                        Amounts.some(cutting),
                        needs,
                        "Give this user a profile without it, or name another user with --user: rows would be left out"
                                + " of the copy and nobody would see it.");
    }
}
