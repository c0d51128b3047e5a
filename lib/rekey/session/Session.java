package rekey.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.KeyText;
import rekey.clickhouse.Peer;
import rekey.clickhouse.Topology;
import rekey.model.Keys;
import rekey.model.Rewrite;
import rekey.model.Table;
import rekey.model.Trouble;

/// What every step and check is given: the server, what is to be rewritten, the journal, and the operator's hand.
/// Facts about the tables are read from the server each time they are asked for.
///
/// @param copying     the host that copies
/// @param peers       the other hosts that have a replica of the table's shard
/// @param others      of the first shard of several, the sessions of the others; each is about a shard of its own
/// @param elsewhere   all hosts of the other shards: they read from the same Kafka, and write to this one
/// @param lanes       how many chunks of this shard may be under way now
/// @param kind        what the ids of its statements begin with: a runner ends those of a dead runner, and leaves
///                    alone those of one who only looks
/// @param catalog     what is on the server: see [#glance]
/// @param formatted   the new keys as the server formats them, by the columns they are made of: asked
///                    for once for each
/// @param kafkaConfig a Kafka client's properties; `bootstrap.servers` in it outranks the Kafka table's own brokers
public record Session(
        ClickHouse server,
        CopyingHost copying,
        List<Peer> peers,
        List<Session> others,
        List<Peer> elsewhere,
        Rewrite rewrite,
        Map<String, String> kafkaConfig,
        Journal journal,
        Control control,
        Progress progress,
        Lanes lanes,
        AtomicLong statements,
        String kind,
        Catalog catalog,
        Map<Object, Keys> formatted)
        implements AutoCloseable {

    public Session(
            ClickHouse server,
            Rewrite rewrite,
            Map<String, String> kafkaConfig,
            Journal journal,
            Control control,
            Progress progress) {
        this(
                server,
                CopyingHost.ALONE,
                List.of(),
                List.of(),
                List.of(),
                rewrite,
                Map.copyOf(kafkaConfig),
                journal,
                control,
                progress,
                new Lanes(control),
                new AtomicLong(),
                "rekey",
                new Catalog(server),
                new ConcurrentHashMap<>());
    }

    /// The same for one who only looks, beside a runner in another process.
    public Session looking() {
        return as("rekey-look", others.stream().map(Session::looking).toList(), journal, catalog);
    }

    /// The same for one look that changes nothing and waits for nothing, a plan or a status: the journal is read
    /// once, and of the server each question is asked once, so that all that is said is of one moment. A plan read
    /// the journal 106 times. What is asked within such a look, by a plan that a runbook makes say, belongs to it.
    public Session glance() {
        if (catalog.seen() != null) return this;
        return as(kind, others.stream().map(Session::glance).toList(), journal.once(), Catalog.once(server));
    }

    private Session as(String kind, List<Session> others, Journal journal, Catalog catalog) {
        return copy(copying, peers, others, elsewhere, journal, statements, kind, catalog);
    }

    private Session among(List<Peer> peers, List<Session> others, List<Peer> elsewhere, AtomicLong statements) {
        return copy(copying, peers, others, elsewhere, journal, statements, kind, catalog);
    }

    private Session copy(
            CopyingHost copying,
            List<Peer> peers,
            List<Session> others,
            List<Peer> elsewhere,
            Journal journal,
            AtomicLong statements,
            String kind,
            Catalog catalog) {
        return new Session(
                server,
                copying,
                peers,
                others,
                elsewhere,
                rewrite,
                kafkaConfig,
                journal,
                control,
                progress,
                lanes,
                statements,
                kind,
                catalog,
                formatted);
    }

    /// The same with the other hosts of the table's shard: [#server] is the one that copies. What is written down
    /// goes to all of them.
    public Session with(List<Peer> replicas) {
        journal.also(replicas);
        return among(replicas, others, elsewhere, statements);
    }

    /// The same of a shard whose hosts are known by name. Where another host copied until now, what it wrote down is
    /// read by this one's names from here on.
    ///
    /// @param leftOut hosts that the shard does not have, and Keeper may
    Session with(List<Topology.Host> shard, List<Peer> replicas, LeftOut leftOut) {
        var among = with(replicas);
        // of one host that was never one of several
        if (replicas.isEmpty()
                && leftOut.all().isEmpty()
                && CopyingHost.LastRun.in(journal).copier().isEmpty()) return among;
        var copies = CopyingHost.of(among, shard, leftOut);
        journal.reads(copies.same());
        return copy(copies, replicas, others, elsewhere, journal, statements, kind, catalog);
    }

    /// The first shard's session, of all shards of a cluster. Each has its own copier, journal and progress; the
    /// operator's hand is one over all.
    public static Session of(List<Session> shards) {
        var statements = shards.getFirst().statements;
        var out = new ArrayList<Session>();
        for (var s : shards.reversed())
            out.addFirst(s.among(
                    s.peers,
                    s == shards.getFirst() ? List.copyOf(out) : List.of(),
                    shards.stream()
                            .filter(other -> other != s)
                            .flatMap(other -> Stream.concat(
                                    Stream.of(new Peer(other.server.endpoint().host(), other.server)),
                                    other.peers.stream()))
                            .toList(),
                    statements));
        return out.getFirst();
    }

    /// Of all shards, each spoken to by its first host.
    ///
    /// @param session  of one copier; the runner's name and the operator's hand are the same for all
    /// @param gone     hosts that the topology does not have, and that never come back
    /// @param listener is shown every statement that changes something on another host, before it is sent
    public static Session of(
            Topology topology,
            Set<String> gone,
            Function<Topology.Host, ClickHouse> connect,
            Function<ClickHouse, Session> session,
            Consumer<String> listener) {
        return of(topology, LeftOut.gone(gone), connect, session, listener);
    }

    /// The same without hosts that are away, too.
    public static Session of(
            Topology topology,
            LeftOut leftOut,
            Function<Topology.Host, ClickHouse> connect,
            Function<ClickHouse, Session> session,
            Consumer<String> listener) {
        return of(HostsInParallel.each(topology.shards(), shard -> {
            var copier = connect.apply(shard.getFirst());
            return session.apply(copier).with(shard, Topology.peers(shard, copier.endpoint(), listener), leftOut);
        }));
    }

    /// The same for a look, without the other hosts that do not answer in this moment: one that is away keeps nobody
    /// from seeing where a migration stands. Those that copy must answer.
    public Session answering() {
        if (peers.isEmpty() && elsewhere.isEmpty()) return this;
        var away = Set.copyOf(HostsInParallel.each(everyPeer(), peer -> answers(peer) ? "" : name(peer)));
        return without(
                away, others.stream().map(s -> s.without(away, List.of())).toList());
    }

    private Session without(Set<String> away, List<Session> others) {
        return among(without(peers, away), others, without(elsewhere, away), statements);
    }

    private static List<Peer> without(List<Peer> of, Set<String> away) {
        return of.stream().filter(peer -> !away.contains(name(peer))).toList();
    }

    private static String name(Peer peer) {
        return peer.endpoint().url();
    }

    private static boolean answers(Peer peer) {
        try {
            peer.query("SELECT 1");
            return true;
        } catch (Trouble.Failed e) {
            return false;
        }
    }

    /// Closes what speaks to its hosts.
    @Override
    public void close() {
        for (var s : shards()) {
            s.server.close();
            s.peers.forEach(Peer::close);
        }
    }

    /// Of this shard alone.
    public Session alone() {
        return others.isEmpty() ? this : among(peers, List.of(), elsewhere, statements);
    }

    /// This shard, which is the first, and the others.
    public List<Session> shards() {
        return Stream.concat(Stream.of(this), others.stream()).toList();
    }

    /// All hosts of all shards, the one that copies here first.
    public List<ClickHouse> everyHost() {
        return everyPeer().stream().map(Peer::server).toList();
    }

    /// The same, each connected when it is first needed.
    public List<Peer> everyPeer() {
        return Stream.of(List.of(new Peer(server.endpoint().host(), server)), peers, elsewhere)
                .flatMap(List::stream)
                .toList();
    }

    /// Whether the replicas that Keeper has are those that are known. A host that is left out has its own there, one
    /// that never comes back until somebody drops it.
    public boolean knows(long replicas) {
        long known = peers.size() + 1;
        return replicas >= known && replicas <= known + copying.leftOut().all().size();
    }

    /// All hosts of the shard, the one that copies first.
    public List<ClickHouse> hosts() {
        return Stream.concat(Stream.of(server), peers.stream().map(Peer::server))
                .toList();
    }

    /// What is on a host. Of one look it is asked once, as what is on the copier: of 90 hosts a plan asked each a
    /// dozen times which Kafka tables it has.
    public Catalog catalog(ClickHouse host) {
        if (host == server) return catalog;
        if (catalog.seen() == null) return new Catalog(host);
        return (Catalog) catalog.seen()
                .computeIfAbsent("on " + host.endpoint().url(), url -> List.of(Catalog.once(host)))
                .getFirst();
    }

    public Limits limits() {
        return control.limits();
    }

    /// The live table as it is now.
    public Table source() {
        return catalog().table(rewrite.source());
    }

    /// The new keys as the server formats them.
    public Keys keys(Table source) {
        return formatted.computeIfAbsent(
                List.of(source.name(), source.engine(), source.columns()),
                columns -> new KeyText(server).keys(rewrite, source));
    }

    /// A new id for a statement of this run, by which it can be seen, killed and awaited; it names the migration and
    /// the runner, so that another can tell whose it is.
    public String queryId(String what) {
        return queryPrefix() + journal.runner() + ":" + statements.incrementAndGet() + ":" + what;
    }

    /// What the ids of all statements of this migration begin with.
    public String queryPrefix() {
        return kind + ":" + rewrite.source().database() + ":" + journal.migration() + ":";
    }

    /// A statement of this run on every host, for what each has for itself: settings, names, tables. On the one that
    /// copies last: what is so there is so everywhere.
    public void everywhere(String what, String sql) {
        for (var peer : peers) peer.execute(sql, queryId(what), settings(sql));
        execute(what, sql);
    }

    private static Map<String, String> settings(String sql) {
        return sql.startsWith("ALTER TABLE ") ? Ddl.CREATING : Map.of();
    }

    /// A statement of this run. An ALTER checks the whole definition again as a CREATE does, and refuses what its
    /// maker had to allow (an index that names a column twice; ran).
    public void execute(String what, String sql) {
        server.execute(sql, queryId(what), settings(sql));
    }
}
