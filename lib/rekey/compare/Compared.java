package rekey.compare;

import java.util.List;
import java.util.stream.Collectors;
import rekey.copy.Checksum;

/// What the comparison of one partition said; of one bucket of the old key, where partitions are not those of the same rows.
///
/// @param since when it was compared, where its parts are still those of that time; empty where it was compared now
/// @param keys  a handful of those that differ
public record Compared(String partition, Verdict verdict, Checksum from, Checksum to, String since, List<Key> keys) {

    public enum Verdict { SAME, UNCHANGED, DIFFERS }

    public boolean differs() {
        return verdict == Verdict.DIFFERS;
    }

    /// For the sentence that says what differs.
    @Override public String toString() {
        return "partition " + partition + ": " + from + " against " + to + (keys.isEmpty() ? "" : "; " + keys.stream().map(Key::toString).collect(Collectors.joining(", ")));
    }
}
