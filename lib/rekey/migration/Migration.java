package rekey.migration;

import static rekey.step.Steps.sequence;
import static rekey.step.Steps.whilePaused;

import java.util.List;
import java.util.Optional;
import rekey.model.Rewrite;
import rekey.step.Backfill;
import rekey.step.Create;
import rekey.step.Optimize;
import rekey.step.Remaining;
import rekey.step.Step;
import rekey.step.Swap;
import rekey.step.Verify;

/// A rewrite with its gates and its ordered steps.
///
/// @param lowestVersion the lowest ClickHouse version it may run on, empty for any that rekey can use
/// @param after         migrations that must have ended before it
public record Migration(Rewrite rewrite, Optional<String> lowestVersion, List<String> after, Step steps) {

    /// A rewrite in the guide's order: the comparison made online, before ingestion is held.
    public static Migration of(Rewrite rewrite) {
        return new Migration(rewrite, Optional.empty(), List.of(), inOrder());
    }

    /// The guide's order of operations.
    public static Step inOrder() {
        return sequence(
                new Create(), new Backfill(), new Verify(), whilePaused(new Remaining(), new Swap()), new Optimize());
    }

    public String name() {
        return rewrite.migration();
    }
}
