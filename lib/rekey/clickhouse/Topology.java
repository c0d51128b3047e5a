package rekey.clickhouse;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import rekey.model.TableName;
import rekey.model.Trouble;

/// The hosts that have a table, shard by shard, read from the server: how many replicas there are from
/// `system.replicas`, which hosts they are from `system.clusters`, and whether there are other shards from the
/// Distributed tables over it.
///
/// @param shards in the cluster's own order, which is the same whichever host was asked
public record Topology(List<List<Host>> shards) {
    private static final String PEER_TIMEOUT_MS = "120000";

    /// One of them.
    ///
    /// @param local whether it is the one that was asked
    public record Host(String name, String url, boolean local) {}

    /// A table of one host alone.
    public static Topology alone(ClickHouse server) {
        return new Topology(List.of(
                List.of(new Host(server.endpoint().host(), server.endpoint().url(), true))));
    }

    /// Of a table that has one replica, or none, and no Distributed one over it, it is the host that was asked.
    ///
    /// @param cluster the one to look in; empty where only one fits
    /// @param urls    addresses by a host's name that are not what the cluster says
    /// @param gone    hosts that never come back: they are left out, whether the cluster still has them or not
    /// @throws Trouble.Refused where the cluster is not there, or can't be told
    public static Topology of(
            ClickHouse server, TableName table, String cluster, Map<String, String> urls, Set<String> gone) {
        var told = server.query("SELECT total_replicas AS n FROM system.replicas WHERE database = "
                + Sql.text(table.database()) + " AND table = " + Sql.text(table.table()));
        long replicas = told.stream().mapToLong(r -> r.number("n")).sum();
        // right after Keeper was away a replica does not know of itself either: it is no table of one host
        boolean unknown = !told.isEmpty() && replicas == 0;
        var clusters = clusters(server);
        if (!cluster.isEmpty()) mustKnow(server, cluster, clusters);
        var wanted = cluster.isEmpty()
                ? new TreeSet<>(new Catalog(server).spreading(table).values())
                : new TreeSet<>(List.of(cluster));
        wanted.retainAll(clusters.keySet());
        if (wanted.isEmpty() && replicas < 2 && !unknown) return alone(server);
        var fitting = new LinkedHashMap<List<List<String>>, String>();
        clusters.forEach((name, shards) -> {
            // of those that are gone Keeper has the replica until somebody drops it
            var own = own(shards);
            long left = own.stream().filter(h -> !gone.contains(h.name())).count();
            long atMost = left + gone.size(); // the cluster may have them no more, and Keeper still
            boolean fits = unknown || left <= Math.max(1, replicas) && atMost >= Math.max(1, replicas);
            if (fits && (wanted.isEmpty() || wanted.contains(name)))
                fitting.putIfAbsent(names(wanted.isEmpty() ? List.of(own(shards)) : shards), name);
        });
        if (unknown && fitting.size() != 1)
            throw new Trouble.Failed("The replica of " + table + " on "
                    + server.endpoint().host() + " can't reach Keeper, so its other hosts are not known: run again when"
                    + " system.replicas shows them, or name the cluster with --cluster.");
        if (fitting.isEmpty() && cluster.isEmpty() && replicas < 2) return alone(server);
        if (fitting.size() != 1)
            throw new Trouble.Refused(table + " has " + Math.max(1, replicas)
                    + (replicas < 2 ? " replica, and " : " replicas, and ")
                    + (fitting.isEmpty()
                            ? (wanted.isEmpty() ? "no cluster of this host" : "not " + String.join(", ", wanted))
                                    + " has a shard of so many hosts"
                            : "several clusters have other hosts for them")
                    + " (system.clusters: " + (clusters.isEmpty() ? "none" : String.join(", ", clusters.keySet()))
                    + "): name the right one with --cluster."
                    + (fitting.isEmpty() && replicas > 1
                            ? " If it is named, look at system.macros of all hosts: two shards with the same macros"
                                    + " are one table in Keeper, and can't be rewritten."
                            : ""));
        var found = clusters.get(fitting.values().iterator().next());
        return reached(without(wanted.isEmpty() ? List.of(own(found)) : found, gone), server, urls);
    }

