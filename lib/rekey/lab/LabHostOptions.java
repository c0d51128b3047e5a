package rekey.lab;

import picocli.CommandLine.Option;

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

    /// The cluster that is asked for; null: a server alone, as always.
    public ClusterShape shape() {
        return ClusterShape.of(shards, replicas, replicated);
    }

    /// Options for a lab with these hosts.
    public LabOptions of(LabOptions lab) {
        return lab.withShape(shape()).withBinary(ClickHouseBinary.chosen(onPath));
    }
}
