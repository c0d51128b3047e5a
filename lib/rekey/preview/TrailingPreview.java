package rekey.preview;

import java.util.ArrayList;
import java.util.List;
import rekey.check.OtherWriters;
import rekey.copy.AsyncInsertQueue;
import rekey.copy.Direction;
import rekey.copy.MergeHold;
import rekey.session.Entry;
import rekey.session.Session;
import rekey.step.Backfill;
import rekey.step.Position;
import rekey.step.Trailing;

/// The rounds behind an EXCHANGE, told: what [Trailing] does.
final class TrailingPreview {
    private TrailingPreview() {}

    /// @param now whether the exchange has been made
    static List<String> statements(Session s, Direction direction, boolean now) {
        if (now && Position.trailed(s.journal().entries())) return straying(s, direction);
        var live = direction.to();
        // where merges fold rows they have been held for the whole copy
        var merging = live.folds() && (!now || MergeHold.held(live))
                ? MergeHold.releasing(Foreseen.original(s), live.name())
                : List.<String>of();
        var out = new ArrayList<>(live.foldsByOrder() ? List.of() : merging);
        out.addAll(List.of(
                "-- INSERTs, batches and flushes that ran through the exchange are waited for",
                AsyncInsertQueue.FLUSH));
        out.addAll(OtherWriters.buffers(s).stream().map(Trailing::flush).toList());
        var rounds = new RoundsPreview(s, direction, false);
        if (now) out.addAll(rounds.now(Backfill.nextRound(s), true));
        out.addAll(rounds.further(
                "what these left in the displaced table, round after round until none of them runs", true));
        out.add(AsyncInsertQueue.FLUSH);
        if (live.foldsByOrder()) out.addAll(merging);
        return out;
    }

    private static List<String> straying(Session s, Direction direction) {
        return new RoundsPreview(s, direction, false)
                .further("somebody wrote to " + direction.from().name() + " by its name", true);
    }

    /// What comes before a table is dropped that had been live.
    static List<String> rescuing(Session s) {
        // its target may have been live
        if (s.journal().entries(e -> e.is("swap", Entry.Event.INTENT)).isEmpty()) return List.of();
        return straying(s, BackfillPreview.forward(s).reversed());
    }
}
