package rekey.session;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Peer;
import rekey.clickhouse.Row;
import rekey.clickhouse.Sql;
import rekey.clickhouse.Topology;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.model.Trouble;

/// The host of a shard that copies, and what another one that copies on has to know: a table has a UUID of its own
/// on each host, and the journal has those of the host that copied. A table is the same on two hosts when its path
/// in Keeper is.
///
/// @param name   as `system.clusters` has it; empty for a table of one host
/// @param read   the host that copied until now as the journals call it, which may have another name by now; empty
///               where they tell of none
/// @param before the host that copied until now, where it is another
/// @param same   what the journal calls things by, and what they are called on this host
public record CopyingHost(
        String name, LeftOut leftOut, String read, Optional<String> before, Map<String, String> same) {
    /// A table of one host.
    static final CopyingHost ALONE = new CopyingHost("", LeftOut.NONE, "");

    /// Which hosts copy and which are left out, over all shards.
    ///
    /// @param copier of the shard whose journal it is; empty where none was told
    /// @param begun  whether there was a run; one of an older version had the cluster's first host copy, and told
    ///               nothing
    /// @param at     when it was written down
    /// @param ended  whether nothing of it stands: it was rolled back, made final, or no table was made
    public record LastRun(
            String copier, List<String> copiers, LeftOut leftOut, boolean begun, Instant at, boolean ended) {
        public static final LastRun NOTHING = new LastRun("", List.of(), LeftOut.NONE, false, Instant.EPOCH, true);

        /// What the last run wrote down.
        ///
        /// @param journal of any host
        public static LastRun in(Journal journal) {
            var lines = journal.fresh(
                    "event IN ('LOCKED', 'ROLLED_BACK', 'FINALIZED') OR event = 'INTENT' AND step = 'create'");
            boolean ended = lines.stream()
                    .filter(e -> e.event() != Entry.Event.LOCKED)
                    .reduce((a, b) -> b)
                    .filter(e -> e.detail() instanceof Detail.Creating)
                    .isEmpty();
            var runs =
                    lines.stream().filter(e -> e.event() == Entry.Event.LOCKED).toList();
            return runs.reversed().stream()
                    .filter(e ->
                            e.detail() instanceof Detail.Locked l && l.copier().isPresent())
                    .map(e -> of((Detail.Locked) e.detail(), e.at(), ended))
                    .findFirst()
                    .orElse(new LastRun("", List.of(), LeftOut.NONE, !runs.isEmpty(), Instant.EPOCH, ended));
        }

        private static LastRun of(Detail.Locked l, Instant at, boolean ended) {
            var leftOut = new LeftOut(Set.copyOf(words(l.gone())), Set.copyOf(words(l.away())));
            return new LastRun(l.copier().get(), words(l.copiers()), leftOut, true, at, ended);
        }

        private static List<String> words(Optional<Encoded.Words> of) {
            return of.map(Encoded.Words::words).orElse(List.of());
        }

        /// The last of what some hosts' journals say: one that was away through a whole run has an older one's, and
        /// took itself for the host that copies. One that does not answer says nothing.
        ///
        /// @param like whose migration it is
        public LastRun newest(Journal like, List<Peer> hosts) {
            return newest(HostsInParallel.each(hosts, host -> {
                try (var impatient = host.impatient()) {
                    return in(like, impatient);
                } catch (Trouble.Failed away) {
                    return NOTHING;
                }
            }));
        }

        private LastRun newest(List<LastRun> others) {
            var all = new ArrayList<>(others);
            all.add(this);
            var last = all.stream().max(Comparator.comparing(LastRun::at)).get();
            boolean any = all.stream().anyMatch(LastRun::begun);
            boolean ended =
                    last.copier.isEmpty() ? all.stream().filter(LastRun::begun).allMatch(LastRun::ended) : last.ended;
            return new LastRun(last.copier, last.copiers, last.leftOut, any, last.at, ended);
        }

        private static LastRun in(Journal like, Peer host) {
            return in(new Journal(host.server(), like.table(), like.migration(), "", Optional.empty()));
        }

        /// A copier that a person names counts before the last run's.
        public LastRun or(List<String> asked) {
            return with(asked, copiers);
        }

        /// These copy where nobody else is known to.
        public LastRun otherwise(List<String> chosen) {
            return with(copiers, chosen);
        }

        private LastRun with(List<String> first, List<String> then) {
            var all = new LinkedHashSet<>(first);
            all.addAll(then);
            return new LastRun(copier, List.copyOf(all), leftOut, begun, at, ended);
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
    /// @throws Trouble.Refused where the one that copied until now is nowhere, and nobody said that it is gone
    static CopyingHost of(Session s, List<Topology.Host> shard, LeftOut leftOut) {
        var name = shard.getFirst().name();
        var own = LastRun.in(s.journal());
        var told = own.newest(s.journal(), s.peers());
        // of one that has ended no table is left whose name could be wrong
        if (!told.ended
                && told.copier.equals(name)
                && own.at.isBefore(told.at)
                && LastRun.in(s.journal()).at.isBefore(told.at)) throw replaced(name);
        if (told.copier.isEmpty() && told.begun && !own.begun && !told.ended)
            throw new Trouble.Refused("Host " + name + " would copy from now on, and the migration was begun by another"
                    + " host of the shard alone: nothing was changed. Name that one with --copier.");
        if (told.copier.isEmpty() || told.copier.equals(name)) return new CopyingHost(name, leftOut, told.copier);
        var before =
                s.peers().stream().filter(p -> p.name().equals(told.copier)).findFirst();
        if (before.isEmpty() && own.at.isBefore(told.at))
            s.peers().stream()
                    .filter(p -> own.newest(s.journal(), List.of(p)).at.equals(told.at))
                    .findFirst()
                    .ifPresent(p -> s.journal().readsFrom(p.server()));
        if (before.isEmpty() && !leftOut.all().contains(told.copier)) {
            // a host that has another name now is the one that has the journal's tables
            var original = Original.find(s.journal().entries());
            if (original.isEmpty() || ended(s) || has(s, s.server()::query, original.get()))
                return new CopyingHost(name, leftOut, told.copier);
            before = s.peers().stream()
                    .filter(p -> has(s, p::query, original.get()))
                    .findFirst();
            if (before.isEmpty())
                throw new Trouble.Refused("Host " + told.copier + " copied until now, and is none of the table's hosts"
                        + " any more ("
                        + String.join(
                                ", ", shard.stream().map(Topology.Host::name).toList())
                        + "), so the journal can't be read by its names. If it never comes back, say --host-is-gone "
                        + told.copier + "; else put it back into the cluster.");
        }
        // its lines are the first that are written of all
        before.filter(p -> !told.ended
                        && p.name().equals(told.copier)
                        && LastRun.in(s.journal(), p).at.isBefore(told.at))
                .ifPresent(p -> {
                    throw replaced(p.name());
                });
        before.ifPresent(p -> s.journal().readsFrom(p.server()));
        return new CopyingHost(
                name, leftOut, told.copier, Optional.of(before.map(Peer::name).orElse(told.copier)), same(s, before));
    }

    /// A host that was made anew under the old name has tables by its usual DDL, or from before the swap. What it
    /// calls its tables is what all others are made to follow: they would have exchanged the swap back without its
    /// rows.
    private static Trouble replaced(String copier) {
        return new Trouble.Refused(
                "Host " + copier + " copied until now, and its journal lacks lines that other hosts have: its disk was"
                        + " replaced, or put back to an older state. Nothing was changed, for its table names can't be"
                        + " trusted. Stop the server there, and say --host-is-gone " + copier
                        + ": another host goes on. When the migration is final make its replicas anew.");
    }

    private CopyingHost(String name, LeftOut leftOut, String read) {
        this(name, leftOut, read, Optional.empty(), Map.of());
    }

    private static boolean ended(Session s) {
        return s.journal().last(Entry.Event.FINALIZED).isPresent();
    }

    private static boolean has(Session s, Function<String, List<Row>> query, Original original) {
        return replicas(s.rewrite(), query.apply(replicas(s.rewrite()))).stream()
                .anyMatch(t -> t.uuid.equals(original.uuid()));
    }

    /// Behind the lock: who copies was read before it, and another run may have changed it since. What was read then
    /// is held against what is there now, for a host may have another name by now: where all had, and another one
    /// was to copy, each run said so, and none got on.
    ///
    /// @throws Trouble.Refused where it has
    /// @throws Trouble.Failed  where a host does not answer, for it may be the one that knows
    public static void mustBeKnown(Session s) {
        if (!s.copying().ofSeveral()) return;
        var told = LastRun.in(
                        new Journal(s.server(), s.journal().table(), s.journal().migration(), "", Optional.empty()))
                .newest(HostsInParallel.each(s.peers(), p -> LastRun.in(s.journal(), p)));
        if (told.copier.isEmpty()
                || told.copier.equals(s.copying().read())
                || told.copier.equals(s.copying().name())) return;
        if (s.copying().before().isEmpty()
                && s.peers().stream().noneMatch(p -> p.name().equals(told.copier))) return;
        throw new Trouble.Refused("Another run had host " + told.copier + " copy "
                + s.rewrite().source() + " meanwhile, so nothing was changed: run again.");
    }

    /// Tables of this migration by the names that they had on the host before and have on this one.
    ///
    /// @param before that host; empty where it is gone
    public static Map<String, String> same(Session s, Optional<Peer> before) {
        s.journal().reads(Map.of());
        var journal = s.journal().entries();
        var ours = replicas(s.rewrite(), s.server().query(replicas(s.rewrite())));
        var out = new TreeMap<String, String>();
        if (before.isPresent())
            for (var t : replicas(s.rewrite(), before.get().query(replicas(s.rewrite()))))
                ours.stream().filter(o -> o.path.equals(t.path)).findFirst().ifPresent(o -> out.put(t.uuid, o.uuid));
        else byPaths(journal, s.rewrite(), ours, out);
        // the definition names the replica, which each host may do by itself
        Original.find(journal)
                .ifPresent(o -> ours.stream()
                        .filter(t -> t.uuid.equals(out.get(o.uuid())))
                        .findFirst()
                        .ifPresent(t -> o.planned()
                                .flatMap(Definition::engineClause)
                                .ifPresent(engine -> out.put(
                                        engine, s.catalog().table(t.name).engineClause()))));
        out.entrySet().removeIf(e -> e.getKey().equals(e.getValue()));
        s.journal().reads(out);
        return out;
    }

    /// By what the journal has of a host that can't be asked.
    private static void byPaths(List<Entry> journal, Rewrite r, List<Replica> ours, Map<String, String> out) {
        var target =
                journal.stream().flatMap(e -> e.detail().namedTarget().stream()).reduce((a, b) -> b);
        var old = new ArrayList<Replica>();
        for (var t : ours)
            if (isTarget(r, t.path)) target.ifPresent(uuid -> out.put(uuid, t.uuid));
            else if (t.name.equals(r.source()) || old.isEmpty()) old.addFirst(t);
            else old.addLast(t);
        if (!old.isEmpty()) Original.find(journal).ifPresent(o -> out.put(o.uuid(), old.getFirst().uuid));
    }

    /// Whether a path in Keeper is a target's: it was made unique by the migration's name and a UUID.
    public static boolean isTarget(Rewrite r, String path) {
        return Pattern.compile("[_/]" + Pattern.quote(r.migration()) + "_[0-9a-f-]{36}")
                .matcher(path)
                .find();
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
