package rekey.step;

import java.util.List;
import rekey.clickhouse.Ddl;
import rekey.copy.Arrivals;
import rekey.copy.Direction;
import rekey.copy.Marks;
import rekey.copy.Rounds;
import rekey.copy.UnmergedParts;
import rekey.copy.Way;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;

/// Operation 2, online: all that is there, then round after round what came since, until what is left is small.
///
/// Half done may be:
/// - block numbers that are on, and merges from before that have not ended: nothing has been carried, so they are
///   waited for anew;
/// - a staging table with some or all rows of a chunk: it is dropped, and its name is never used again;
/// - an attach whose outcome nobody noted: the running statement is ended, its staging table dropped, and the
///   target's parts tell whether all, some or nothing is there (see [rekey.copy.Attachment]); it is
///   noted, or taken back;
/// - a round of which some chunks were carried: the journaled marks tell, and the next one carries the others;
/// - a DELETE that was made on the source and not on the target, or whose note is missing: it is made again, which
///   changes nothing;
/// - merges of the target held for the first round or for the moment of an attach, or of the source for a chunk
///   whose rows its merges changed under the copy again and again: they are given back.
///
/// To undo it is to drop the target; killed in it there is none, and the next run makes it anew.
public record Backfill() implements Step {
    @Override
    public String name() {
        return "backfill";
    }

    @Override
    public State state(Session s) {
        return switch (Position.of(s)) {
            case Position.NotBegun n -> State.of(false, "there is no target");
            case Position.Created c -> {
                var done = s.journal()
                        .last(e -> e.detail() instanceof Detail.Filled f
                                && f.target().equals(c.targetUuid()));
                yield done.isPresent()
                        ? State.of(true, "rounds were short at " + done.get().at())
                        : new State(Phase.UNDER_WAY, "rounds go on");
            }
            default -> State.of(true, s.rewrite().source() + " has the new keys");
        };
    }

    @Override
    public void run(Session s) {
        if (!(Position.of(s) instanceof Position.Created created)) return;
        // as in Verify: behind a swap that was taken back, what was stranded in the target comes back first
        if (SwapBack.untrailed(s)) MergeHoldRelease.trail(s, created.target());
        s.progress().begin(name(), s.source().rows(), carried(s, created.targetUuid()));
        var direction = Direction.of(s, Way.FORWARD, created.target());
        MergeHoldRelease.guard(s);
        // where something was carried they are on, or else were switched off by somebody: the first round says so
        if (unmarked(s, direction)) Arrivals.of(s, direction.from()).enable();
        Staging.clean(s, direction);
        MergeHoldRelease.release(s);
        var rounds = new Rounds(s, direction).asking(d -> SameRows.test(s, d));
        var done = untilSmall(s, rounds, direction);
        s.journal()
                .append(
                        name(),
                        new Detail.Filled(
                                direction.to().uuid(),
                                done.size(),
                                done.stream().mapToLong(Rounds.Round::rows).sum()));
    }

    /// Where merges are held for it, parts may become too many: then it begins anew when they have caught up.
    static List<Rounds.Round> untilSmall(Session s, Rounds rounds, Direction direction) {
        return untilSmall(s, rounds, direction, true);
    }

    /// @param waiting whether rounds go on while the swap is postponed
    static List<Rounds.Round> untilSmall(Session s, Rounds rounds, Direction direction, boolean waiting) {
        for (int tries = 1; ; tries++)
            try {
                return rounds.untilSmall(nextRound(s), waiting);
            } catch (UnmergedParts.Full e) {
                new UnmergedParts(s).awaitRoom(direction, e, tries);
            }
    }

    /// By an earlier run.
    private static long carried(Session s, String target) {
        return Entry.all(s.journal().entries(), Detail.Attached.class)
                .filter(a -> a.to().equals(target))
                .mapToLong(a -> a.chunk().rows())
                .sum();
    }

    /// Whether nothing has been carried.
    public static boolean unmarked(Session s, Direction direction) {
        return Marks.read(
                        s.journal().entries(),
                        direction.from().uuid(),
                        direction.to().uuid())
                .carried()
                .isEmpty();
    }

    /// Rounds are counted through over restarts, and from 1 again where a new target is filled: its first round is
    /// all there is, and counted beside it progress went up to twice the rows.
    public static int nextRound(Session s) {
        int last = 0;
        for (var e : s.journal().entries()) {
            if (e.detail() instanceof Detail.Round r) last = Math.max(last, r.round());
            if (e.event() == Entry.Event.ROLLED_BACK
                    || e.is("create", Entry.Event.UNDONE)
                    || e.is("backfill", Entry.Event.UNDONE)) last = 0;
        }
        return last + 1;
    }

    @Override
    public void undo(Session s) {
        if (!(Position.of(s) instanceof Position.Created created)) return;
        if (SwapBack.untrailed(s)) new SwapBack().run(s);
        Trailing.rescue(s, created);
        DetachedRows.refuse(s, created.target());
        // a new table has a new UUID, so no mark of the old one counts for it
        s.everywhere("undo-backfill", Ddl.dropping(created.target()));
        Staging.dropAll(s);
        s.journal().append(name(), new Detail.Bare(Entry.Event.UNDONE));
        new Create().run(s);
    }
}
