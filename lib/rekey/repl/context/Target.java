package rekey.repl.context;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import rekey.cli.Job;
import rekey.cli.PlanOptions;
import rekey.cli.RewriteOptions;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.clickhouse.Peer;
import rekey.clickhouse.Topology;
import rekey.migration.Migration;
import rekey.migration.Migrations;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.CopyingHost;
import rekey.session.Limits;
import rekey.session.Session;

/// What a session of the REPL works on: a server, a migration on it, and what a run may cost. A connection that was
/// lost is made anew when it is needed next.
public final class Target implements AutoCloseable {
    private final PlanOptions options;
    private final Dialogue dialogue;
    private final SessionRuns runs;
    private final OtherHosts others = new OtherHosts();
    private volatile ClickHouse server;
    private volatile Endpoint endpoint;
    private volatile Migration migration;
    private volatile Session session;
    private volatile Instant toldAt;
    private volatile Migrations.Wanted chosenBy;
    private volatile Limits limits;
    /// Whether a limit was changed in this session: it holds on the next server too.
    private volatile boolean told;

    public Target(PlanOptions options, Dialogue dialogue, SessionRuns runs) {
        this.options = options;
        this.dialogue = dialogue;
        this.runs = runs;
        this.limits = options.limits();
    }

    /// Connects without the lock: a server that says nothing keeps nobody from turning to another.
    ///
    /// @throws Trouble when it can't be reached
    public ClickHouse server() {
        for (var to = endpoint(); server == null; to = endpoint()) turnTo(ClickHouse.connect(to), to);
        return server;
    }

    /// Unless another thread was sooner, or has turned to another.
    private synchronized void turnTo(ClickHouse found, Endpoint asked) {
        if (server == null && asked.equals(endpoint())) turnTo(found);
        else found.close();
    }

    /// Known also while the server is away.
    public Endpoint endpoint() {
        return endpoint == null ? options.endpoint() : endpoint;
    }

    /// From now on this server; the migration is looked for there.
    public void connect(Endpoint to) {
        runs.mustBeOver("connect to another server");
        runs.unfollow();
        turnTo(dialogue.asked(() -> ClickHouse.connect(to)));
    }

    private synchronized void turnTo(ClickHouse found) {
        others.close();
        if (server != null) server.close();
        server = found;
        endpoint = found.endpoint();
        if (!told) limits = options.limits(found);
        session = null;
        migration = null;
        if (options.named()) choose(options.wanted());
    }

    /// Bare names in SQL are of this database from now on. The migration that is chosen stays.
    public synchronized void use(String database) {
        endpoint = endpoint().withDatabase(database);
        if (migration != null || runs.own().isPresent()) return;
        var found = ClickHouse.connect(endpoint);
        if (server != null) server.close();
        server = found;
    }

    /// The database that is meant by a bare table's name in a command.
    public String database() {
        return migration()
                .map(m -> m.rewrite().source().database())
                .orElseGet(() -> endpoint().database());
    }

    public Optional<Migration> migration() {
        return Optional.ofNullable(migration);
    }

    public Optional<TableName> source() {
        return migration().map(m -> m.rewrite().source());
    }

    /// @throws Trouble.Usage when it names none
    public void choose(Migrations.Wanted wanted) {
        runs.mustBeOver("turn to another migration");
        runs.unfollow();
        migration = Migrations.find(server(), wanted);
        chosenBy = wanted;
        opened(session(migration));
    }

    /// The looking session, and what the last run on its hosts had written down by then.
    private void opened(Session anew) {
        if (session != null) session.shards().forEach(s -> s.peers().forEach(Peer::close));
        session = anew;
        toldAt = anew.copying().ofSeveral()
                ? CopyingHost.LastRun.in(anew.journal()).at()
                : null;
    }

    /// On all hosts that have the table.
    private Session session(Migration of) {
        var asked = server();
        return Job.session(options, asked, of, limits, host -> host.local() ? asked : others.get(host, asked));
    }

    /// The options by which a script finds the same migration.
    public String arguments() {
        chosen();
        return RewriteOptions.arguments(endpoint().database(), chosenBy);
    }

    /// For looking; a run has one of its own.
    ///
    /// @throws Trouble.Usage when no migration is chosen
    public Session session() {
        server();
        chosen();
        // another host may copy since, and the journal be told by its names
        if (toldAt != null && !CopyingHost.LastRun.in(session.journal()).at().equals(toldAt))
            opened(session(migration));
        return session;
    }

    /// For one run.
    public Session newSession() {
        return session(chosen());
    }

    public Migration chosen() {
        return migration()
                .orElseThrow(() -> new Trouble.Usage(
                        "No migration is chosen: name one, as in  migration 0002_events_sample_by, or see "
                                + " migration --help."));
    }

    public Limits limits() {
        return limits;
    }

    /// Of the next run.
    public void limits(Limits changed) {
        limits = changed;
        told = true;
    }

    /// A Kafka client's properties.
    public Map<String, String> kafka() {
        return options.kafka();
    }

    @Override
    public void close() {
        runs.unfollow();
        others.close();
        if (server != null) server.close();
    }

    /// Hosts that copy, other than the one that is asked: connected once.
    private static final class OtherHosts implements AutoCloseable {
        private final Map<String, ClickHouse> connected = new HashMap<>();

        synchronized ClickHouse get(Topology.Host host, ClickHouse asked) {
            var e = asked.endpoint();
            return connected.computeIfAbsent(
                    host.url(),
                    url -> new Peer(
                                    host.name(),
                                    new Endpoint(url, e.user(), e.password(), e.database(), e.properties()),
                                    sql -> {})
                            .server());
        }

        @Override
        public synchronized void close() {
            connected.values().forEach(ClickHouse::close);
            connected.clear();
        }
    }
}
