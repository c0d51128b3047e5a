package rekey.cli;

import picocli.CommandLine.Option;
import rekey.clickhouse.Topology;
import rekey.run.ScratchTrial;

/// The options of a trial, which is about no table of the user's.
public final class TrialOptions extends PlanOptions {
    @Option(
            names = "--rows",
            defaultValue = "100000",
            description = "rows in the trial's table before (default: 100000)")
    long rows;

    @Option(names = "--yes", description = "don't ask before a database of its own is made")
    boolean yes;

    @Override
    ConsolePrompt asking() {
        return new ConsolePrompt(yes);
    }

    /// Makes it, judges it and drops it.
    public ScratchTrial.Outcome run() {
        try (var asked = connect()) {
            var cluster = connection.cluster == null ? "" : connection.cluster;
            var topology =
                    cluster.isEmpty() ? Topology.alone(asked) : Topology.named(asked, cluster, connection.hostMap);
            try (var trial = ScratchTrial.on(topology, cluster, this::connect)) {
                sure("Make a database " + trial.table().database() + " on "
                        + topology.shards().stream()
                                .mapToInt(java.util.List::size)
                                .sum()
                        + " hosts, migrate a table in it, and drop it again?");
                return trial.run(rows, limits(asked), this::say);
            }
        }
    }
}
