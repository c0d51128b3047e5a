package rekey.check;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Ddl;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.Original;
import rekey.session.Session;

/// No other migration of this table is under way or waits for its finalize: both would switch the same settings, and
/// undoing one would take from the other's way back the block numbers by which it tells what is new.
public record OtherMigrations() implements Check {
    @Override
    public String name() {
        return "other migrations";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        var own = session.journal().migration();
        // each host has a UUID of its own, and another migration's journal those of the host that copies for it
        var uuids = new ArrayList<String>();
        var hosts = new ArrayList<>(List.of(session.server()));
        session.catalog().uuid(session.rewrite().source()).ifPresent(uuids::add);
        for (var peer : session.peers())
            try {
                session.catalog(peer.server()).uuid(session.rewrite().source()).ifPresent(uuids::add);
                hosts.add(peer.server());
            } catch (Trouble.Failed e) {
                // that one can't be asked is told by the check of replicas
            }
        var needs = "none of this table that is not finalized or rolled back";
        var open = hosts.stream()
                .flatMap(host -> Journal.migrations(host, session.rewrite().journal()).stream())
                .distinct()
                .filter(name -> !name.equals(own) && open(session, hosts, name, uuids))
                .toList();
        if (open.isEmpty() && heldByNobody(session, hosts, uuids))
            return Verdict.refusal(
                    this,
                    "merges of " + session.rewrite().source() + " are held as a migration holds them, and no journal"
                            + " knows of one",
                    needs,
                    "Restore the journal and roll back; or, unless you hold them yourself, "
                            + Ddl.resetting(session.rewrite().source(), Ddl.HOLD_MERGES, Ddl.FORCED_MERGES) + ".");
        if (open.isEmpty()) return Verdict.ok(this, "none", needs);
        return Verdict.refusal(
                this,
                open.getFirst() + " of " + session.rewrite().source() + " has been begun and not ended",
                needs,
                "End it first: finalize --migration " + open.getFirst() + ", or rollback --migration " + open.getFirst()
                        + ".");
    }

    /// Begun anew it would take the hold for the owner's, and give it back to him for good.
    private static boolean heldByNobody(Session session, List<ClickHouse> hosts, List<String> uuids) {
        var settings = session.source().settings();
        return "1".equals(settings.get(Ddl.HOLD_MERGES))
                && "0".equals(settings.get(Ddl.FORCED_MERGES))
                && "0".equals(settings.get(Ddl.MUTATIONS_KEPT))
                && uuids.stream()
                        .noneMatch(id -> hosts.stream()
                                .anyMatch(host ->
                                        Journal.mentions(host, session.rewrite().journal(), id)));
    }

    /// Whether a migration that has not ended read from, or made, the table that now has this identity.
    private static boolean open(Session session, List<ClickHouse> hosts, String name, List<String> uuids) {
        var lines = lines(session, hosts, name);
        var begun = Original.find(lines);
        if (begun.isEmpty() || lines.getLast().event() == Entry.Event.FINALIZED) return false;
        return uuids.contains(begun.get().uuid())
                || lines.stream().anyMatch(e -> e.detail() instanceof Detail.Created c && uuids.contains(c.target()));
    }

    /// As the host has them that heard of it last: one that was made anew, or was away, has none or lacks the end.
    private static List<Entry> lines(Session session, List<ClickHouse> hosts, String name) {
        return hosts.stream()
                .map(host -> new Journal(host, session.rewrite().journal(), name, "", Optional.empty())
                        .fresh("step = 'create' OR event IN ('ROLLED_BACK', 'FINALIZED')"))
                .max(Comparator.comparing(
                        of -> of.isEmpty() ? Instant.EPOCH : of.getLast().at()))
                .orElseThrow();
    }
}
