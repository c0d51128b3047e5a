package rekey.run;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Sql;
import rekey.session.Session;

/// What one host of a cluster has of the live table.
///
/// @param shard   from 1
/// @param copies  whether it is the one of its shard that copies
/// @param rows    null where it has no such table
/// @param delay   seconds that its replica is behind; null where the table is not replicated
/// @param queue   entries that wait in its replication queue; likewise
/// @param answers where it does not, nothing else is known
public record HostStatus(String host, int shard, boolean copies, Long rows, Long delay, Long queue, boolean answers) {

    /// Of all hosts of all shards; none where there is one host only.
    ///
    /// @param there the same without those that do not answer
    static List<HostStatus> of(Session session, Session there) {
        if (session.everyPeer().size() == 1) return List.of();
        return HostsInParallel.each(
                        IntStream.range(0, there.shards().size()).boxed().toList(),
                        n -> of(session.shards().get(n), there.shards().get(n), n + 1))
                .stream()
                .flatMap(List::stream)
                .toList();
    }

    private static List<HostStatus> of(Session shard, Session there, int n) {
        var out = new ArrayList<>(HostsInParallel.each(there.hosts(), host -> of(there, host, n)));
        shard.peers().stream()
                .filter(peer -> !there.peers().contains(peer))
                .forEach(peer -> out.add(new HostStatus(peer.endpoint().host(), n, false, null, null, null, false)));
        return out;
    }

    private static HostStatus of(Session s, ClickHouse host, int shard) {
        var is = "database = " + Sql.text(s.rewrite().source().database()) + " AND ";
        var table = Sql.text(s.rewrite().source().table());
        var rows = host.query(
                "SELECT toUInt64(ifNull(total_rows, 0)) AS n FROM system.tables WHERE " + is + "name = " + table);
        var replica = host.query(
                "SELECT absolute_delay AS d, queue_size AS q FROM system.replicas WHERE " + is + "table = " + table);
        return new HostStatus(
                host.endpoint().host(),
                shard,
                host == s.server(),
                rows.isEmpty() ? null : rows.getFirst().number("n"),
                replica.isEmpty() ? null : replica.getFirst().number("d"),
                replica.isEmpty() ? null : replica.getFirst().number("q"),
                true);
    }
}
