package rekey.copy;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Peer;
import rekey.clickhouse.ReplicatedEngine;
import rekey.clickhouse.Row;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.clickhouse.Topology;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.MadeTables;
import rekey.session.Original;
import rekey.session.Session;

/// The other hosts of a shard: each has the copier's tables under the copier's names. The copier alone copies and
/// attaches, they fetch; names, settings and tables are each host's own, so they are changed on each by itself.
///
/// A table is the same on two hosts when its path in Keeper is: a path is never used twice and stays with its table
/// through EXCHANGE and RENAME. So what is left to do on a host that was away, or when a runner died between two, is
/// told by names and paths alone.
public record Peers(Session session) {
    private static final String OUTSIDE =
            "A script or a notebook knows one host: run the command, or the shell, with --cluster where it is asked"
                    + " for.";
    /// Kinds of entries of the replication queue that bring parts or take them away.
    private static final String PARTS = "'GET_PART', 'ATTACH_PART', 'REPLACE_RANGE', 'DROP_RANGE', 'DROP_PART'";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /// Has each host's tables of this migration stand under the copier's names. Run again it does what is left.
    public void follow() {
        follow(false);
    }

    /// @param dropping whether the backup is being dropped: who was killed in it has dropped it on other hosts
    ///                 already, and made anew there it would fetch all of it
    public void follow(boolean dropping) {
        if (session.peers().isEmpty()) return;
        follow(new Named(session.catalog(), names(session.server().query(named()))), session.peers(), dropping);
    }

    /// What is named how on a host.
    ///
    /// @param paths in Keeper by the tables' names
    record Named(Catalog catalog, Map<String, String> paths) {}

    Named named(Peer host) {
        return new Named(new Catalog(host.server()), names(host.query(named())));
    }

    void follow(Named truth, List<Peer> others, boolean dropping) {
        // one that is away keeps none of the others behind
        HostsInParallel.all(others, peer -> {
            var there = names(peer.query(named()));
            for (int i = 0; i < 10; i++) {
                var next = next(peer, truth, there, dropping);
                if (next.isEmpty()) break;
                if (Ddl.exchanges(next.get(), session.rewrite().source())) flush(peer);
                peer.execute(next.get(), session.queryId("follow"), Ddl.CREATING);
            }
        });
    }

    /// The copier has exchanged, so no slow queue puts this one off: hosts would differ until the next run.
    private void flush(Peer peer) {
        try {
            AsyncInsertQueue.flush(session, peer.server(), session.rewrite().source());
        } catch (Trouble.PutOff slow) {
            var what = "Host " + peer.name()
                    + " was exchanged before its queue of async INSERTs was empty, for others were"
                    + " already: of it the server refuses what was for the table (TABLE_UUID_MISMATCH), and does not"
                    + " tell a client that does not wait for its rows.";
            try {
                session.journal().append("swap", new Detail.Unflushed(what));
            } catch (Trouble.Failed e) {
                session.progress().note(what); // a third host that is away has no line
            }
        }
    }

    /// @param there the host's tables and paths; what the statement makes of them is put into it: a name that
    ///              somebody else changes meanwhile has the next statement fail
    private Optional<String> next(Peer peer, Named truth, Map<String, String> there, boolean dropping) {
        var r = session.rewrite();
        for (var w : truth.paths.entrySet()) {
            var at = there.entrySet().stream()
                    .filter(t -> t.getValue().equals(w.getValue()))
                    .map(Map.Entry::getKey)
                    .findFirst();
            if (at.isPresent() && at.get().equals(w.getKey())) continue;
            TableName name = r.source().sibling(w.getKey());
            if (dropping && at.isEmpty() && name.equals(r.backup())) continue;
            if (at.isPresent()) {
                var from = r.source().sibling(at.get());
                boolean taken = there.containsKey(w.getKey());
                if (taken) there.put(at.get(), there.get(w.getKey()));
                else there.remove(at.get());
                there.put(w.getKey(), w.getValue());
                return Optional.of(taken ? Ddl.exchanging(name, from) : Ddl.renaming(from, name));
            }
            if (there.containsKey(w.getKey()) || name.equals(r.source()))
                throw new Trouble.OutcomeUnknown("On host " + peer.name() + " there is "
                        + (there.containsKey(w.getKey()) ? "another table " : "no replicated table ") + name
                        + ": its path in Keeper is not " + w.getValue()
                        + ". Nothing was changed there. Look with: SELECT table, zookeeper_path FROM system.replicas"
                        + " WHERE database = " + Sql.text(r.source().database())
                        + ". A replica that was made there since the swap by the old definition has the old path: DROP"
                        + " it there, then run again, which makes it as it is on the other hosts.");
            there.put(w.getKey(), w.getValue());
            return Optional.of(creating(peer, truth, name));
        }
        return Optional.empty();
    }

