package rekey.lab;

import picocli.CommandLine.Option;
import rekey.model.Trouble;

/// The options of a script's lab that say how many servers it has, and which program they are.
public final class LabHostOptions {
    @Option(names = "--shards", defaultValue = "1", description = "shards of a cluster (default ${DEFAULT-VALUE})")
    int shards;

    @Option(
            names = "--replicas",
            defaultValue = "1",
            description =
                    "replicas of each shard (default ${DEFAULT-VALUE}); with more than one, or more than one shard,"
                            + " there is a ZooKeeper, and tables are replicated")
    int replicas;

    @Option(names = "--replicated", description = "also on a single host: the smallest cluster")
    boolean replicated;

    @Option(
            names = "--clickhouse",
            description = "run the clickhouse of the PATH, with its own Keeper, instead of the library;"
                    + " REKEY_CLICKHOUSE names another")
    boolean onPath;

    @Option(
            names = "--clickhouse-version",
            paramLabel = "VERSION",
            description = "run the library of this version, as npm has it, such as 26.7.0-stable.1 (default: "
                    + ClickHouseLibrary.VERSION + "; REKEY_CLICKHOUSE_VERSION names another)")
    String version;

    /// The cluster that is asked for; null: a server alone, as always.
    public ClusterShape shape() {
        return ClusterShape.of(shards, replicas, replicated);
    }

    /// Options for a lab with these hosts.
    public LabOptions of(LabOptions lab) {
        if (version != null && onPath)
            throw new Trouble.Usage(
                    "--clickhouse runs the clickhouse of the PATH, whatever its version: leave it out, or"
                            + " --clickhouse-version.");
        var shaped = lab.withShape(shape()).withBinary(version == null ? ClickHouseBinary.chosen(onPath) : null);
        return version == null ? shaped : shaped.withVersion(version);
    }
}
