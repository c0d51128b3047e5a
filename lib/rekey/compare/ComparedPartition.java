package rekey.compare;

import java.util.List;
import java.util.stream.Collectors;
import rekey.copy.Checksum;

/// What the comparison of one partition said. Where partitions of the two tables do not hold the same
/// rows, it is the comparison of one bucket of the old key.
///
/// @param by    what proves it; see the room's page
/// @param since when it was compared, where its parts are still those of that time; empty where it was compared now
/// @param keys  a handful of those that differ
public record ComparedPartition(
        String partition,
        Verdict verdict,
        Proof by,
        Checksum from,
        Checksum to,
        String since,
        List<DifferingKey> keys) {

    public enum Verdict {
        SAME,
        UNCHANGED,
        DIFFERS
    }

    /// By which rung of the ladder it is known, the cheapest first.
    public enum Proof {
        /// All parts of both sides are those of chunks that were checked: nothing was read.
        PARTS,
        /// The chunks' own checksums add up to one reading of what no longer lies in their parts.
        SUMS,
        /// All rows that were carried, read on both sides.
        ROWS,
        /// The rows that FINAL shows on both sides.
        FINAL,
        /// The row that each old key would keep, key by key, where sums of all rows differ.
        KEYS,
        /// What each key says, where merges have folded its rows: its sums, its merged states, what its signs leave.
        MEANING
    }

    public boolean differs() {
        return verdict == Verdict.DIFFERS;
    }

    /// For the sentence that says what differs.
    @Override
    public String toString() {
        return "partition " + partition + ": " + from + " against " + to
                + (keys.isEmpty()
                        ? ""
                        : "; " + keys.stream().map(DifferingKey::toString).collect(Collectors.joining(", ")));
    }
}
