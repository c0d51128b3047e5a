package rekey.run;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Peer;
import rekey.session.Session;

/// The locks of all shards, always taken in the same order. Each is on the two hosts of the shard whose names come
/// first, so that of two runners the second is refused at the first shard, whichever hosts they were given and
/// whichever are to copy, also where one of them does without the first host, for it does not answer; and on the
/// host that copies, where onlookers and the guard look for it.
final class ShardLocks implements AutoCloseable {
    private final List<RunLock> locks = new ArrayList<>();
    /// Without those that are there to be met alone: a host away keeps nothing from being brought to its end.
    private final List<RunLock> asked = new ArrayList<>();

    private ShardLocks() {}

    /// @throws RunLock.Taken when another has one of them; then none is kept
    static ShardLocks acquire(Session session, boolean rollsBack, boolean takeOver) {
        var out = new ShardLocks();
        try {
            for (var s : session.shards())
                for (var host : hosts(s)) {
                    out.locks.add(RunLock.acquire(
                            host, s.rewrite().source(), s.journal().runner(), rollsBack, takeOver, s.control()));
                    if (host == s.server() || first(s).equals(Optional.of(host))) out.asked.add(out.locks.getLast());
                }
        } catch (RuntimeException e) {
            out.close();
            throw e;
        }
        // asked before each statement while ingestion is held
        session.control().fence(() -> HostsInParallel.all(out.asked, RunLock::fence));
        session.control().successor(out::successor);
        return out;
    }

    private static List<ClickHouse> hosts(Session s) {
        if (!s.copying().ofSeveral()) return List.of(s.server());
        var own = new Peer(s.copying().name(), s.server());
        var first = Stream.concat(Stream.of(own), s.peers().stream())
                .sorted(Comparator.comparing(Peer::name))
                .limit(2)
                .map(Peer::server);
        return Stream.concat(first, Stream.of(s.server())).distinct().toList();
    }

    /// The host whose name comes first, where it is not the one that copies.
    static Optional<ClickHouse> first(Session s) {
        return s.peers().stream()
                .filter(p -> p.name().compareTo(s.copying().name()) < 0)
                .min(Comparator.comparing(Peer::name))
                .map(Peer::server);
    }

    private Optional<String> successor() {
        return asked.stream().flatMap(l -> l.successor().stream()).findFirst();
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