    /// The copier's own definition, under the name that this replica gives itself.
    private String creating(Peer peer, Named truth, TableName name) {
        var table = truth.catalog.table(name);
        var ours = ReplicatedEngine.of(table.engineClause()).orElseThrow();
        var theirs = ReplicatedEngine.of(new Catalog(peer.server())
                        .table(session.rewrite().source())
                        .engineClause())
                .orElseThrow();
        var definition = table.definition()
                .replace(table.engineClause(), ours.named(theirs.replica()).clause());
        // a path with {uuid} is the same only where the table's is
        return ours.path().contains("{uuid}")
                ? Ddl.identified(List.of(definition), name, table.uuid()).getFirst()
                : definition;
    }

    /// A macro that was changed since its table was made, or differs between hosts, gives each a path of its own:
    /// then the target is a table of its own on each, which nobody fetches, and that was found behind the copier's
    /// EXCHANGE.
    ///
    /// @throws Trouble.Refused where a table's path is not the same on all hosts
    public void mustHaveOne(TableName table) {
        var path = "SELECT zookeeper_path AS p FROM system.replicas WHERE " + is(table);
        for (var here : session.server().query(path))
            for (var peer : session.peers()) {
                var there = peer.query(path).stream().map(r -> r.string("p")).findFirst();
                if (!there.equals(Optional.of(here.string("p"))))
                    throw new Trouble.Refused("The new table " + table + " has the path " + here.string("p")
                            + " in Keeper on the host that copies and " + there.orElse("none") + " on host "
                            + peer.name() + ", so it would not be one table. Nothing was copied. Look at system.macros"
                            + " on both, and roll back.");
            }
    }

    /// Drops the target on each host where it is this migration's: there somebody may have a table of that name.
    public void dropTarget(TableName target, String dropping) {
        // its path has the UUID in it that it had on the host which copied when it was made
        var ours = new HashSet<>(MadeTables.targets(session.journal().entries()));
        var path = "SELECT zookeeper_path AS p FROM system.replicas WHERE " + is(target);
        session.server().query(path).forEach(r -> ours.add(r.string("p")));
        for (var peer : session.peers()) {
            var there = peer.query(path);
            if (there.stream().anyMatch(r -> ours.stream().anyMatch(r.string("p")::contains)))
                peer.execute(dropping, session.queryId("undo-create"), Map.of());
        }
        session.execute("undo-create", dropping);
    }

    private String named() {
        var r = session.rewrite();
        return "SELECT table AS t, zookeeper_path AS p FROM system.replicas WHERE database = "
                + Sql.text(r.source().database()) + " AND (table IN ("
                + Sql.text(r.source().table()) + ", " + Sql.text(r.backup().table()) + ") OR startsWith(table, "
                + Sql.text(r.target().table()) + "))";
    }

    private static Map<String, String> names(List<Row> rows) {
        var out = new TreeMap<String, String>();
        rows.forEach(r -> out.put(r.string("t"), r.string("p")));
        return out;
    }

    /// Whoever changes anything has to know all hosts: what is dropped or exchanged on some of them only is two
    /// tables under one name.
    ///
    /// @param run what is to be run
    /// @throws Trouble.Refused where there are others
    public void mustBeAll(String run) {
        var leftOut = new LeftOutHosts(session);
        leftOut.mustBeFor(run);
        // of all hosts once, by the first shard
        boolean first = !session.others().isEmpty() || session.elsewhere().isEmpty();
        if (first)
            Topology.twice(session.everyPeer(), session.rewrite().source()).ifPresent(what -> {
                throw new Trouble.Refused(what + ", so nothing was changed.");
            });
        for (var peer : session.peers())
            if (peer.query("SELECT 1 FROM system.replicas WHERE "
                            + is(session.rewrite().source()))
                    .isEmpty())
                throw new Trouble.Refused(
                        "Host " + peer.name() + " (" + peer.endpoint().host() + ") has no replica of "
                                + session.rewrite().source()
                                + ", so nothing was changed. Make it there, or name the cluster of its hosts with"
                                + " --cluster.");
        // the one that is displaced, too: it is what a host that was away through the exchange still takes rows into
        if (!session.copying().leftOut().all().isEmpty()) {
            var all = names(session.server().query(named())).keySet();
            all.forEach(t -> leftOut.awaitInactive(session.rewrite().source().sibling(t)));
        }
        for (var r : leftOut.replicas(session.rewrite().source())) {
            if (!session.knows(r.number("n")))
                throw new Trouble.Refused(session.rewrite().source() + " has " + r.number("n")
                        + " replicas, and this runner knows " + (session.peers().size() + 1)
                        + " of their hosts, so nothing was changed. " + OUTSIDE);
        }
        Topology.spread(
                        session.server(),
                        session.rewrite().source(),
                        session.source().replicated(),
                        session.everyHost().size(),
                        session.copying().leftOut().all())
                .ifPresent(what -> {
                    throw new Trouble.Refused(what + ", so nothing was changed. " + OUTSIDE);
                });
    }

