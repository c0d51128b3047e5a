package rekey.check;

import rekey.clickhouse.ClickHouse;
import rekey.model.Table;
import rekey.session.Session;

/// No merge of a ReplacingMergeTree removes deleted rows for good: a tombstone that vanishes before its round would
/// leave the row it deletes alive in the copy. A merge that one replica makes is fetched by the others.
public record CleanupMerges() implements Check {
    @Override
    public String name() {
        return "cleanup merges";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        var source = session.source();
        var needs = "no merges that remove deleted rows";
        if (!source.replacing()) return Verdict.ok(this, source.engine() + " has none", needs);
        return EachHost.worst(this, session, host -> look(host, source, needs));
    }

    private Verdict look(ClickHouse host, Table source, String needs) {
        var on = Table.CLEANUP.stream().filter(s -> Setting.on(host, source, s)).toList();
        return on.isEmpty()
                ? Verdict.ok(this, "switched off", needs)
                : Verdict.refusal(
                        this,
                        String.join(" = 1, ", on) + " = 1",
                        needs,
                        "Switch it off for the migration: ALTER TABLE "
                                + source.name().sql() + " MODIFY SETTING " + String.join(" = 0, ", on)
                                + " = 0; then run again.");
    }
}
