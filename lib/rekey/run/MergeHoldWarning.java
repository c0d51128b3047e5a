package rekey.run;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import rekey.clickhouse.Ddl;
import rekey.copy.MergeHold;
import rekey.ingestion.HostGates;
import rekey.model.Table;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.Original;
import rekey.session.Session;

/// Merges of the live table that a runner held for its last rounds and did not give back: its machine died, guard
/// and all. Parts pile up under such a hold, up to the limit at which the server refuses inserts.
public final class MergeHoldWarning {
    private MergeHoldWarning() {}

    /// A journal that was dropped in the middle takes with it what the settings were: they would stay for good.
    private static Optional<String> journalGone(Session session, Table table) {
        boolean marked = "1".equals(table.settings().get(Ddl.BLOCK_NUMBERS))
                || MergeHold.held(table) && "0".equals(table.settings().get(Ddl.FORCED_MERGES));
        if (!marked
                || !"0".equals(table.settings().get(Ddl.MUTATIONS_KEPT))
                || session.copying().same().containsValue(table.uuid())
                || Journal.mentions(session.server(), session.rewrite().journal(), table.uuid()))
            return Optional.empty();
        return Optional.of(table.name()
                + " HAS THE SETTINGS OF A MIGRATION, AND NO JOURNAL KNOWS OF ONE: it was dropped."
                + " Restore " + session.rewrite().journal() + " and roll back; or, unless you have set them yourself, "
                + Ddl.resetting(
                        table.name(),
                        Stream.of(
                                        Ddl.HOLD_MERGES,
                                        Ddl.FORCED_MERGES,
                                        Ddl.DUE_ONLY,
                                        Ddl.MUTATIONS_KEPT,
                                        Ddl.BLOCK_NUMBERS)
                                .filter(table.settings()::containsKey)
                                .toArray(String[]::new))
                + ", and look whether " + session.rewrite().target() + " is still wanted.");
    }

    /// What every command says first; empty where all is well, or ingestion is held on purpose.
    public static Optional<String> sentence(Session session) {
        var table = session.catalog().find(session.rewrite().source());
        if (table.isPresent() && journalGone(session, table.get()) instanceof Optional<String> told && told.isPresent())
            return told;
        if (table.isEmpty() || !MergeHold.anywhere(session, table.get())) return Optional.empty();
        var original = Original.last(session.journal().fresh("step = 'create'"));
        if (original.isEmpty() || "1".equals(original.get().settings().get(Ddl.HOLD_MERGES))) return Optional.empty();
        if (!HostGates.of(session).answering().standing().isEmpty()
                || RunLock.holder(session).isPresent()) return Optional.empty();
        List<String> release = original.get().restore(session.rewrite().source(), Ddl.HOLD_MERGES, Ddl.FORCED_MERGES);
        // after a merge nobody could tell any more whether that attach has happened
        boolean open =
                !Entry.unsettled(session.journal().fresh("step = 'attach'")).isEmpty();
        return Optional.of("MERGES OF " + session.rewrite().source()
                + " ARE HELD for a " + (table.get().folds() ? "copy" : "swap")
                + " and no runner is there: parts pile up until inserts are refused. migrate goes"
                + " on, resume and rollback give them"
                + " back" + (open ? "" : "; or by hand: " + String.join("; ", release)));
    }
}
