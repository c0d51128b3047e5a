package rekey.lab;

import rekey.model.Trouble;

/// How many hosts a lab's cluster has: so many shards, each with so many replicas. One and one is the smallest
/// cluster, a host whose tables can be replicated.
///
/// A host takes 330 to 350 MB, the ZooKeeper of all 110 to 145 MB.
public record ClusterShape(int shards, int replicas) {
    /// As many as there are loopback addresses that ClickHouse takes for a host's own.
    public static final int MOST = 7;

    public ClusterShape {
        if (shards < 1 || replicas < 1)
            throw new Trouble.Usage("A cluster of " + shards + " shards with " + replicas
                    + " replicas has no host: give at least --shards 1 and --replicas 1.");
        if (shards * replicas > MOST)
            throw new Trouble.Usage("A cluster of " + shards + " shards with " + replicas + " replicas has "
                    + shards * replicas + " hosts, and a lab has at most " + MOST + ": give fewer.");
    }

    /// What `--shards`, `--replicas` and `--replicated` ask for; null: a server alone, as always.
    public static ClusterShape of(int shards, int replicas, boolean replicated) {
        return shards == 1 && replicas == 1 && !replicated ? null : new ClusterShape(shards, replicas);
    }

    public int hosts() {
        return shards * replicas;
    }

    /// A shard's number, from 1, of a host's, from 0.
    int shard(int host) {
        return host / replicas + 1;
    }

    /// A replica's number in its shard, from 1, of a host's, from 0.
    int replica(int host) {
        return host % replicas + 1;
    }
}
