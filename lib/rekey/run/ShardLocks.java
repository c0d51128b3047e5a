package rekey.run;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Peer;
import rekey.session.Session;

/// The locks of all shards, always taken in the same order. Each is on the host of the shard whose name comes first,
/// so that of two runners the second is refused at the first shard, whichever hosts they were given and whichever
/// are to copy; and on the host that copies, where onlookers and the guard look for it.
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
        return first(s).map(host -> List.of(host, s.server())).orElse(List.of(s.server()));
    }

    /// The host whose name comes first, where it is not the one that copies.
    static Optional<ClickHouse> first(Session s) {
        return s.peers().stream()
                .filter(p -> p.name().compareTo(s.copying().name()) < 0)
                .min(Comparator.comparing(Peer::name))
                .map(Peer::server);
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