    /// What is to be so in each round: these hosts are all that have a replica, and none of them gives rows other
    /// block numbers. A merge that is made by a host without the setting wipes those of all (seen on 26.7), also by
    /// one that joined later. Where merges fold rows nobody goes by numbers: see [UnmergedParts].
    ///
    /// @throws Trouble.Refused when it is not so
    public void mustNumberBlocks(Table table) {
        if (!table.replicated()) return;
        var replicas = new LeftOutHosts(session).stillInactive(table.name());
        if (!session.knows(replicas.number("n")))
            throw new Trouble.Refused(table.name() + " has " + replicas.number("n")
                    + " replicas now, and the migration knows "
                    + (session.peers().size() + 1)
                    + ": one that came since may have merged rows "
                    + (table.folds() ? "that merges were held for" : "without their block numbers")
                    + ". Nothing more was carried. Roll back, and begin anew.");
        if (table.folds()) return;
        for (var peer : session.peers())
            if (!BlockNumbers.enabled(peer, table.name()))
                throw new Trouble.Refused(Ddl.BLOCK_NUMBERS + " was switched off on host " + peer.name() + " of "
                        + table.name()
                        + ", so its merges take the block numbers away and new rows can't be told from carried ones."
                        + " Nothing more was carried. "
                        + (table.uuid().equals(Original.of(session).uuid())
                                ? "Roll back, and begin anew."
                                : "Switch it on there (" + BlockNumbers.enable(table) + "), look with verify, and roll"
                                        + " back again."));
    }

    /// Waits until the copier has every row of a table that any host has acknowledged by now.
    public void awaitFetched(TableName table) {
        awaitFetched(table, false);
    }

    /// @param exchanged whether that is behind us, so that nothing is put off any more while ingestion is held
    void awaitFetched(TableName table, boolean exchanged) {
        boolean several =
                !session.peers().isEmpty() || !session.copying().leftOut().all().isEmpty();
        if (several) await("the copier", session.server()::execute, session.server()::query, table, PARTS, exchanged);
    }

    /// Waits until every other host has all of a table that the copier has.
    public void awaitSame(TableName table) {
        awaitSame(table, PARTS);
    }

    /// The same, and the mutations of its parts: one host waited for rekey's DELETE on the copier alone, exchanged,
    /// and showed rows that had been deleted.
    public void awaitSameAndMutated(TableName filled) {
        awaitSame(filled, PARTS + ", 'MUTATE_PART'");
    }

    /// Waits until no other host has an attach in its queue, which takes the parts from a staging table there.
    void awaitAttached(TableName table) {
        awaitSame(table, "'REPLACE_RANGE'");
    }

    private void awaitSame(TableName table, String types) {
        HostsInParallel.all(
                session.peers(),
                peer -> await(
                        "host " + peer.name(),
                        sql -> peer.execute(sql, session.queryId("sync"), Map.of()),
                        peer::query,
                        table,
                        types,
                        false));
    }

    private void await(
            String host,
            Consumer<String> execute,
            Function<String, List<Row>> query,
            TableName table,
            String types,
            boolean exchanged) {
        var until = Instant.now().plus(PATIENCE);
        // what came by now, and not what comes while it is waited for: beside three writers of a table with seven
        // partitions there was no moment in two minutes in which nothing was to be fetched
        Set<String> left = null;
        var fetches = new LargeFetches();
        for (long least = Long.MAX_VALUE; ; session.control().sleep(20)) {
            boolean read = true;
            try {
                execute.accept("SYSTEM SYNC REPLICA " + table.sql() + " PULL");
            } catch (ServerError e) {
                if (e.code() == ServerError.UNKNOWN_TABLE) throw e;
                read = false;
                session.progress().note(host + " can't read the replication log: " + e.getMessage());
            }
            var r = query.apply("""
                SELECT is_readonly AS closed, (SELECT groupArray(node_name) FROM system.replication_queue
                  WHERE %s AND type IN (%s)) AS names
                FROM system.replicas WHERE %s\
                """.formatted(is(table), types, is(table))).getFirst();
            if (read && !r.flag("closed")) {
                var queued = r.strings("names");
                if (left == null) left = new HashSet<>(queued);
                else left.retainAll(queued);
                if (left.isEmpty()) {
                    session.progress().note("");
                    return;
                }
            }
            var what = host + (r.flag("closed") ? " can't reach Keeper for " : " has not all of ") + table;
            session.progress().note("waiting: " + what);
            // as long as it gets on it may take longer: several large chunks are fetched at the same time
            if (left != null && left.size() < least || fetches.getOn(query, table)) {
                least = left == null ? least : left.size();
                until = Instant.now().plus(PATIENCE);
            }
            // ingestion opens by itself then; behind an exchange there is nothing to be put off
            boolean late = !exchanged && session.progress().pastDeadline();
            if (late || Instant.now().isAfter(until))
                throw new Trouble.PutOff(what
                        + (late ? " while ingestion was held" : " after " + PATIENCE.toSeconds() + " s")
                        + ", so nothing more was done. Look at system.replication_queue there; run again when it gets"
                        + " on."
                        + new LeftOutHosts(session).mayHaveIt());
        }
    }

    private static String is(TableName t) {
        return "database = " + Sql.text(t.database()) + " AND table = " + Sql.text(t.table());
    }
}
