package rekey.cli;

import java.time.Duration;
import picocli.CommandLine.Option;
import rekey.session.Limits;

/// The options of commands that look at what a run would need: those of every command, and what it may cost.
public class PlanOptions extends Options {
    @Option(names = "--max-held", paramLabel = "TIME", defaultValue = "1s", description = "ingestion may stand still so long; rounds go on until what is left fits (default: 1s)")
    Duration maxHeld;

    @Option(names = "--deadline", paramLabel = "TIME", defaultValue = "30s", description = "after so long ingestion is reopened whatever happens (default: 30s, at most 50s)")
    Duration deadline;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "2", description = "partitions copied side by side (default: 2)")
    int threads;

    @Option(names = "--chunk-rows", paramLabel = "N", defaultValue = "20000000", description = "rows copied and checked at one go (default: 20000000)")
    long chunkRows;

    @Option(names = "--coarser", description = "accept keys under which rows merge that the old ones kept apart")
    boolean coarser;

    @Override public Limits limits() {
        return new Limits(maxHeld, deadline, threads, chunkRows, coarser);
    }
}
