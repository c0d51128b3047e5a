package rekey.session;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import rekey.model.Blocks;

/// Some components of a line that belong together; their keys stand in the line like all others.
public sealed interface LinePart {
    /// What was copied into a staging table and compared with where it was read.
    ///
    /// @param slices    the blocks of the table that was read
    /// @param witness   the highest block of the table to be filled, before the attach
    /// @param mutations of a replicated table, where a mutation has no number among the blocks
    /// @param whole     before rows were taken out that are behind newer ones of their keys
    /// @param left      blocks that came of rows which stayed out; `deletes` is the last DELETE that was looked at
    record Staged(
            String from,
            String to,
            String staging,
            Map<String, Blocks> slices,
            HighestBlock witness,
            long rows,
            String sum,
            String xor,
            int round,
            Optional<Long> mutations,
            Optional<Encoded.Sums> whole,
            Optional<Map<String, Blocks>> left,
            Optional<Long> behind,
            Optional<Long> deletes)
            implements LinePart, Between {}

    /// What a comparison of all partitions found.
    ///
    /// @param since  before anything was read
    /// @param chunks that had been attached by then
    /// @param there  the blocks of the table that was filled
    /// @param sample of which rows, where it was not of all
    /// @param by     by what how many partitions are known
    /// @param leftOut numbers of the mutations of the table that was read whose rows were left out on both sides,
    ///                for they were not made on the other one yet
    record Comparison(
            @Key("sinceUs") Instant since,
            String from,
            String to,
            int chunks,
            long rows,
            int partitions,
            int unchanged,
            Optional<Map<String, Blocks>> there,
            Optional<String> sample,
            Optional<String> by,
            Optional<Encoded.Words> leftOut)
            implements LinePart, Between {}
}
