package rekey.cli;

import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Option;
import rekey.clickhouse.ClickHouse;
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
                    + " the one before (default: the last run's; where that is lost, and at first, one with little"
                    + " delay and much room)")
    List<String> copiers = List.of();

    @Override
    List<String> copiers() {
        return copiers;
    }

    @Override
    public Limits limits() {
        int some = threads == null ? Limits.DEFAULT.threads() : threads;
        return new Limits(maxHeld, deadline, some, chunkRows, coarser, holdWriters, nice).met();
    }

    /// With what was said beside the keys: of a plan that was made with `--coarser` the printed command was refused.
    @Override
    public String arguments(String database) {
        var out = new StringBuilder(super.arguments(database));
        var usual = Limits.DEFAULT;
        if (!maxHeld.equals(usual.maxHeld()))
            out.append(" --max-held ").append(maxHeld.toMillis()).append("ms");
        if (!deadline.equals(usual.deadline()))
            out.append(" --deadline ").append(deadline.toMillis()).append("ms");
        if (threads != null) out.append(" --threads ").append(threads);
        if (nice != usual.nice()) out.append(" --nice ").append(nice);
        if (chunkRows != usual.chunkRows()) out.append(" --chunk-rows ").append(chunkRows);
        if (coarser) out.append(" --coarser");
        if (holdWriters) out.append(" --hold-writers");
        if (!copiers.isEmpty()) out.append(" --copier ").append(String.join(",", copiers));
        return out.toString();
    }

    @Override
    public Limits limits(ClickHouse server) {
        return threads == null ? limits().withThreads(Threads.of(server).number()) : limits();
    }
}
