package rekey.cli;

import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import rekey.check.Check.Verdict;
import rekey.cli.text.PlanSql;
import rekey.cli.text.PlanText;
import rekey.cli.text.Texts;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Topology;
import rekey.compare.ComparedShare;
import rekey.migration.Migration;
import rekey.migration.Migrations;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Alteration;
import rekey.run.CheckResults;
import rekey.run.MergeHoldWarning;
import rekey.run.Plan;
import rekey.run.Standstill;
import rekey.run.Status;
import rekey.session.Control;
import rekey.session.Journal;
import rekey.session.Limits;
import rekey.session.Progress;
import rekey.session.Session;
import rekey.step.Step;

/// What a script works on: one migration on one server, as its options name them. Opened by [#open]; says first when
/// ingestion stands still with nobody there to resume it.
public final class Job implements AutoCloseable {
    private final Options options;
    private final ClickHouse server;
    private final Session session;
    private final Migration migration;

    private Job(Options options, ClickHouse server, Session session, Migration migration) {
        this.options = options;
        this.server = server;
        this.session = session;
        this.migration = migration;
    }

    /// @throws Trouble when there is no such server, migration or table
    public static Job open(Options options) {
        var server = options.connect();
        try {
            if (!options.rewriting.named()) options.rewriting.migration = only(server);
            var job = of(options, server, Migrations.find(server, options.rewriting.wanted()));
            job.warn();
            return job;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /// Where none is named the journal's only one is meant.
    ///
    /// @return null where it knows none
    /// @throws Trouble.Usage where it knows several
    private static String only(ClickHouse server) {
        var database = server.endpoint().database();
        var all = Migrations.known(server);
        if (all.size() > 1)
            throw new Trouble.Usage("The journal of " + database + " knows several migrations: give "
                    + all.stream()
                            .map(name -> "--migration " + RewriteOptions.quoted(name))
                            .collect(Collectors.joining(" or "))
                    + ".");
        return all.isEmpty() ? null : all.getFirst();
    }

    /// What a runner left behind that can't wait is said first.
    private void warn() {
        Standstill.of(session).ifPresent(s -> options.output.say(s.sentence(Instant.now())));
        MergeHoldWarning.sentence(session).ifPresent(options.output::say);
    }

    /// For a script that is about one migration.
    ///
    /// @param name of a shipped one
    public static Job open(Options options, String name) {
        if (options.rewriting.migration != null && !options.rewriting.migration.equals(name))
            throw new Trouble.Usage(
                    "This script is about migration " + name + ": leave out --migration, or run migrate.");
        options.rewriting.migration = name;
        return open(options);
    }

    static Job of(Options options, ClickHouse server, Migration migration) {
        var hosts = hosts(options, server, migration);
        var topology = hosts.topology();
        // whichever host was named, the first one of each shard copies
        var first = topology.shards().getFirst().getFirst();
        var control = new Control(options.limits(server));
        if (!first.local()) server.close();
        var runner = newRunner();
        var session = Session.of(
                topology,
                hosts.leftOut(),
                host -> host == first && host.local() ? server : options.connect(host),
                copier -> session(copier, migration, options.kafka(), runner, control),
                options::shown);
        return new Job(options, session.server(), session, migration);
    }

    private static Options.Hosts hosts(Options options, ClickHouse server, Migration migration) {
        return options.hosts(server, migration.rewrite().source(), journal(server, migration, "", Optional.empty()));
    }

    /// For one run of a shell, or for looking, on all hosts that have the table.
    ///
    /// @param connect to one of them; who gives it closes what it made
    public static Session session(
            Options options,
            ClickHouse server,
            Migration migration,
            Limits limits,
            Function<Topology.Host, ClickHouse> connect) {
        var hosts = hosts(options, server, migration);
        var runner = newRunner();
        var control = new Control(limits);
        return Session.of(
                hosts.topology(),
                hosts.leftOut(),
                connect,
                copier -> session(copier, migration, options.kafka(), runner, control),
                options::shown);
    }

    /// For one run, or for looking; its journal has a local copy.
    public static Session session(ClickHouse server, Migration migration, Map<String, String> kafka, Limits limits) {
        return session(server, migration, kafka, newRunner(), new Control(limits));
    }

    private static String newRunner() {
        return "r" + UUID.randomUUID().toString().substring(0, 8);
    }

    private static Session session(
            ClickHouse server, Migration migration, Map<String, String> kafka, String runner, Control control) {
        var rewrite = migration.rewrite();
        var journal = journal(server, migration, runner, Optional.of(copy(server, rewrite.source(), migration.name())));
        return new Session(server, rewrite, kafka, journal, control, new Progress());
    }

    private static Journal journal(ClickHouse server, Migration migration, String runner, Optional<Path> copy) {
        var rewrite = migration.rewrite();
        return new Journal(
                server,
                rewrite.journal(),
                Journal.key(server, rewrite.journal(), migration.name(), rewrite.source()),
                runner,
                copy);
    }

    /// The journal's local copy, apart for each server, table and migration.
    private static Path copy(ClickHouse server, TableName table, String migration) {
        return state().resolve(plain(server.endpoint().host()))
                .resolve(plain(table.toString()))
                .resolve(plain(migration) + ".jsonl");
    }

    /// Where what is to outlive a process is kept: in REKEY_STATE, else where the user's state is.
    public static Path state() {
        if (System.getProperty("rekey.state", System.getenv("REKEY_STATE")) instanceof String own && !own.isEmpty())
            return Path.of(own);
        if (System.getenv("XDG_STATE_HOME") instanceof String state && !state.isEmpty()) return Path.of(state, "rekey");
        return Path.of(System.getProperty("user.home"), ".local", "state", "rekey");
    }

    private static String plain(String name) {
        return name.replaceAll("[^\\p{L}\\p{N}._-]", "_");
    }

    Options options() {
        return options;
    }

    public Session session() {
        return session;
    }

    public Migration migration() {
        return migration;
    }

    /// The same rewrite, its steps composed otherwise.
    public Job with(Step steps) {
        return new Job(
                options,
                server,
                session,
                new Migration(migration.rewrite(), migration.lowestVersion(), migration.after(), steps));
    }

    // --- look ---

    /// @return 0
    public int print(Object answer) {
        options.output.print(answer);
        return 0;
    }

    /// What would be done, or, with `sql`, its statements.
    ///
    /// @return 3 when it would be refused: a script that goes by `plan && migrate` is told before
    public int plan(boolean sql) {
        var plan = Plan.of(session, migration);
        int width = ConsolePrompt.columns();
        options.output.json(plan);
        options.output.text(
                sql
                        ? PlanSql.of(plan, width)
                        : PlanText.of(
                                plan,
                                Cli.called("migrate") + options.connection.arguments() + " "
                                        + options.arguments(server.endpoint().database()),
                                width));
        return plan.refusals().isEmpty() ? 0 : 3;
    }

    /// @return 3 when one of the checks refuses
    public int print(CheckResults checking) {
        for (var v : checking.verdicts()) options.output.json(json(v));
        options.output.text(Texts.of(checking));
        return checking.refused() ? 3 : 0;
    }

    private static Map<String, String> json(Verdict v) {
        var out = new LinkedHashMap<String, String>();
        out.put("name", v.name());
        out.put("verdict", v.verdict().name().toLowerCase());
        out.put("saw", v.saw());
        out.put("needs", v.needs());
        out.put("do", v.todo());
        return out;
    }

    public Status status() {
        return Status.withLag(session, migration);
    }

    /// Where the migration stands that the options name; where they name none, all that the database's journal
    /// knows.
    public static List<Status> statuses(Options options) {
        if (options.rewriting.named())
            try (var job = open(options)) {
                return List.of(job.status());
            }
        try (var server = options.connect()) {
            var all = Migrations.known(server).stream()
                    .map(name -> status(options, server, name))
                    .toList();
            if (all.isEmpty())
                options.output.say("No migration is known in the database "
                        + server.endpoint().database()
                        + ": name one with --migration or --table, or another --database.");
            return all;
        }
    }

    /// One that can't be read says why, and hides no other.
    private static Status status(Options options, ClickHouse server, String name) {
        // its own connection: it is left for the first host's, where that is another
        try (var job = of(options, options.connect(), Migrations.named(server, name))) {
            job.warn();
            return job.status();
        } catch (Trouble e) {
            server.query("SELECT 1"); // where the server is away nothing is told of any
            return Status.unreadable(name, e.getMessage());
        }
    }

    // --- change ---

    /// One operation; with `--dry-run` its statements are printed instead.
    ///
    /// @return 0
    /// @throws Trouble.Refused when an operation that comes before it is not done
    public int run(Step step) {
        return step.name().equals("backfill")
                ? new ChangingHosts(this).goingOn(run -> run.one(step), run -> run.goOn(step))
                : run().one(step);
    }

    /// All operations that are not done.
    ///
    /// @param until the last one of these to be run, null for all
    public int migrate(String until) {
        return new ChangingHosts(this).goingOn(run -> run.all(until), run -> run.goOn(until));
    }

    /// Back to before the migration, whether it runs or not; a run is stopped first.
    public int rollback() {
        return run().rollBack();
    }

    /// Compares by reading alone, whoever runs the migration meanwhile.
    ///
    /// @param sample the share of the keys to be compared; 1 for all rows
    /// @param afresh partitions that have not changed since they were compared, too
    /// @return 3 when something differs
    public int verify(double sample, boolean afresh) {
        return run().verify(new ComparedShare(sample), afresh);
    }

    /// Drops the new table and fills it anew.
    public int again() {
        return run().again();
    }

    /// Ends a run, of whoever it is, and waits until it has ended.
    public int stop() {
        return run().stop();
    }

    /// Shows what a step would do, and asks, unless `--yes` was given.
    public void sure(Step step, String question) {
        run().sure(step, question);
    }

    /// The server's own ALTER, where one brings what is asked for.
    ///
    /// @throws Trouble.Refused where none does
    public int alter(AlterOptions asked) {
        var alteration = Alteration.of(session, asked.added, asked.projection);
        var way = alteration.way();
        if (asked.dryRun()) return print(new Plan.Part("alter", way.says(), way.sql(), List.of()));
        run().sure(way);
        alteration.run();
        options.output.json(way);
        options.output.text("Altered. " + way.says() + ".");
        return 0;
    }

    ConfirmedRun run() {
        return new ConfirmedRun(session, migration, options);
    }

    @Override
    public void close() {
        session.close();
    }
}
