package rekey.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.KeeperPaths;
import rekey.clickhouse.Peer;
import rekey.clickhouse.ReplicatedEngine;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Session;

/// Every host of a shard has the macros that the table's engine names, and they say what they said when the table
/// was made. A table keeps its path and its replica's name until its server starts again, whatever the macros are by
/// then; the new table gets what they say now. A macro that one host had no more was found by the server, in
/// `create`, behind the first change.
public record Macros() implements Check {
    @Override
    public String name() {
        return "macros";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    /// What a host's macros make of its engine's two texts today.
    ///
    /// @param clause  as the table's definition has it; empty where there is no such table
    /// @param missing macros that the host has not
    /// @param is      path and replica's name as the table has them
    record Host(
            String name, Optional<ReplicatedEngine> clause, Set<String> missing, Replica says, Optional<Replica> is) {}

    record Replica(String path, String name) {
        @Override
        public String toString() {
            return path + " and " + name;
        }
    }

    @Override
    public Verdict look(Session session) {
        var source = session.source();
        var needs = "the macros of the table's path and replica on each host, as they were when it was made";
        if (!source.replicated()) return Verdict.ok(this, "not replicated", needs);
        var all = new ArrayList<Peer>();
        all.add(new Peer(session.server().endpoint().host(), session.server()));
        all.addAll(session.peers());
        return compared(HostsInParallel.each(all, host -> answering(host, source.name())), source.name(), needs);
    }

    Verdict compared(List<Host> hosts, TableName table, String needs) {
        for (var h : hosts)
            if (!h.missing.isEmpty())
                return Verdict.refusal(
                        this,
                        "host " + h.name + " has no macro " + String.join(", ", h.missing) + ", which " + clause(h)
                                + " names",
                        needs,
                        "Give it that in <macros> of its configuration: without it the new table can't be made there.");
        for (int n = 0; n < hosts.size(); n++)
            for (var other : hosts.subList(n + 1, hosts.size()))
                if (hosts.get(n).says.name.equals(other.says.name) && !other.says.name.isEmpty())
                    return Verdict.refusal(
                            this,
                            "hosts " + hosts.get(n).name + " and " + other.name + " both are replica " + other.says.name
                                    + " by their macros, by which " + clause(other) + " names them",
                            needs,
                            "Give each host of a shard a name of its own in <macros> of its configuration: two replicas"
                                    + " of one name can't be made.");
        for (var h : hosts)
            if (h.is.isPresent() && !h.is.get().equals(h.says))
                return Verdict.refusal(
                        this,
                        "by the macros of host " + h.name + " path and replica of " + table + " are " + h.says
                                + ", and the table has " + h.is.get(),
                        needs,
                        "They were changed since it was made: put them right in <macros> of its configuration. The new"
                                + " table would have no replica in common with the other hosts', and the old one would"
                                + " be read-only after a restart.");
        return Verdict.ok(this, "those of " + clause(hosts.getFirst()), needs);
    }

    private static String clause(Host h) {
        return h.clause.map(c -> c.path() + ", " + c.replica()).orElse("no path");
    }

    /// One that does not answer is told of by another check, and hides nothing of the others.
    private static Host answering(Peer peer, TableName name) {
        try {
            return host(peer, name);
        } catch (ServerError e) {
            throw e; // such as rights that are missing
        } catch (Trouble.Failed e) {
            return unseen(peer);
        }
    }

    private static Host unseen(Peer peer) {
        return new Host(peer.name(), Optional.empty(), Set.of(), new Replica("", ""), Optional.empty());
    }

    private static Host host(Peer peer, TableName name) {
        var table = new Catalog(peer.server()).find(name);
        // one without a path, or without the table, is the other check's
        var clause = table.flatMap(t -> ReplicatedEngine.of(t.engineClause()))
                .filter(c -> !c.path().isEmpty());
        if (clause.isEmpty()) return unseen(peer);
        var paths = new KeeperPaths(peer.server());
        var uuid = table.get().uuid();
        String path = paths.resolved(clause.get().path(), name, uuid),
                replica = paths.resolved(clause.get().replica(), name, uuid);
        var missing = new TreeSet<String>();
        for (var text : List.of(path, replica)) missing.addAll(KeeperPaths.macros(text));
        var is = peer
                .query("SELECT zookeeper_path AS p, replica_name AS r FROM system.replicas WHERE database = "
                        + Sql.text(name.database()) + " AND table = " + Sql.text(name.table()))
                .stream()
                .map(r -> new Replica(r.string("p"), r.string("r")))
                // a table may have another UUID by now than its path
                .filter(r -> !clause.get().path().contains("{uuid}"))
                .findFirst();
        return new Host(peer.name(), clause, missing, new Replica(KeeperPaths.plain(path), replica), is);
    }
}
