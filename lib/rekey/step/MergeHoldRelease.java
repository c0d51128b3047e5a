package rekey.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import rekey.clickhouse.Ddl;
import rekey.copy.MergeHold;
import rekey.ingestion.Guard;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Original;
import rekey.session.Session;

/// Finds merges that are held now, whoever holds them, and releases them.
public final class MergeHoldRelease {
    private static final Map<String, Process> GUARDS = new ConcurrentHashMap<>();

    private MergeHoldRelease() {}

    /// The live table, and a target that has not become it, where they are held for a moment: where merges fold rows
    /// they stay so for the whole copy, see [rekey.copy.UnmergedParts].
    public static List<TableName> tables(Session s) {
        return Original.find(s.journal().entries()).isEmpty() ? List.of() : tables(s, Position.of(s));
    }

    private static List<TableName> tables(Session s, Position position) {
        var out = new ArrayList<TableName>();
        var source = s.source();
        if (source.folds()) return out;
        if (MergeHold.anywhere(s, source)) out.add(source.name());
        if (position instanceof Position.Created c
                && !trailing(s)
                && MergeHold.anywhere(s, s.catalog().table(c.target()))) out.add(c.target());
        return out;
    }

    /// Whether the target was live until an EXCHANGE back, and what was stranded in it is still carried: a part's
    /// age tells there whether it came before a DELETE, and a merge would make it young. A row once came back
    /// behind its DELETE by that.
    private static boolean trailing(Session s) {
        return s.journal()
                .last(e -> e.step().equals("swap") && e.is(Entry.Event.INTENT, Entry.Event.DONE, Entry.Event.UNDONE))
                .filter(e -> e.detail() instanceof Detail.Exchanging x && x.back())
                .isPresent();
    }

    /// Carries what was stranded in the target behind a swap that was taken back, and gives it its merges.
    static void trail(Session s, TableName target) {
        Trailing.untilQuiet(s, target);
        if (MergeHold.anywhere(s, s.catalog().table(target))) new MergeHold(s).release(target);
    }

    /// Behind what a dead runner left open. A host that is away keeps no table of the others from its merges.
    public static void release(Session s) {
        if (Original.find(s.journal().entries()).isEmpty()) return;
        var position = Position.of(s);
        var unknown =
                Staging.unsettled(s, position); // then a merge takes nothing from it any more, and parts would pile up
        RuntimeException away = null;
        for (var held : tables(s, position))
            try {
                new MergeHold(s).release(held);
            } catch (RuntimeException e) {
                if (away == null) away = e;
                else away.addSuppressed(e);
            }
        if (away != null) throw away;
        if (unknown.isPresent()) throw unknown.get();
    }

    /// Where merges are held for a whole copy a process of its own gives them back when this one dies: parts would
    /// grow until INSERTs are refused, behind a closed laptop say. What merges fold then is copied anew.
    static void guard(Session s) {
        if (!s.source().folds()) return;
        // one for a run, whichever of its steps holds them first
        GUARDS.compute(
                s.journal().runner(),
                (_, before) -> before != null && before.isAlive()
                        ? before
                        : Guard.start(List.of(s), UUID.randomUUID().toString().substring(0, 8)));
    }

    /// Where merges fold rows they are held for the whole copy, and else the target's for the first round. A run
    /// that was stopped, or refused to go on, looks after them no longer: parts would pile up toward the insert
    /// limit. What they fold then is copied anew. Not where an attach is open: after a merge nobody could tell any
    /// more whether it has happened. Nor where another runner has taken over: it holds them for the attach that it
    /// has under way.
    ///
    /// @param why the run has ended
    public static void giveBack(List<Session> shards, RuntimeException why) {
        if (!(why instanceof Trouble) || why instanceof Trouble.OutcomeUnknown) return;
        for (var s : shards)
            try {
                if (s.control().successor().isEmpty()) giveBack(s);
            } catch (RuntimeException e) {
                why.addSuppressed(e);
            }
    }

    /// Gives merges back that are held for a whole copy, or for its first round, where nothing is left open.
    public static void giveBack(Session s) {
        var journal = s.journal().entries();
        if (Original.find(journal).isEmpty() || !Entry.unsettled(journal).isEmpty()) return;
        var source = s.catalog().find(s.rewrite().source());
        if (source.isEmpty()) return;
        var position = Position.of(s);
        if (!source.get().folds()) {
            if (position instanceof Position.Created c
                    && !trailing(s)
                    && MergeHold.anywhere(s, s.catalog().table(c.target()))) new MergeHold(s).giveBack(c.target());
            return;
        }
        switch (position) {
            case Position.Created c -> {
                if (MergeHold.anywhere(s, source.get()))
                    new MergeHold(s).giveBack(source.get().name());
                if (MergeHold.anywhere(s, s.catalog().table(c.target()))) new MergeHold(s).giveBack(c.target());
            }
            // until all rows that ran through the exchange are in their order, merges would spoil it
            case Position.Swapped b
            when Resume.ended(s) && MergeHold.anywhere(s, source.get()) ->
                new MergeHold(s).giveBack(source.get().name());
            default -> {}
        }
    }

    /// A hold whose statement came after all had been taken back: its runner had died, and the statement was still
    /// on the way (in the fault matrix m1.82 it was late by a second). Given back before anything is begun, which
    /// would take it for the owner's own.
    public static void releaseLate(Session s) {
        for (var sql : releasingLate(s)) s.execute("release-merges", sql);
    }

    /// The statements that do so; none where there is no such hold.
    public static List<String> releasingLate(Session s) {
        var journal = s.journal().entries(e -> e.step().equals("create") || e.event() == Entry.Event.ROLLED_BACK);
        var last = Original.last(journal)
                .filter(o -> Original.find(journal).isEmpty()
                        && !"1".equals(o.settings().get(Ddl.HOLD_MERGES)));
        var table = s.catalog()
                .find(s.rewrite().source())
                .filter(t -> MergeHold.held(t) && "0".equals(t.settings().get(Ddl.FORCED_MERGES)));
        if (last.isEmpty()
                || table.isEmpty()
                || !table.get().uuid().equals(last.get().uuid())) return List.of();
        return MergeHold.releasing(last.get(), table.get().name());
    }
}
