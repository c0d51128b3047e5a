package rekey.cli;

import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Option;
import rekey.clickhouse.ClickHouse;
import rekey.model.Trouble;
import rekey.run.Threads;
import rekey.session.Limits;

/// The options of commands that look at what a run would need: those of every command, and what it may cost.
public class PlanOptions extends Options {
    @Option(
            names = "--max-held",
            paramLabel = "TIME",
            defaultValue = "1s",
            description = "ingestion may stand still so long; rounds go on until what is left fits (default: 1s)")
    Duration maxHeld;

    @Option(
            names = "--deadline",
            paramLabel = "TIME",
            defaultValue = "30s",
            description = "after so long ingestion is reopened whatever happens (default: 30s, at most 50s)")
    Duration deadline;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description =
                    "chunks copied side by side (default: by the server's cores, load and memory; plan says" + " why)")
    Integer threads;

    @Option(
            names = "--nice",
            paramLabel = "SHARE",
            defaultValue = "0",
            description = "leave this share of the time to others, in copying, comparing and merging: 0.5 rests as long"
                    + " as it works (default: 0)")
    double nice;

    @Option(
            names = "--chunk-rows",
            paramLabel = "N",
            defaultValue = "20000000",
            description = "rows copied and checked at one go (default: 20000000)")
    long chunkRows;

    @Option(names = "--coarser", description = "accept keys under which rows merge that the old ones kept apart")
    boolean coarser;

    @Option(
            names = "--hold-writers",
            description = "swap only while nobody writes, and else put it off; without it other writers than Kafka are"
                    + " not waited for, and what they write in that moment is visible a moment later")
    boolean holdWriters;

    @Option(
            names = "--copier",
            split = ",",
            paramLabel = "HOST",
            description = "the host of a shard that copies, by its name in system.clusters; another one takes over from"
                    + " the one before (default: the last run's, else the first with little delay and room)")
    List<String> copiers = List.of();

    @Override
    List<String> copiers() {
        return copiers;
    }

    /// Less leaves no time for the exchange before ingestion is reopened: it was put off until the tries ran out.
    private static final Duration LEAST_DEADLINE = Duration.ofSeconds(3);

    /// No round is shorter.
    private static final Duration LEAST_HELD = Duration.ofMillis(50);

    private void mustBeMet() {
        if (deadline.compareTo(LEAST_DEADLINE) < 0)
            throw new Trouble.Usage("A deadline of " + deadline.toMillis() + " ms leaves no time for the exchange: give"
                    + " --deadline at least 3s, as 30s.");
        if (maxHeld.compareTo(LEAST_HELD) < 0)
            throw new Trouble.Usage("--max-held " + maxHeld.toMillis() + " ms is shorter than any round: give at least"
                    + " 50ms, as 1s.");
        if (maxHeld.compareTo(deadline) > 0)
            throw new Trouble.Usage("--max-held " + maxHeld.toSeconds() + " s is longer than --deadline "
                    + deadline.toSeconds() + " s, at which ingestion is reopened whatever happens: give a shorter"
                    + " --max-held, or a longer --deadline.");
        if (chunkRows < 1) throw new Trouble.Usage("--chunk-rows " + chunkRows + " is too few: give at least 1.");
    }

    @Override
    public Limits limits() {
        mustBeMet();
        int some = threads == null ? Limits.DEFAULT.threads() : threads;
        return new Limits(maxHeld, deadline, some, chunkRows, coarser, holdWriters, nice);
    }

    @Override
    public Limits limits(ClickHouse server) {
        return threads == null ? limits().withThreads(Threads.of(server).number()) : limits();
    }
}
