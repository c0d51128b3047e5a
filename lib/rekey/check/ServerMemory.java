package rekey.check;

import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.ServerError;
import rekey.model.Amounts;
import rekey.session.Session;

/// The server is not about to run out of memory, its own limit or the machine's. A run stops for the host that
/// copies alone: another one only fetches, and what fills it is somebody else.
public record ServerMemory() implements Check {
    private static final double TIGHT = 0.80, FULL = 0.92;

    @Override
    public String name() {
        return "server memory";
    }

    @Override
    public When when() {
        return When.DURING;
    }

    @Override
    public Verdict look(Session session) {
        return EachHost.worst(this, session, host -> {
            var said = look(host);
            return host == session.server() || said.verdict() != Level.REFUSAL
                    ? said
                    : Verdict.warning(
                            this,
                            said.saw(),
                            said.needs(),
                            "End other queries there: the server is about to refuse INSERTs, or to be killed.");
        });
    }

    private Verdict look(ClickHouse server) {
        var limit = server.one("SELECT toFloat64(value) AS v FROM system.server_settings WHERE name ="
                        + " 'max_server_memory_usage'")
                .real("v");
        var used = server.one("SELECT toFloat64(value) AS v FROM system.metrics WHERE metric = 'MemoryTracking'")
                .real("v");
        return judge(used, limit, machine(server));
    }

    /// @param limit   bytes, 0 for none
    /// @param machine the share of the machine's memory that is used, 0 where it is not known
    Verdict judge(double used, double limit, double machine) {
        var needs = "less than " + Math.round(100 * TIGHT) + " % of max_server_memory_usage";
        double share = Math.max(limit == 0 ? 0 : used / limit, machine);
        var saw = Amounts.bytes(used)
                + (limit == 0 ? "" : " of " + Amounts.bytes(limit))
                + (machine == 0 ? "" : "; the machine's memory is used to " + Amounts.percent(machine, 1));
        if (share >= FULL)
            return Verdict.refusal(
                    this,
                    saw,
                    needs,
                    "Lower --threads, or end other queries: the server is about to refuse queries, or to be killed.");
        return share >= TIGHT
                ? Verdict.warning(this, saw, needs, "Lower --threads if it grows.")
                : Verdict.ok(this, saw, needs);
    }

    /// What share of the machine's memory is used; 0 where the server keeps no such figures.
    private static double machine(ClickHouse server) {
        try {
            var r = server.one("""
                SELECT maxIf(value, metric = 'OSMemoryAvailable') AS available, maxIf(value, metric =
                  'OSMemoryTotal') AS total
                FROM system.asynchronous_metrics WHERE metric IN ('OSMemoryAvailable', 'OSMemoryTotal')\
                """);
            return r.real("total") > 0 ? 1 - r.real("available") / r.real("total") : 0;
        } catch (ServerError e) {
            if (e.code() == ServerError.UNKNOWN_TABLE) return 0;
            throw e;
        }
    }
}
