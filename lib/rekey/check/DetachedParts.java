package rekey.check;

import rekey.clickhouse.Catalog;
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
        var partitions = session.hosts().stream()
                .flatMap(host -> session.catalog(host).aside(session.rewrite().source()).stream())
                .filter(a -> !a.broken())
                .map(Catalog.Aside::partition)
                .distinct()
                .toList();
        if (partitions.isEmpty()) return Verdict.ok(this, "none", needs);
        return Verdict.warning(
                this,
                "of partition" + (partitions.size() == 1 ? " " : "s ") + Amounts.some(partitions),
                needs,
                "They are not carried: after the swap they are the backup's, and finalize keeps it as long as it has"
                        + " them. Attach them now if they are wanted.");
    }
}
