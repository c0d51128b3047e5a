package rekey.check;

import java.util.List;
import java.util.TreeMap;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.model.Amounts;
import rekey.session.Session;

/// The table has no detached parts that somebody may want back. Such parts are not carried: they stay in
/// the old table's folder.
public record DetachedParts() implements Check {
    @Override
    public String name() {
        return "detached parts";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        var needs = "none that somebody detached";
        // each host has its own, which no other one lists
        var where = new TreeMap<String, String>();
        for (var host : session.hosts())
            for (var partition : detached(session, host))
                where.putIfAbsent(
                        partition,
                        host == session.server()
                                ? ""
                                : " on host " + host.endpoint().host());
        var partitions =
                where.entrySet().stream().map(e -> e.getKey() + e.getValue()).toList();
        if (partitions.isEmpty()) return Verdict.ok(this, "none", needs);
        return Verdict.warning(
                this,
                "of partition" + (partitions.size() == 1 ? " " : "s ") + Amounts.some(partitions),
                needs,
                "They are not carried: after the swap they are the backup's, and finalize keeps it as long as it has"
                        + " them. Attach them now if they are wanted.");
    }

    private static List<String> detached(Session session, ClickHouse host) {
        return session.catalog(host).aside(session.rewrite().source()).stream()
                .filter(a -> !a.broken())
                .map(Catalog.Aside::partition)
                .toList();
    }
}
