package rekey.preview;

import java.util.ArrayList;
import java.util.List;
import rekey.clickhouse.Ddl;
import rekey.copy.Direction;
import rekey.copy.MergeHold;
import rekey.copy.Way;
import rekey.model.Table;
import rekey.session.Session;
import rekey.step.Backfill;
import rekey.step.Position;
import rekey.step.Swap;
import rekey.step.SwapBack;

/// The way back from a swap, told: what [SwapBack] does.
final class SwapBackPreview {
    private SwapBackPreview() {}

    /// From a position, the present one or the one after the swap.
    static List<String> statements(Session s, Position at) {
        boolean now = at.equals(Position.of(s));
        return switch (at) {
            case Position.Exchanged e -> {
                var out = new ArrayList<>(
                        List.of(Ddl.renaming(e.displaced(), s.rewrite().backup())));
                out.addAll(
                        rounds(s, s.source(), Foreseen.old(s).named(s.rewrite().backup()), true));
                yield out;
            }
            case Position.Swapped b when now -> rounds(s, s.source(), Foreseen.old(s), true);
            case Position.Swapped b -> {
                var swapped = Foreseen.named(
                        BackfillPreview.forward(s),
                        Way.BEHIND_SWAP,
                        b.backup(),
                        s.rewrite().source());
                yield rounds(s, swapped.to(), swapped.from(), false);
            }
            case Position.Created c
            when now && SwapBack.untrailed(s) -> {
                var out = new ArrayList<>(HoldsPreview.ending(s));
                out.addAll(TrailingPreview.statements(
                        s,
                        new Direction(
                                s.catalog().table(c.target()).named(s.rewrite().target()),
                                s.source(),
                                Way.BEHIND_SWAP_BACK),
                        true));
                // it has its own name again by then
                if (MergeHold.held(s.catalog().table(c.target())))
                    out.addAll(HoldsPreview.releasing(
                            s, s.catalog().table(c.target()), s.rewrite().target()));
                yield out;
            }
            default -> List.of();
        };
    }

    private static List<String> rounds(Session s, Table live, Table backup, boolean now) {
        var source = s.rewrite().source();
        var target = s.rewrite().target();
        var direction = new Direction(live, backup, Way.BACK);
        var out = new ArrayList<>(now ? HoldsPreview.ending(s) : List.of());
        if (now) out.addAll(TrailingPreview.statements(s, direction.reversed(), true));
        out.add("-- what came since the swap goes back into " + backup.name());
        var first = new RoundsPreview(s, direction, now && MergeHold.held(backup));
        if (now) out.addAll(first.now(Backfill.nextRound(s), false));
        out.addAll(first.further(BackfillPreview.ROUNDS, false));
        if (direction.collapses())
            out.addAll(VerifyPreview.again(
                    s,
                    direction,
                    "what was carried differs at first: it is compared once more with merges held, after a round"));
        out.addAll(new RoundsPreview(s, direction, false).further(BackfillPreview.ROUNDS, false));
        out.addAll(HoldsPreview.holding(direction));
        var last = new RoundsPreview(s, direction, true);
        out.addAll(last.further(PausePreview.SHORT, false));
        out.addAll(HoldsPreview.closing(s));
        out.addAll(last.further(RemainingPreview.LAST, true));
        out.add("-- the tables are exchanged back");
        out.addAll(
                Swap.exchanging(backup.name(), Position.swapName(s.rewrite(), RoundsPreview.RUNNER), source, target));
        out.add("-- ingestion goes on, and merges");
        out.addAll(HoldsPreview.opening(s));
        out.addAll(HoldsPreview.releasing(s, backup, source));
        out.addAll(TrailingPreview.statements(
                s, new Direction(live.named(target), backup.named(source), Way.BEHIND_SWAP_BACK), false));
        out.addAll(HoldsPreview.releasing(s, live, target));
        return out;
    }
}
