package rekey.run;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Row;
import rekey.clickhouse.Sql;
import rekey.clickhouse.Topology;
import rekey.model.TableName;
import rekey.model.Trouble;

/// Which host of each shard copies where nobody has said it and none has copied yet: the cluster's first one, unless
/// another is clearly less behind or has clearly more room. A host that was preferred for a second's delay or some
/// megabytes would be another one at each look.
public record CopierChoice(TableName table) {
    /// Seconds that a replica is behind.
    private static final long CLEARLY_BEHIND = 10;

    private static final double CLEARLY_MORE_ROOM = 1.5;

    /// What is known of a host.
    ///
    /// @param delay seconds
    /// @param room  bytes that are free on the table's disks
    record Candidate(String host, long delay, double room) {
        private boolean isBetterThan(Candidate other) {
            if (delay + CLEARLY_BEHIND < other.delay) return true;
            return delay <= other.delay + CLEARLY_BEHIND && room > other.room * CLEARLY_MORE_ROOM;
        }
    }

    /// @param connect to a host; one that does not answer does not copy
    public List<String> of(Topology topology, Function<Topology.Host, ClickHouse> connect) {
        return HostsInParallel.each(
                topology.shards(),
                shard -> best(HostsInParallel.each(shard, host -> look(host, connect)).stream()
                        .flatMap(List::stream)
                        .toList()));
    }

    private List<Candidate> look(Topology.Host host, Function<Topology.Host, ClickHouse> connect) {
        try (var server = connect.apply(host)) {
            Row r = server.one("""
                SELECT
                  (SELECT max(absolute_delay) FROM system.replicas WHERE database = %1$s AND table = %2$s) AS delay,
                  (SELECT sum(unreserved_space) FROM system.disks WHERE name IN
                    (SELECT arrayJoin(disks) FROM system.storage_policies WHERE policy_name =
                      (SELECT any(storage_policy) FROM system.tables WHERE database = %1$s AND name = %2$s))) AS room\
                """.formatted(Sql.text(table.database()), Sql.text(table.table())));
            return List.of(new Candidate(host.name(), r.number("delay"), r.real("room")));
        } catch (Trouble.Failed e) {
            return List.of(); // what is wrong with it is said by who needs it
        }
    }

    /// @param candidates in the cluster's order
    /// @return empty where no host answers
    static String best(List<Candidate> candidates) {
        var left = new ArrayList<>(candidates);
        if (left.isEmpty()) return "";
        var best = left.removeFirst();
        for (var c : left) if (c.isBetterThan(best)) best = c;
        return best.host;
    }
}
