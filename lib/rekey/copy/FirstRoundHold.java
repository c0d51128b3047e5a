package rekey.copy;

import java.util.HashMap;
import java.util.List;
import rekey.clickhouse.PartsBudget;
import rekey.model.Part;
import rekey.session.Session;

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
    /// A partition that comes as more parts than these is nearer to the limit of INSERTs than a burst of writers may
    /// be.
    private static final long MOST_PARTS = 250;
    /// The same under another partition key, where each block may come as parts of many partitions.
    private static final long MOST_APART = 60;
    /// About so much of a block is left on disk; a block has 1,048,576 rows at most.
    private static final long LEFT = 8, BLOCK_ROWS = 1_000_000;

    private FirstRoundHold() {}

    /// Whether a round is such a one.
    ///
    /// @param parts of the table that is read
    /// @param held  whether ingestion stands still
    public static boolean suits(Session session, Direction direction, List<Part> parts, int number, boolean held) {
        if (number != 1 || held || direction.way() != Way.FORWARD || direction.folds()) return false;
        if (MergeHold.held(direction.from())) return false; // by the pause, which gives both back itself
        if (parts.stream().mapToLong(Part::bytes).sum() > MOST) return false;
        // on a server of little memory blocks are small, and parts many
        long bytes = InsertBlocks.of(session).bytes() / LEFT;
        var blocks = new HashMap<String, Long>();
        // under other partitions all of it may come into one
        for (var p : parts)
            blocks.merge(
                    direction.samePartitions() ? p.partition() : "",
                    1 + p.bytes() / bytes + p.rows() / BLOCK_ROWS,
                    Long::sum);
        long limit = PartsBudget.of(session.server(), direction.to()).limit();
        long most = direction.samePartitions() ? MOST_PARTS : MOST_APART;
        return blocks.values().stream().allMatch(n -> n <= Math.min(most, limit <= 0 ? most : limit / 4));
    }
}
