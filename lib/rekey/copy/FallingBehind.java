package rekey.copy;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import rekey.model.Amounts;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;

/// Whether writers bring more than is carried, for good.
///
/// A round carries what came since the one before it began. Where that takes longer than it took to come, the next
/// one has more to carry, and so has each behind it: none is ever short, and a run would go on for ever. That is
/// told of each round by itself, whatever was done between two of them, a comparison of hours say. One such round
/// says nothing: a load by night, a machine that is busy for a minute.
///
/// @param session   whose journal has the rounds
/// @param direction between which two tables
record FallingBehind(Session session, Direction direction) {
    /// In so many rounds, one behind the other, more came than was carried.
    private static final int ROUNDS = 4;
    /// So many times as long as ingestion may be held they took together: five minutes by default.
    private static final int TIMES = 300;
    /// And in any case so long, for rounds of some milliseconds grow and shrink by chance.
    private static final Duration LEAST = Duration.ofSeconds(5);

    private record Observed(Instant begun, long rows, Duration took) {}

    /// @throws Trouble.Refused where it is so; a run that begins again goes on with what is left
    void mustNotLast() {
        if (slowedDown()) return;
        var rounds = session.journal().entries().stream()
                .filter(e -> e.detail() instanceof Detail.Round r
                        && r.between(direction.from().uuid(), direction.to().uuid()))
                .map(FallingBehind::observed)
                .toList();
        long rows = 0;
        int behind = 0;
        Duration came = Duration.ZERO, carried = Duration.ZERO;
        for (int i = rounds.size() - 1; i > 0; i--, behind++) {
            var round = rounds.get(i);
            var since = between(rounds.get(i - 1), round);
            if (round.took().compareTo(session.limits().maxHeld()) <= 0
                    || round.took().compareTo(since) <= 0) break;
            rows += round.rows();
            came = came.plus(since);
            carried = carried.plus(round.took());
        }
        var least = session.limits().maxHeld().multipliedBy(TIMES);
        if (behind < ROUNDS || carried.compareTo(least) < 0 || carried.compareTo(LEAST) < 0) return;
        throw refusal(
                behind, rate(rows, came), rate(rows, carried), rounds.getLast().took());
    }

    /// Then rounds are long for another reason, or nobody waits for a short one.
    private boolean slowedDown() {
        var control = session.control();
        return control.throttled() != null
                || control.postponed()
                || session.lanes().fewer().isPresent();
    }

    /// No two run at once, whatever a clock that was put back says.
    private static Duration between(Observed one, Observed next) {
        var since = Duration.between(one.begun(), next.begun());
        return since.compareTo(one.took()) < 0 ? one.took() : since;
    }

    private static Observed observed(Entry line) {
        var round = (Detail.Round) line.detail();
        return new Observed(line.at().minus(round.took()), round.rows(), round.took());
    }

    private static String rate(long rows, Duration in) {
        double a = rows * 1000.0 / Math.max(1, in.toMillis());
        return a < 100 ? String.format(Locale.ROOT, "%.2f", a) : Amounts.rows(Math.round(a));
    }

    private Trouble refusal(int rounds, String came, String carried, Duration last) {
        return new Trouble.Refused(
                "More rows come into " + direction.from().name() + " than can be carried: in the last "
                        + rounds + " rounds " + came + " a second came and " + carried
                        + " a second were carried, and the last round took " + Amounts.time(last)
                        + ", so nothing was swapped. Have writers send fewer rows, or larger INSERTs, or pause them"
                        + " for a while, or give more --threads, or less --nice. Then run again: it goes on from"
                        + " here.");
    }
}
