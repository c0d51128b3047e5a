package rekey.check;

import java.time.Instant;
import java.util.Optional;
import rekey.session.Detail;
import rekey.session.Original;
import rekey.session.Session;

/// The attempt that is under way.
///
/// @param original the old table as it was
/// @param at       when its first change was intended, by the server's clock
record AttemptUnderWay(Original original, Instant at) {

    /// Read from the few lines that tell it, for a long migration's journal has many. Empty before the first change.
    static Optional<AttemptUnderWay> of(Session session) {
        var lines = session.journal()
                .entries(e -> e.step().equals("create") || e.event() == rekey.session.Entry.Event.ROLLED_BACK);
        return Original.find(lines)
                .map(original -> new AttemptUnderWay(
                        original,
                        lines.stream()
                                .filter(e -> e.detail() instanceof Detail.Creating c
                                        && c.uuid().equals(original.uuid()))
                                .reduce((a, b) -> b)
                                .orElseThrow()
                                .at()));
    }

    /// Whether the old table is still the live one.
    boolean beforeSwap(Session session) {
        return session.catalog().uuid(session.rewrite().source()).orElse("").equals(original.uuid());
    }
}
