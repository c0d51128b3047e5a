package rekey.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rekey.clickhouse.HostsInParallel;
import rekey.session.Session;

/// The locks of all shards, each taken on the host that copies there, always in the same order. So of
/// two runners the second is refused at the first shard, whichever hosts they were given.
final class ShardLocks implements AutoCloseable {
    private final List<RunLock> locks = new ArrayList<>();

    private ShardLocks() {}

    /// @throws RunLock.Taken when another has one of them; then none is kept
    static ShardLocks acquire(Session session, boolean rollsBack, boolean takeOver) {
        var out = new ShardLocks();
        try {
            for (var s : session.shards())
                out.locks.add(RunLock.acquire(
                        s.server(), s.rewrite().source(), s.journal().runner(), rollsBack, takeOver, s.control()));
        } catch (RuntimeException e) {
            out.close();
            throw e;
        }
        // asked before each statement while ingestion is held
        session.control().fence(() -> HostsInParallel.all(out.locks, RunLock::fence));
        session.control().successor(out::successor);
        return out;
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
