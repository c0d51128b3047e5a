package rekey.check;

import rekey.clickhouse.ClickHouse;
import rekey.model.Table;
import rekey.session.Session;

/// The server does not drop INSERTs that it has seen already. Where it does, it remembers them with the
/// table that they went to. So the new table knows none of those made before the exchange, and one that
/// is sent again has its rows twice.
public record DeduplicationWindow() implements Check {
    @Override
    public String name() {
        return "deduplication window";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        var source = session.source();
        return EachHost.worst(this, session, host -> look(host, source));
    }

    private Verdict look(ClickHouse host, Table source) {
        var setting = source.replicated() ? "replicated_deduplication_window" : "non_replicated_deduplication_window";
        long window = Setting.number(host, source, setting);
        var needs = "none, or no INSERT that is sent again after the swap";
        return window == 0
                ? Verdict.ok(this, "none", needs)
                : Verdict.warning(
                        this,
                        setting + " = " + window,
                        needs,
                        "The new table does not know which INSERTs the old one has had: one that is sent again after"
                            + " the swap has its rows twice, and so has one after a rollback. Have producers' retries"
                            + " settled before either, and stop those that would repeat an INSERT meanwhile.");
    }
}
