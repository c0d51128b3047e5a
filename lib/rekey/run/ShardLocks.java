package rekey.run;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Sql;
import rekey.session.Session;

/// The locks of all shards, always taken in the same order. Each is on the two hosts of the shard whose replicas
/// come first in Keeper, so that of two runners the second is refused at the first shard, whichever hosts they were
/// given and whichever are to copy, also where one of them does without the first host, for it does not answer; and
/// on the host that copies, where onlookers and the guard look for it.
final class ShardLocks implements AutoCloseable {
    private final List<RunLock> locks = new ArrayList<>();
    /// Without those that are there to be met alone: a host away keeps nothing from being brought to its end.
    private final List<RunLock> asked = new ArrayList<>();

    private ShardLocks() {}

    /// @throws RunLock.Taken when another has one of them; then none is kept
    static ShardLocks acquire(Session session, boolean rollsBack, boolean takeOver) {
        var out = new ShardLocks();
        try {
            for (var s : session.shards()) {
                var ordered = ordered(s);
                var first = ordered.stream().limit(2);
                for (var host :
                        Stream.concat(first, Stream.of(s.server())).distinct().toList()) {
                    boolean asked = host == s.server() || host == ordered.getFirst();
                    out.locks.add(RunLock.acquire(
                            host,
                            s.rewrite().source(),
                            s.journal().runner(),
                            rollsBack,
                            takeOver,
                            !asked,
                            s.control()));
                    if (asked) out.asked.add(out.locks.getLast());
                }
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

    /// The shard's hosts by their replicas' names in Keeper, which stay through an exchange and are the same for
    /// every runner. A host's name is its cluster's: two runners that knew the two hosts of a shard by names in
    /// another order each had a lock of its own.
    private static List<ClickHouse> ordered(Session s) {
        if (s.peers().isEmpty()) return List.of(s.server());
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
        return IntStream.range(0, hosts.size())
                .boxed()
                .sorted(Comparator.comparing(names::get))
                .map(hosts::get)
                .toList();
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
