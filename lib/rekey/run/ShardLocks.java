package rekey.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Sql;
import rekey.session.Session;

/// The locks of all shards, always taken in the same order. Each is on the host of the shard whose replica comes
/// first in Keeper, so that of two runners the second is refused at the first shard, whichever hosts they were given
/// and whichever are to copy; and on the host that copies, where onlookers and the guard look for it.
final class ShardLocks implements AutoCloseable {
    private final List<RunLock> locks = new ArrayList<>();

    private ShardLocks() {}

    /// @throws RunLock.Taken when another has one of them; then none is kept
    static ShardLocks acquire(Session session, boolean rollsBack, boolean takeOver) {
        var out = new ShardLocks();
        try {
            for (var s : session.shards())
                for (var host : hosts(s))
                    out.locks.add(RunLock.acquire(
                            host, s.rewrite().source(), s.journal().runner(), rollsBack, takeOver, s.control()));
        } catch (RuntimeException e) {
            out.close();
            throw e;
        }
        // asked before each statement while ingestion is held
        session.control().fence(() -> HostsInParallel.all(out.locks, RunLock::fence));
        session.control().successor(out::successor);
        return out;
    }

    private static List<ClickHouse> hosts(Session s) {
        var first = first(s);
        return first == s.server() ? List.of(first) : List.of(first, s.server());
    }

    /// By the replicas' names in Keeper, which stay through an exchange and are the same for every runner. A host's
    /// name is its cluster's: two runners that knew the two hosts of a shard by names in another order each had a
    /// lock of its own.
    private static ClickHouse first(Session s) {
        if (s.peers().isEmpty()) return s.server();
        var table = s.rewrite().source();
        var hosts = s.hosts();
        var names = HostsInParallel.each(
                hosts,
                host -> host
                        .query("SELECT replica_name AS name FROM system.replicas WHERE database = "
                                + Sql.text(table.database()) + " AND table = " + Sql.text(table.table()))
                        .stream()
                        .map(r -> r.string("name"))
                        .findFirst()
                        .orElse(""));
        return hosts.get(names.indexOf(names.stream().sorted().findFirst().orElseThrow()));
    }

    private Optional<String> successor() {
        return locks.stream().flatMap(l -> l.successor().stream()).findFirst();
    }

    @Override
    public void close() {
        RuntimeException failed = null;
        for (var lock : locks.reversed())
            try {
                lock.close();
            } catch (RuntimeException e) {
                failed = e;
            }
        if (failed != null) throw failed;
    }
}
