package rekey.copy;

import java.util.HashMap;
import java.util.List;
import rekey.model.Part;

/// Merges of the target, held from the first attach of the first round to its last.
///
/// As long as each attach held them for itself, the server merged what was there between two of them, and merged
/// that again with what came next: of 16 million rows that took 13 s of CPU beside a copy of 27 s. And what had been
/// merged had to be read again by the comparison, for its parts were no longer those that were checked.
///
/// A large table is none of these: its parts would be too many, and merges go on beside hours of copying anyway. It
/// is the target alone, which nobody reads yet. What a dead runner leaves so is given back by the next start.
public final class FirstRoundHold {
    /// Of more than this on disk the merges that are put off would take longer than a few minutes.
    private static final long MOST = 16L << 30;
    /// A partition that is larger comes as more parts than the server likes.
    private static final long MOST_OF_PARTITION = 2L << 30;

    private FirstRoundHold() {}

    /// Whether a round is such a one.
    ///
    /// @param parts of the table that is read
    /// @param held  whether ingestion stands still
    public static boolean suits(Direction direction, List<Part> parts, int number, boolean held) {
        if (number != 1 || held || direction.way() != Way.FORWARD || direction.folds()) return false;
        var bytes = new HashMap<String, Long>();
        // under other partitions all of it may come into one
        for (var p : parts) bytes.merge(direction.samePartitions() ? p.partition() : "", p.bytes(), Long::sum);
        return bytes.values().stream().allMatch(n -> n <= MOST_OF_PARTITION)
                && bytes.values().stream().mapToLong(n -> n).sum() <= MOST;
    }
}
