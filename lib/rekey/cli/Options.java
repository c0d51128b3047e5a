package rekey.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;
import rekey.cli.text.EventLine;
import rekey.cli.text.Texts;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Peer;
import rekey.clickhouse.ServerGone;
import rekey.clickhouse.Sql;
import rekey.clickhouse.Topology;
import rekey.ingestion.HeldTime;
import rekey.migration.Migrations;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.CopierChoice;
import rekey.run.Healthcheck;
import rekey.run.MigrationState;
import rekey.run.ObserverThread;
import rekey.run.Orders;
import rekey.run.ProgressLine;
import rekey.run.Runner;
import rekey.run.Status;
import rekey.session.CopyingHost;
import rekey.session.Journal;
import rekey.session.LeftOut;
import rekey.session.Limits;
import rekey.session.LostCopier;
import rekey.session.Session;

/// The options of every command: where, what, and how to answer.
public class Options implements Operator {
    @Mixin
    RewriteOptions rewriting;

    @Mixin
    Connection connection;

    @Mixin
    Output output;

    // --- where and what ---

    /// @throws rekey.model.Trouble when nobody answers there, or the options make no sense
    public ClickHouse connect() {
        limits(); // those that make no sense are complained of before anything else
        return ClickHouse.connect(endpoint(), this::shown);
    }

    /// The same user on another host.
    ClickHouse connect(String url) {
        var e = endpoint();
        return ClickHouse.connect(new Endpoint(url, e.user(), e.password(), e.database(), e.properties()), this::shown);
    }

    void shown(String sql) {
        if (output.verbose) told.accept("-- " + sql);
    }

    /// While a run goes nothing is printed in its thread.
    private volatile Consumer<String> told = text -> output.say(text);

    /// The server that is meant.
    public Endpoint endpoint() {
        return connection.endpoint(asking(), preferred(), otherwise());
    }

    /// The same by other options of this kind, a password in clear among them.
    public List<String> connecting() {
        var e = endpoint();
        var out = new ArrayList<>(List.of("--url", e.url(), "--user", e.user(), "--database", e.database()));
        if (!e.password().isEmpty()) out.add("--password=" + e.password());
        out.addAll(connection.besides());
        return out;
    }

    /// Another host of the cluster; where it can't be reached it is named, with its address.
    public ClickHouse connect(Topology.Host host) {
        return peer(endpoint(), host).server();
    }

    private Peer peer(Endpoint e, Topology.Host host) {
        return new Peer(
                host.name(),
                new Endpoint(host.url(), e.user(), e.password(), e.database(), e.properties()),
                this::shown);
    }

    /// `url`, `user`, `password`, `database` that outrank the environment.
    protected Map<String, String> preferred() {
        return Map.of();
    }

    /// The same where neither options nor environment say anything.
    protected Map<String, String> otherwise() {
        return Map.of();
    }

    /// What was asked for of a migration.
    public Migrations.Wanted wanted() {
        return rewriting.wanted();
    }

    /// Whether any migration is named.
    public boolean named() {
        return rewriting.named();
    }

    /// The hosts that have a table, shard by shard, of each shard the one that copies first.
    ///
    /// @param journal of the migration, on the server
    Hosts hosts(ClickHouse server, TableName table, Journal journal) {
        var there = new Catalog(server).find(table);
        if (there.isEmpty()) return new Hosts(Topology.alone(server), LeftOut.NONE);
        var told = there.get().replicated() ? CopyingHost.LastRun.in(journal) : CopyingHost.LastRun.NOTHING;
        var topology =
                topology(server, table, connection.gone().orElse(told.leftOut().gone()));
        // this one may have been away, and know of no run since
        var others = topology.shards().stream()
                .flatMap(List::stream)
                .filter(h -> !h.local())
                .map(h -> peer(server.endpoint(), h))
                .toList();
        told = told.newest(journal, others);
        var gone = connection.gone().orElse(told.leftOut().gone());
        for (var host : gone) if (!told.leftOut().gone().contains(host)) mustBeGone(server, host, told.copiers());
        for (var shard : topology.shards())
            for (var host : shard)
                if (host.local() && gone.contains(host.name()))
                    throw new Trouble.Refused("Host " + host.name() + " was said to be gone for good, and it answers:"
                            + " nothing was changed. Run by another host of the table; or name with --host-is-gone"
                            + " those that are still gone, or none.");
        topology = topology(server, table, gone);
        topology.mustHave(copiers(), "--copier");
        var away = withoutCopier() ? away(server, there.get(), journal, topology, told) : Set.<String>of();
        var leftOut = new LeftOut(gone, away);
        if (!away.isEmpty()) topology = topology(server, table, leftOut.all());
        var named = told.or(copiers());
        boolean several = topology.shards().stream().anyMatch(shard -> shard.size() > 1);
        if (several && !told.begun() || !away.isEmpty())
            named = named.otherwise(new CopierChoice(table)
                    .of(
                            topology,
                            host -> peer(server.endpoint(), host).impatient().server()));
        return new Hosts(named.first(topology), leftOut);
    }

