package rekey.check;

import java.util.Optional;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Peer;
import rekey.clickhouse.Sql;
import rekey.clickhouse.Topology;
import rekey.model.Table;
import rekey.model.Trouble;
import rekey.session.Definition;
import rekey.session.Session;

/// All hosts of a cluster are known, each by an address of its own, and have one definition: rows that a Distributed
/// table writes to a shard nobody knows of would go into an old table under the live name.
public record OtherShards() implements Check {
    @Override
    public String name() {
        return "shards";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public boolean ofEachShard() {
        return false;
    }

    @Override
    public Verdict look(Session session) {
        var source = session.source();
        var needs = "every host of every shard, by its own address and of one definition";
        try {
            var twice = Topology.twice(session.everyPeer(), source.name());
            if (twice.isPresent())
                return Verdict.refusal(
                        this, twice.get(), needs, "All hosts have to be written to, each by its own address.");
            var refused = HostsInParallel.each(session.elsewhere(), host -> differs(source, host, needs)).stream()
                    .flatMap(Optional::stream)
                    .findFirst();
            if (refused.isPresent()) return refused.get();
            return HostsInParallel.each(session.everyHost(), host -> spread(session, host, source)).stream()
                    .flatMap(Optional::stream)
                    .findFirst()
                    .map(what -> Verdict.refusal(
                            this,
                            what,
                            needs,
                            "All shards are rewritten together: name the cluster with --cluster; and have"
                                    + " internal_replication set to true for each of its shards."))
                    .orElseGet(() -> Verdict.ok(this, session.elsewhere().isEmpty() ? "no other" : "all alike", needs));
        } catch (Trouble.Failed e) {
            return Verdict.refusal(this, "a host can't be reached", needs, e.getMessage());
        }
    }

    /// A Distributed table over it whose cluster has several shards of which not all are known, or would write each
    /// row to every replica by itself. Each host has its own such tables and its own idea of the cluster.
    private static Optional<String> spread(Session session, ClickHouse host, Table source) {
        var elsewhere = Topology.spread(
                host,
                source.name(),
                source.replicated(),
                session.everyHost().size(),
                session.copying().leftOut().all());
        if (elsewhere.isPresent() || !source.replicated()) return elsewhere;
        for (var over : new Catalog(host).spreading(source.name()).entrySet()) {
            var cluster =
                    host.one("SELECT count() AS hosts, min(internal_replication) AS whole FROM system.clusters WHERE"
                            + " cluster = "
                            + Sql.text(over.getValue()));
            if (cluster.number("hosts") > 1 && !cluster.flag("whole"))
                return Optional.of(over.getKey() + " writes each row to every replica by itself"
                        + " (internal_replication = 0), which doubles them");
        }
        return Optional.empty();
    }

    private Optional<Verdict> differs(Table source, Peer host, String needs) {
        var there = new Catalog(host.server()).find(source.name());
        if (there.isEmpty())
            return Optional.of(Verdict.refusal(
                    this,
                    "host " + host.name() + " has no table " + source.name(),
                    needs,
                    "Make it there as on the other hosts, or name the cluster of its hosts with --cluster."));
        var changes = Definition.of(source).changes(Definition.of(Replicas.alike(there.get(), source)));
        return changes.isEmpty()
                ? Optional.empty()
                : Optional.of(Verdict.refusal(
                        this,
                        "on host " + host.name() + " of another shard its definition differs: "
                                + String.join("; ", changes),
                        needs,
                        "Make the definitions the same, settings and comments too."));
    }
}
