package rekey.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import rekey.clickhouse.Row;
import rekey.clickhouse.Sql;
import rekey.clickhouse.Topology;
import rekey.model.Rewrite;
import rekey.model.TableName;

/// The host of a shard that copies, and what another one that copies on has to know: a table has a UUID of its own
/// on each host, and the journal has those of the host that copied. A table is the same on two hosts when its path
/// in Keeper is.
///
/// @param name   as `system.clusters` has it; empty for a table of one host
/// @param gone   hosts that a person said never come back
/// @param before the host that copied until now, where it is another
/// @param same   what the journal calls things by, and what they are called on this host
public record CopyingHost(String name, Set<String> gone, Optional<String> before, Map<String, String> same) {
    /// A table of one host.
    static final CopyingHost ALONE = new CopyingHost("", Set.of(), Optional.empty(), Map.of());

    /// Which hosts copy and which are gone, over all shards.
    ///
    /// @param begun whether there was a run; one of an older version had the cluster's first host copy, and told
    ///              nothing
    public record Told(List<String> copiers, Set<String> gone, boolean begun) {
        public static final Told NOTHING = new Told(List.of(), Set.of(), false);

        /// What the last run wrote down.
        ///
        /// @param journal of any host
        public static Told in(Journal journal) {
            var runs = Entry.all(journal.fresh("event = 'LOCKED'"), Detail.Locked.class)
                    .toList();
            var last = runs.stream().filter(l -> l.copiers().isPresent()).reduce((a, b) -> b);
            return new Told(
                    words(last.flatMap(Detail.Locked::copiers)),
                    Set.copyOf(words(last.flatMap(Detail.Locked::gone))),
                    !runs.isEmpty());
        }

        private static List<String> words(Optional<Encoded.Words> of) {
            return of.map(Encoded.Words::words).orElse(List.of());
        }

        /// A copier that a person names counts before the last run's.
        public Told or(List<String> asked) {
            return new Told(
                    Stream.concat(asked.stream(), copiers.stream()).distinct().toList(), gone, begun);
        }

        /// These copy where nobody else is known to.
        public Told otherwise(List<String> chosen) {
            return new Told(
                    Stream.concat(copiers.stream(), chosen.stream()).distinct().toList(), gone, begun);
        }

        /// Each shard with its copier as its first host; of several named the first counts.
        public Topology first(Topology topology) {
            var hosts = topology.shards().stream()
                    .map(shard -> shard.stream().map(Topology.Host::name).toList())
                    .toList();
            return topology.copiedBy(hosts.stream()
                    .flatMap(shard -> copiers.stream().filter(shard::contains).limit(1))
                    .toList());
        }
    }

    /// Of a shard, whose first host copies from now on.
    ///
    /// @param s of that host, with its peers
    static CopyingHost of(Session s, List<Topology.Host> shard, Set<String> gone) {
        var name = shard.getFirst().name();
        var told = Told.in(s.journal()).copiers();
        var before = told.stream()
                .filter(h -> gone.contains(h)
                        || shard.stream().anyMatch(host -> host.name().equals(h)))
                .findFirst()
                .filter(h -> !h.equals(name));
        return new CopyingHost(
                name, Set.copyOf(gone), before, before.map(b -> same(s, b)).orElse(Map.of()));
    }

    /// @throws rekey.clickhouse.ServerGone where that host is not said to be gone, and does not answer
    private static Map<String, String> same(Session s, String before) {
        var journal = s.journal().entries();
        var ours = replicas(s.rewrite(), s.server().query(replicas(s.rewrite())));
        var that = s.peers().stream().filter(p -> p.name().equals(before)).findFirst();
        var out = new TreeMap<String, String>();
        if (that.isPresent())
            for (var t : replicas(s.rewrite(), that.get().query(replicas(s.rewrite()))))
                ours.stream().filter(o -> o.path.equals(t.path)).findFirst().ifPresent(o -> out.put(t.uuid, o.uuid));
        else byPaths(journal, s.rewrite(), ours, out);
        // the definition names the replica, which each host may do by itself
        Original.find(journal)
                .ifPresent(o -> ours.stream()
                        .filter(t -> t.uuid.equals(out.get(o.uuid())))
                        .findFirst()
                        .ifPresent(t -> o.planned()
                                .map(p -> p.facts().get("engine"))
                                .ifPresent(engine -> out.put(
                                        engine, s.catalog().table(t.name).engineClause()))));
        out.entrySet().removeIf(e -> e.getKey().equals(e.getValue()));
        return out;
    }

    /// By what the journal has of a host that can't be asked: a target's path was made unique by the migration's
    /// name and a UUID.
    private static void byPaths(List<Entry> journal, Rewrite r, List<Replica> ours, Map<String, String> out) {
        var unique = Pattern.compile("_" + Pattern.quote(r.migration()) + "_[0-9a-f-]{36}");
        var target =
                journal.stream().flatMap(e -> e.detail().namedTarget().stream()).reduce((a, b) -> b);
        var old = new ArrayList<Replica>();
        for (var t : ours)
            if (unique.matcher(t.path).find()) target.ifPresent(uuid -> out.put(uuid, t.uuid));
            else if (t.name.equals(r.source()) || old.isEmpty()) old.addFirst(t);
            else old.addLast(t);
        if (!old.isEmpty()) Original.find(journal).ifPresent(o -> out.put(o.uuid(), old.getFirst().uuid));
    }

    private record Replica(TableName name, String uuid, String path) {}

    /// The backup before names that swaps gave.
    private static String replicas(Rewrite r) {
        var database = Sql.text(r.source().database());
        return "SELECT t.name AS t, toString(t.uuid) AS id, r.path AS p FROM system.tables AS t INNER JOIN (SELECT"
                + " table, zookeeper_path AS path FROM system.replicas WHERE database = " + database + ") AS r ON"
                + " r.table = t.name WHERE t.database = " + database + " AND (t.name IN ("
                + Sql.text(r.source().table()) + ", " + Sql.text(r.backup().table()) + ") OR startsWith(t.name, "
                + Sql.text(r.target().table()) + ")) ORDER BY t.name != "
                + Sql.text(r.backup().table()) + ", t.name";
    }

    private static List<Replica> replicas(Rewrite r, List<Row> rows) {
        return rows.stream()
                .map(row -> new Replica(r.source().sibling(row.string("t")), row.string("id"), row.string("p")))
                .toList();
    }

    /// Whether the shard's hosts are known by name.
    public boolean ofSeveral() {
        return !name.isEmpty();
    }
}