    /// @throws Trouble.Refused where a shard has no other host
    private static List<List<Host>> without(List<List<Host>> shards, Set<String> gone) {
        var names = shards.stream().flatMap(List::stream).map(Host::name).toList();
        var left = shards.stream()
                .map(shard ->
                        shard.stream().filter(h -> !gone.contains(h.name())).toList())
                .toList();
        if (left.stream().anyMatch(List::isEmpty))
            throw new Trouble.Refused("Of a shard no host is left without " + String.join(", ", gone) + ": the cluster"
                    + " has " + String.join(", ", names) + ". Its rows are gone with it, and nothing can be carried.");
        return left;
    }

    /// With these hosts as the first ones of their shards: the first one copies.
    public Topology copiedBy(List<String> copiers) {
        return new Topology(shards.stream()
                .map(shard -> shard.stream()
                        .sorted(Comparator.comparing(h -> !copiers.contains(h.name())))
                        .toList())
                .toList());
    }

    /// @param option by which they were named
    /// @throws Trouble.Usage where one is no host of it
    public void mustHave(Collection<String> hosts, String option) {
        var names = shards.stream().flatMap(List::stream).map(Host::name).toList();
        for (var host : hosts)
            if (!names.contains(host))
                throw new Trouble.Usage("There is no host " + host + " for " + option + ": the table's hosts are "
                        + String.join(", ", names) + ".");
    }

    /// All hosts of a cluster, whatever tables they have.
    ///
    /// @param urls as of [#of]
    /// @throws Trouble.Refused where the cluster is not there
    public static Topology named(ClickHouse server, String cluster, Map<String, String> urls) {
        var clusters = clusters(server);
        mustKnow(server, cluster, clusters);
        return reached(clusters.get(cluster), server, urls);
    }

    private static void mustKnow(ClickHouse server, String cluster, Map<String, ?> clusters) {
        if (!clusters.containsKey(cluster))
            throw new Trouble.Refused("There is no cluster " + cluster + " on "
                    + server.endpoint().host() + " that this host is in: system.clusters has "
                    + (clusters.isEmpty() ? "none" : String.join(", ", clusters.keySet())) + ".");
    }

    private static Topology reached(List<List<Host>> shards, ClickHouse server, Map<String, String> urls) {
        return new Topology(shards.stream()
                .map(shard -> shard.stream()
                        .map(h -> reached(h, server.endpoint(), urls))
                        .toList())
                .toList());
    }

    /// Shards that a Distributed table over it has, of which not all are known; empty where there are none.
    ///
    /// A table that is not replicated is none of the shards of a cluster that its server does not belong to: a
    /// gateway has a Distributed table over other hosts' tables, which have its own one's name by chance.
    ///
    /// @param known so many hosts are
    /// @param gone  hosts that the cluster may still have
    public static Optional<String> spread(
            ClickHouse server, TableName table, boolean replicated, int known, Set<String> gone) {
        for (var over : new Catalog(server).spreading(table).entrySet()) {
            var cluster = server.one("SELECT uniqExact(shard_num) AS shards, countIf(host_name NOT IN " + Sql.list(gone)
                    + ") AS hosts, max(is_local) AS here FROM system.clusters WHERE cluster = "
                    + Sql.text(over.getValue()));
            if (!replicated && !cluster.flag("here")) continue;
            if (cluster.number("shards") > 1 && cluster.number("hosts") != known)
                return Optional.of(over.getKey() + " spreads " + table + " over " + cluster.number("shards")
                        + " shards with " + cluster.number("hosts") + " hosts, and " + known + " of them "
                        + (known == 1 ? "is" : "are") + " known");
        }
        return Optional.empty();
    }

