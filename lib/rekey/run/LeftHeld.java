package rekey.run;

import java.util.List;
import java.util.Optional;
import rekey.clickhouse.Ddl;
import rekey.copy.MergeHold;
import rekey.ingestion.Gate;
import rekey.session.Entry;
import rekey.session.Original;
import rekey.session.Session;

/// Merges of the live table that a runner held for its last rounds and did not give back: its machine died, guard and all.
/// Parts pile up under such a hold, up to the limit at which the server refuses inserts.
public final class LeftHeld {
    private LeftHeld() { }

    /// What every command says first; empty where all is well, or ingestion is held on purpose.
    public static Optional<String> sentence(Session session) {
        var table = session.catalog().find(session.rewrite().source());
        if (table.isEmpty() || !MergeHold.held(table.get())) return Optional.empty();
        var original = Original.last(session.journal().fresh("step = 'create'"));
        if (original.isEmpty() || "1".equals(original.get().settings().get(Ddl.HOLD_MERGES))) return Optional.empty();
        if (!new Gate(session.server(), session.rewrite()).standing().isEmpty() || RunLock.holder(session.server(), session.rewrite().source()).isPresent()) return Optional.empty();
        List<String> release = original.get().restore(session.rewrite().source(), Ddl.HOLD_MERGES, Ddl.FORCED_MERGES);
        // after a merge nobody could tell any more whether that attach has happened
        boolean open = !Entry.unsettled(session.journal().fresh("step = 'attach'")).isEmpty();
        return Optional.of("MERGES OF " + session.rewrite().source() + " ARE HELD for a swap and no runner is there: parts pile up until inserts are refused. migrate goes on, resume and rollback"
                + " give them back" + (open ? "" : "; or by hand: " + String.join("; ", release)));
    }
}