    /// Hosts that do not answer and that others copy on without: those that copied, or were away in the last run. Of
    /// any other host nobody knows that the rest has all lines of the journal. Keeper is asked behind that.
    private Set<String> away(
            ClickHouse server, Table there, Journal journal, Topology topology, CopyingHost.LastRun told) {
        var known = new HashSet<>(told.copiers());
        known.addAll(told.leftOut().away());
        var asked = topology.shards().stream()
                .flatMap(List::stream)
                .filter(h -> known.contains(h.name()) && !h.local())
                .toList();
        if (asked.isEmpty()) return Set.of();
        var away = new HashSet<>(HostsInParallel.each(asked, h -> silent(peer(server.endpoint(), h)) ? h.name() : ""));
        away.remove("");
        boolean none =
                topology.shards().stream().anyMatch(shard -> shard.stream().allMatch(h -> away.contains(h.name())));
        if (away.isEmpty()
                || none
                || LostCopier.obstacle(journal.entries(), there.folds()).isPresent()) return Set.of();
        say("Host " + String.join(", ", away) + " does not answer: the others copy on without it, if by Keeper it is"
                + " not active.");
        return Set.copyOf(away);
    }

    private static boolean silent(Peer host) {
        try (var impatient = host.impatient()) {
            impatient.query("SELECT 1");
            return false;
        } catch (ServerGone away) {
            return true;
        } catch (Trouble.Failed told) {
            return false; // it is there, whatever it says
        }
    }

    /// Whether what is to be run may go on without the host that copied.
    boolean withoutCopier() {
        return false;
    }

    private Topology topology(ClickHouse server, TableName table, Set<String> gone) {
        return Topology.of(
                server, table, connection.cluster == null ? "" : connection.cluster, connection.addresses(), gone);
    }

    /// @param copiers   of the last run: the cluster may have such a host no more
    /// @throws Trouble.Usage   where no cluster has such a host
    /// @throws Trouble.Refused where it answers, with an error say
    private void mustBeGone(ClickHouse server, String host, List<String> copiers) {
        boolean listed = !server.query("SELECT 1 FROM system.clusters WHERE host_name = " + Sql.text(host))
                .isEmpty();
        if (!listed && copiers.contains(host)) return; // it was taken out of the cluster
        if (!listed)
            throw new Trouble.Usage("There is no host " + host + " in system.clusters for --host-is-gone: give its name"
                    + " as that has it.");
        var url = connection
                .addresses()
                .getOrDefault(host, Topology.at(server.endpoint().url(), host));
        if (silent(peer(server.endpoint(), new Topology.Host(host, url, false)))) return;
        throw new Trouble.Refused("Host " + host + " answers at " + url + ", so it is not gone: nothing was changed."
                + " Leave out --host-is-gone; another host copies with --copier.");
    }

    /// @param leftOut of the cluster
    record Hosts(Topology topology, LeftOut leftOut) {}

    /// The hosts that are to copy; none for those of the last run.
    List<String> copiers() {
        return List.of();
    }

    /// For Kafka's clients.
    public Map<String, String> kafka() {
        return connection.kafka();
    }

    /// By which any command finds the same migration, as a person types them; the server and the user come from the
    /// environment.
    ///
    /// @param database that of bare table names
    public String arguments(String database) {
        return RewriteOptions.arguments(database, wanted());
    }

    public Limits limits() {
        return Limits.DEFAULT;
    }

    /// The same where they follow from the server, as far as nobody says them.
    public Limits limits(ClickHouse server) {
        return limits();
    }

    // --- how ---

    /// Whether stack traces are wanted.
    public boolean verbose() {
        return output.verbose;
    }

    @Override
    public void print(Object answer) {
        output.print(answer);
    }

    @Override
    public void text(String text) {
        output.text(text);
    }

    @Override
    public void say(String text) {
        output.say(text);
    }

    @Override
    public void sure(String question) {
        asking().sure(question);
    }

    @Override
    public void consent(Supplier<List<String>> lines, String question) {
        if (asking().yes() || !ConsolePrompt.terminal()) return;
        int width = ConsolePrompt.columns();
        var all = lines.get();
        if (all.isEmpty()) return;
        for (var line : all) say("  - " + Texts.wrapped(line, 4, width));
        asking().consent(question);
    }

    String onEvent() {
        return null;
    }

    @Override
    public boolean dryRun() {
        return false;
    }

    ConsolePrompt asking() {
        return new ConsolePrompt(false);
    }

    /// Here and now, with the operator's orders heard and Ctrl-C turned into a stop.
    @Override
    public int carryOut(String what, ConfirmedRun run, Consumer<Runner> work) {
        var session = run.session();
        try (var hook = new EventHook(onEvent(), session.rewrite(), output::say);
                var progress = new ProgressLine(output.err(), ConsolePrompt.terminal());
                var _ = new Interrupt(session)) {
            session.journal().listen(e -> {
                if (output.json()) progress.tell(() -> output.json(EventLine.json(e)));
                var line = EventLine.text(e);
                if (!line.isEmpty()) progress.say(line);
            });
            session.journal().listen(hook::hear);
            told = progress::say;
            try {
                work.accept(new Runner(session, takeOver(), List.of(new Orders(), new Healthcheck(), progress)));
            } catch (RuntimeException e) {
                hook.ended(e);
                throw e;
            }
            if (onEvent() != null && Status.of(session, run.migration(), null).state() == MigrationState.SWAPPED)
                hook.waitingForFinalize(serverTime(session));
        } finally {
            told = output::say;
        }
        print(run.status());
        return 0;
    }

    @Override
    public int lookOn(Session looking, Consumer<Session> work) {
        try (var progress = new ProgressLine(output.err(), ConsolePrompt.terminal());
                var _ = new Interrupt(looking);
                var _ = new ObserverThread(looking, List.of(progress))) {
            work.accept(looking);
        }
        return 0;
    }

    private static Instant serverTime(Session session) {
        long us = HeldTime.now(session.server());
        return Instant.ofEpochSecond(us / 1_000_000, us % 1_000_000 * 1000);
    }
}