    /// Two names of hosts behind which one server answers, by a wrong --host-map or a balancer: what is done on both
    /// would be done there twice, and on the other not at all. Told by the server's own id and by the replica's
    /// path in Keeper.
    ///
    /// @throws ServerGone when one of them does not answer
    public static Optional<String> twice(List<Peer> hosts, TableName table) {
        if (hosts.size() == 1) return Optional.empty();
        var seen = new TreeMap<String, Peer>();
        var who = HostsInParallel.each(
                hosts,
                host -> host.query("SELECT concat(toString(serverUUID()), hostName(), (SELECT any(replica_path) FROM"
                                + " system.replicas WHERE database = " + Sql.text(table.database()) + " AND table = "
                                + Sql.text(table.table()) + ")) AS who")
                        .getFirst()
                        .string("who"));
        for (int n = 0; n < hosts.size(); n++) {
            var host = hosts.get(n);
            var other = seen.putIfAbsent(who.get(n), host);
            if (other != null)
                return Optional.of("Two hosts of the cluster lead to one server, by "
                        + other.endpoint().host() + " and by " + host.endpoint().host()
                        + ": give each its own address with --host-map");
        }
        return Optional.empty();
    }

    private static Host reached(Host h, Endpoint asked, Map<String, String> urls) {
        return new Host(
                h.name(), urls.getOrDefault(h.name(), h.local() ? asked.url() : at(asked.url(), h.name())), h.local());
    }

    private static List<List<String>> names(List<List<Host>> shards) {
        return shards.stream()
                .map(shard -> shard.stream().map(Host::name).toList())
                .toList();
    }

    private static List<Host> own(List<List<Host>> shards) {
        return shards.stream()
                .filter(shard -> shard.stream().anyMatch(Host::local))
                .findFirst()
                .orElseThrow();
    }

    /// All shards of each cluster that this host is in.
    private static Map<String, List<List<Host>>> clusters(ClickHouse server) {
        var rows = server.query("SELECT cluster, shard_num AS shard, host_name AS host, is_local FROM system.clusters"
                + " ORDER BY cluster, shard_num, replica_num");
        var here = new LinkedHashSet<String>();
        for (var r : rows) if (r.flag("is_local")) here.add(r.string("cluster"));
        var out = new LinkedHashMap<String, Map<String, List<Host>>>();
        for (var r : rows)
            if (here.contains(r.string("cluster")))
                out.computeIfAbsent(r.string("cluster"), c -> new LinkedHashMap<>())
                        .computeIfAbsent(r.string("shard"), n -> new ArrayList<>())
                        .add(new Host(r.string("host"), "", r.flag("is_local")));
        var all = new LinkedHashMap<String, List<List<Host>>>();
        out.forEach((name, shards) -> all.put(name, List.copyOf(shards.values())));
        return all;
    }

    /// Another host's address: with the scheme and the port of the one that is known.
    public static String at(String url, String host) {
        return url.replaceFirst("^((?:[a-z]+://)?(?:[^@/]*@)?)(?:\\[[^]]*]|[^:/]+)", "$1" + host);
    }

    /// The others of a shard, as they are spoken to. One that took connections and never answered kept a run, and
    /// merges held on all others, for ever: what is asked of them is answered at once, and only a DROP may take
    /// longer, which may be sent again.
    public static List<Peer> peers(List<Host> shard, Endpoint like, Consumer<String> listener) {
        var properties = new TreeMap<>(Map.of("socket_timeout", PEER_TIMEOUT_MS));
        properties.putAll(like.properties());
        return shard.stream()
                .skip(1)
                .map(h -> new Peer(
                        h.name(),
                        new Endpoint(h.url(), like.user(), like.password(), like.database(), properties),
                        listener))
                .toList();
    }
}
