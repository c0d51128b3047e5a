package rekey.copy;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import rekey.clickhouse.Row;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.HostAway;
import rekey.session.LostCopier;
import rekey.session.Session;

/// The hosts of a shard that a run does without, for they never come back or are away: what Keeper says of them. One
/// that is there after all may attach, may merge without the blocks' numbers, and takes rows under the old table's
/// name.
public record LeftOutHosts(Session session) {
    private static final Duration PATIENCE = Duration.ofMinutes(2), SESSION = Duration.ofSeconds(60);

    /// Asked by who has the lock and all that other hosts know, before another host copies in the place of one that
    /// is away, or goes on without it.
    ///
    /// @param what is to be run
    /// @throws HostAway where it needs all hosts, or where none may
    void mustBeSpared(String what) {
        mustBeFor(what);
        if (session.copying().leftOut().away().isEmpty()) return;
        var source = session.source();
        if (replicas(source.name()).getFirst().number("n") <= known()) return; // this shard has all of its hosts
        LostCopier.obstacle(session.journal().entries(), source.folds()).ifPresent(why -> {
            throw HostAway.irreplaceable(session, why);
        });
    }

    /// @throws HostAway where a run needs all hosts
    void mustBeFor(String what) {
        if (!what.equals("run")
                && !what.equals("backfill")
                && !session.copying().leftOut().away().isEmpty()) throw HostAway.needed(session, what);
    }

    private long known() {
        return session.peers().size() + 1;
    }

    /// Before anything is done without them. Keeper has the session of a host that was killed for half a minute
    /// more. What a host sent to Keeper by a session that has ended is refused there: no attach of its comes any
    /// more.
    ///
    /// One that was frozen, not killed, may go on with the rest of a statement when it is back: the comparison and
    /// the count before the swap tell that.
    ///
    /// @throws HostAway        where a host is active that is merely away
    /// @throws Trouble.Refused where one is that was said to be gone
    void awaitInactive(TableName table) {
        await(table, SESSION);
    }

    /// The same in each round.
    ///
    /// @return the table's row of `system.replicas`
    Row stillInactive(TableName table) {
        var leftOut = session.copying().leftOut();
        return await(table, leftOut.away().isEmpty() && !leftOut.gone().isEmpty() ? SESSION : Duration.ZERO);
    }

    private Row await(TableName table, Duration most) {
        var leftOut = session.copying().leftOut();
        for (var until = Instant.now().plus(most); ; session.control().sleep(1000)) {
            var replicas = replicas(table).getFirst();
            if (leftOut.all().isEmpty()) return replicas;
            if (!activeElsewhere(table)) {
                session.progress().note("");
                return replicas;
            }
            if (Instant.now().isAfter(until)) {
                if (!leftOut.away().isEmpty())
                    throw most.isZero() ? HostAway.returned(session) : HostAway.active(session);
                throw new Trouble.Refused("A host was said to be gone for good (" + words(leftOut.gone())
                        + "), and by Keeper a replica of " + table + " is active on one that this"
                        + " runner does not know. Nothing more was changed. If it is back, name with --host-is-gone"
                        + " those that are still gone, or none. If tables were made or exchanged without it, DROP its"
                        + " replicas there first, and make them anew at the end.");
            }
            session.progress()
                    .note("waiting: by Keeper a host that is "
                            + (leftOut.away().isEmpty() ? "gone" : "away")
                            + " ("
                            + words(leftOut.all())
                            + ") is still there");
        }
    }

    /// Right after Keeper was away a replica does not know how many there are: it is waited for. Two commands in a
    /// row were refused for "0 replicas" when ZooKeeper had been back for a second.
    List<Row> replicas(TableName table) {
        var until = Instant.now().plus(PATIENCE);
        while (true) {
            var rows = session.server()
                    .query("SELECT total_replicas AS n FROM system.replicas WHERE database ="
                            + " "
                            + Sql.text(table.database()) + " AND table = " + Sql.text(table.table()));
            if (rows.stream().noneMatch(r -> r.number("n") == 0)) return rows;
            if (Instant.now().isAfter(until))
                throw new Trouble.Failed("The replica of " + table + " on "
                        + session.server().endpoint().host() + " has not reached Keeper for " + PATIENCE.toSeconds()
                        + " s, so nothing was changed. Look at system.replicas there; run again when it has.");
            session.progress().note("waiting: the copier can't reach Keeper");
            session.control().sleep(500);
        }
    }

    /// Said of what is waited for in vain.
    String mayHaveIt() {
        var leftOut = session.copying().leftOut();
        if (leftOut.all().isEmpty()) return "";
        var alone = " What waits there may be on " + words(leftOut.all()) + " alone";
        return leftOut.gone().isEmpty()
                ? alone + ", which is away: run again when it is back, or say --host-is-gone "
                        + words(leftOut.away()).replace(", ", ",") + " if it never comes back."
                : alone + ". Before a swap 'rollback' does not wait for the new table, and 'migrate' then begins anew;"
                        + " of the live table SYSTEM DROP REPLICA gives it up.";
    }

    /// By the replicas' names: while a known host has lost its own session a count takes the other one's for it.
    private boolean activeElsewhere(TableName table) {
        var of = " FROM system.replicas WHERE database = " + Sql.text(table.database()) + " AND table = "
                + Sql.text(table.table());
        var known = session.hosts().stream()
                .flatMap(host -> host.query("SELECT replica_name AS rekey_name" + of).stream())
                .map(r -> r.string("rekey_name"))
                .toList();
        return session
                .server()
                .query("SELECT arrayJoin(mapKeys(mapFilter((k, v) -> v = 1, replica_is_active))) AS rekey_name" + of)
                .stream()
                .anyMatch(r -> !known.contains(r.string("rekey_name")));
    }

    /// Right before an attach: a round may take days, and a host that is back in the middle of it assigns merges of
    /// the target, for it was not there when they were held.
    void mustStillBeInactive(TableName table) {
        if (!session.copying().leftOut().away().isEmpty()) stillInactive(table);
    }

    private static String words(Collection<String> hosts) {
        return hosts.stream().sorted().collect(Collectors.joining(", "));
    }
}
