package rekey.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import rekey.check.Check.Verdict;
import rekey.clickhouse.ClickHouse;
import rekey.migration.Migration;
import rekey.migration.Migrations;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Checking;
import rekey.run.Healthcheck;
import rekey.run.Orders;
import rekey.run.Plan;
import rekey.run.Planned;
import rekey.run.ProgressWatch;
import rekey.run.Required;
import rekey.run.RunLock;
import rekey.run.Runner;
import rekey.run.Status;
import rekey.session.Control;
import rekey.session.Journal;
import rekey.session.Progress;
import rekey.session.Session;
import rekey.step.Position;
import rekey.step.Step;
import rekey.step.Steps;

/// What a script works on: one migration on one server, as its options name them. Opened by [#open]; says first when
/// ingestion stands still with nobody there to resume it.
public final class Job implements AutoCloseable {
    private static final Duration UNTIL_STOPPED = Duration.ofMinutes(2);

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
        var server = connect(options);
        try {
            var job = of(options, server, Migrations.find(server, options.rewriting.wanted()));
            Status.standstill(job.session).ifPresent(s -> options.output.say(s.sentence(Instant.now())));
            return job;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private static Job of(Options options, ClickHouse server, Migration migration) {
        var runner = "r" + UUID.randomUUID().toString().substring(0, 8);
        var rewrite = migration.rewrite();
        var journal = new Journal(server, rewrite.journal(), migration.name(), runner, Optional.of(copy(server, rewrite.source(), migration.name())));
        return new Job(options, server, new Session(server, rewrite, options.connection.kafka(), journal, new Control(options.limits()), new Progress()), migration);
    }

    private static ClickHouse connect(Options options) {
        var output = options.output;
        return ClickHouse.connect(options.connection.endpoint(options.asking()), sql -> { if (output.verbose) output.say("-- " + sql); });
    }

    /// The journal's local copy, apart for each server, table and migration.
    private static Path copy(ClickHouse server, TableName table, String migration) {
        var home = Path.of(System.getProperty("user.home"));
        var state = System.getenv("XDG_STATE_HOME") instanceof String s && !s.isEmpty() ? Path.of(s) : home.resolve(".local/state");
        return state.resolve("rekey").resolve(plain(server.endpoint().host())).resolve(plain(table.toString())).resolve(plain(migration) + ".jsonl");
    }

    private static String plain(String name) {
        return name.replaceAll("[^\\p{L}\\p{N}._-]", "_");
    }

    public Session session() {
        return session;
    }

    public Migration migration() {
        return migration;
    }

    /// The same rewrite, its steps composed otherwise.
    public Job with(Step steps) {
        return new Job(options, server, session, new Migration(migration.rewrite(), migration.lowestVersion(), migration.after(), steps));
    }

    // --- look ---

    /// @return 0
    public int print(Object answer) {
        options.output.print(answer);
        return 0;
    }

    /// @return 3 when one of the checks refuses
    public int print(Checking checking) {
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
        return Status.of(session, migration, ProgressWatch.lagOf(session));
    }

    /// All migrations that the journal of the connection's database knows.
    public static int printAll(Options options) {
        try (var server = connect(options)) {
            var names = Journal.migrations(server, new TableName(server.endpoint().database(), "rekey_journal"));
            for (var name : names) {
                var job = of(options, server, Migrations.named(server, name));
                Status.standstill(job.session).ifPresent(s -> options.output.say(s.sentence(Instant.now())));
                options.output.print(job.status());
            }
            if (names.isEmpty()) options.output.text("No migration is known in the database " + server.endpoint().database() + ". Name one with --migration or --table, or another --database.");
            return 0;
        }
    }

    // --- run ---

    /// One operation.
    public int run(Step step) {
        if (options.dryRun()) return print(Plan.part(session, step));
        if (alreadySo()) return 0;
        Prerequisites.of(session, migration, step);
        boolean first = step.name().equals("create");
        watched(runner -> {
            if (first) runner.run(new Migration(migration.rewrite(), migration.lowestVersion(), migration.after(), Steps.sequence(new Planned(migration), step)), Optional.empty());
            else runner.run(step);
        });
        return print(status());
    }

    /// All operations that are not done, until one of a name has been done.
    ///
    /// @param until null for all
    public int migrate(String until) {
        if (options.dryRun()) return left();
        if (alreadySo()) return 0;
        var planned = new Migration(migration.rewrite(), migration.lowestVersion(), migration.after(), Steps.sequence(new Planned(migration), migration.steps()));
        watched(runner -> runner.run(planned, Optional.ofNullable(until)));
        return print(status());
    }

    private int left() {
        var parts = Plan.of(session, migration).steps();
        if (parts.isEmpty()) options.output.text("Nothing is left to do.");
        parts.forEach(this::print);
        return 0;
    }

    /// A table that has the keys is no error: there is nothing to do.
    private boolean alreadySo() {
        if (!(Position.of(session) instanceof Position.NotBegun)) return false;
        var required = Required.of(session);
        if (required.required()) return false;
        print(required);
        return true;
    }

    /// Back to before the migration, whether it runs or not.
    public int rollback() {
        if (options.dryRun()) return undo();
        RunLock.holder(session.server(), session.rewrite().source()).ifPresent(holder -> {
            options.asking().sure("Migration " + migration.name() + " runs (" + holder + "). Stop it and roll back?");
            stop();
        });
        watched(runner -> runner.rollback(migration));
        return print(status());
    }

    private int undo() {
        for (var step : Steps.flat(migration.steps()).reversed()) {
            var d = step.describe(session);
            if (step.state(session).phase() != Step.Phase.TO_DO && !d.undo().isEmpty()) print(new Plan.Part("undo " + step.name(), "Takes " + step.name() + " back.", d.undo(), List.of()));
        }
        return 0;
    }

    /// Ends a run from here and waits until it has ended.
    public int stop() {
        var holder = RunLock.holder(session.server(), session.rewrite().source());
        if (holder.isEmpty()) {
            options.output.text("Nothing runs on " + session.rewrite().source() + ".");
            return 0;
        }
        options.output.say("Stopping " + holder.get() + ".");
        Orders.stop(session);
        var until = Instant.now().plus(UNTIL_STOPPED);
        while (RunLock.holder(session.server(), session.rewrite().source()).isPresent()) {
            if (Instant.now().isAfter(until)) throw new Trouble.Failed("The runner (" + holder.get() + ") has not stopped within "
                    + UNTIL_STOPPED.toMinutes() + " minutes: end its process, or go on from here with --take-over.");
            session.control().sleep(100);
        }
        return 0;
    }

    /// Asks, unless `--yes` was given.
    public void sure(String question) {
        if (!options.dryRun()) options.asking().sure(question);
    }

    private void watched(Consumer<Runner> work) {
        try (var progress = new ProgressWatch(options.output.err(), Asking.terminal()); var _ = new Interrupt(session)) {
            session.journal().listen(e -> {
                if (options.output.json()) options.output.json(EventLine.json(e));
                var line = EventLine.text(e);
                if (!line.isEmpty()) progress.say(line);
            });
            work.accept(new Runner(session, options.takeOver(), List.of(new Orders(), new Healthcheck(), progress)));
        }
    }

    @Override public void close() {
        server.close();
    }
}
