package rekey.session;

import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/// Tells from the journal up to which mutation of a table every change is taken account of in the
/// other table.
public final class ReplayedMutations {
    private ReplayedMutations() {}

    /// @param from the UUID of the table that is read
    /// @param to   the UUID of the table that is filled
    /// @return the number of the latest one; 0 when rows have been carried between the two and none is known; empty
    /// before that
    public static OptionalLong upTo(List<Entry> journal, String from, String to) {
        var numbers = journal.stream().flatMapToLong(e -> switch (e.detail()) {
            case Detail.Replayed r when r.between(from, to) -> LongStream.of(r.number());
            case Detail.Replayed r when r.between(to, from) -> LongStream.of(r.own());
            case Detail.Attached a when a.between(from, to) || a.between(to, from) -> LongStream.of(0);
            default -> LongStream.empty();
        });
        return numbers.max();
    }
}
