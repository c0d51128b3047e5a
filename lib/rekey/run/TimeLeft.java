package rekey.run;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Entry.Event;
import rekey.session.Progress;

/// The time left of a running copy, or why it can't be told. Anyone can tell it from the journal.
///
/// @param seconds null where none is told
/// @param why     null where one is told
record TimeLeft(Long seconds, String why) {
    static final TimeLeft NONE = new TimeLeft(null, null);

    private static TimeLeft not(String why) {
        return new TimeLeft(null, why);
    }

    /// At the rate since the running backfill began, or was last throttled; none while it is throttled, in its first
    /// few percent, and in the rounds after the first.
    ///
    /// @param target of the copy, by its UUID
    /// @param now    by the server's clock
    static TimeLeft of(List<Entry> journal, String target, long done, long total, Instant now) {
        var begun = last(journal, e -> e.event() == Event.BEGUN && e.step().equals("backfill"));
        if (begun.isEmpty() || total == 0) return NONE;
        Predicate<Entry> here = e -> e.at().isAfter(begun.get().at());
        var order = last(
                        journal,
                        e -> e.detail() instanceof Detail.Order o && o.order().endsWith("throttle"))
                .filter(here);
        if (order.filter(e -> ((Detail.Order) e.detail()).order().equals("throttle"))
                .isPresent()) return not(Orders.THROTTLED);
        var slowed = last(journal, e -> e.detail() instanceof Detail.Sample)
                .filter(here)
                .flatMap(e -> ((Detail.Sample) e.detail()).throttled())
                .filter(why -> order.isEmpty() || !why.endsWith("by the operator")); // a sample of before it went on
        if (slowed.isPresent()) return not(slowed.get());
        if (inRounds(journal)) return not("nobody knows how many rounds come");
        if (done * 100 / total < Progress.Snapshot.TOLD_FROM)
            return not("told from " + Progress.Snapshot.TOLD_FROM + " % on");
        var since = order.orElse(begun.get()).at();
        long before = journal.stream()
                .filter(e -> e.at().isBefore(since))
                .map(e -> e.detail() instanceof Detail.Attached a && a.to().equals(target) ? a : null)
                .filter(a -> a != null)
                .mapToLong(a -> a.chunk().rows())
                .sum();
        long ms = now.toEpochMilli() - since.toEpochMilli();
        return done <= before || ms <= 0
                ? not("nothing came over yet")
                : new TimeLeft(Math.round((total - done) * (ms / 1000.0) / (done - before)), null);
    }

    /// Whether what was there is copied, and the last backfill is at what came since.
    static boolean inRounds(List<Entry> journal) {
        var begun = last(journal, e -> e.event() == Event.BEGUN && e.step().equals("backfill"));
        return last(journal, e -> e.event() == Event.ROUND)
                .filter(round ->
                        begun.isPresent() && round.at().isAfter(begun.get().at()))
                .isPresent();
    }

    /// Of a comparison of the whole, at the rate since it began: its lines say which partitions it has come through.
    /// Behind it nobody knows: keys of a partition that differs are looked for.
    ///
    /// @param rows to be compared
    static TimeLeft ofComparison(List<Entry> journal, String target, long rows, Instant now) {
        var begun = last(journal, e -> e.event() == Event.BEGUN && e.step().equals("verify"));
        if (begun.isEmpty() || rows == 0) return NONE;
        if (last(
                        journal,
                        e -> e.detail() instanceof Detail.Verified v
                                && v.comparison().to().equals(target))
                .isPresent()) return not("partitions that have not changed are passed over");
        long done = journal.stream()
                .filter(e -> e.at().isAfter(begun.get().at()))
                .mapToLong(e -> e.detail() instanceof Detail.Compared c && c.to().equals(target) ? c.rows() : 0)
                .sum();
        if (done * 100 / rows < Progress.Snapshot.TOLD_FROM)
            return not("told from " + Progress.Snapshot.TOLD_FROM + " % on");
        long ms = now.toEpochMilli() - begun.get().at().toEpochMilli();
        return new TimeLeft(Math.round(Math.max(0, rows - done) * (ms / 1000.0) / done), null);
    }

    private static Optional<Entry> last(List<Entry> journal, Predicate<Entry> which) {
        return journal.stream().filter(which).reduce((a, b) -> b);
    }
}
