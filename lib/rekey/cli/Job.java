package rekey.cli;

import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import rekey.check.Check.Verdict;
import rekey.cli.text.Texts;
import rekey.clickhouse.ClickHouse;
import rekey.compare.Sample;
import rekey.migration.Migration;
import rekey.migration.Migrations;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Checking;
import rekey.run.Lag;
import rekey.run.LeftHeld;
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
            var job = of(options, server, Migrations.find(server, options.rewriting.wanted()));
            job.warn();
            return job;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /// What a runner left behind that can't wait is said first.
    private void warn() {
        Status.standstill(session).ifPresent(s -> options.output.say(s.sentence(Instant.now())));
        LeftHeld.sentence(session).ifPresent(options.output::say);
    }

    /// For a script that is about one migration.
    ///
    /// @param name of a shipped one
    public static Job open(Options options, String name) {
        if (options.rewriting.migration != null && !options.rewriting.migration.equals(name))
            throw new Trouble.Usage("This script is about migration " + name + ": leave out --migration, or run migrate.");
        options.rewriting.migration = name;
        return open(options);
    }

    private static Job of(Options options, ClickHouse server, Migration migration) {
        return new Job(options, server, session(server, migration, options.kafka(), options.limits()), migration);
    }

    /// For one run, or for looking; its journal has a local copy.
    public static Session session(ClickHouse server, Migration migration, Map<String, String> kafka, Limits limits) {
        var runner = "r" + UUID.randomUUID().toString().substring(0, 8);
        var rewrite = migration.rewrite();
        var journal = new Journal(server, rewrite.journal(), migration.name(), runner, Optional.of(copy(server, rewrite.source(), migration.name())));
        return new Session(server, rewrite, kafka, journal, new Control(limits), new Progress());
    }

    /// The journal's local copy, apart for each server, table and migration.
    private static Path copy(ClickHouse server, TableName table, String migration) {
        return state().resolve(plain(server.endpoint().host())).resolve(plain(table.toString())).resolve(plain(migration) + ".jsonl");
    }

    /// Where what is to outlive a process is kept: in REKEY_STATE, else where the user's state is.
    public static Path state() {
        if (System.getProperty("rekey.state", System.getenv("REKEY_STATE")) instanceof String own && !own.isEmpty()) return Path.of(own);
        if (System.getenv("XDG_STATE_HOME") instanceof String state && !state.isEmpty()) return Path.of(state, "rekey");
        return Path.of(System.getProperty("user.home"), ".local", "state", "rekey");
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
        return Status.of(session, migration, Lag.of(session));
    }

    /// Where the migration stands that the options name; where they name none, all that the database's journal knows.
    public static List<Status> statuses(Options options) {
        if (options.rewriting.named()) try (var job = open(options)) {
            return List.of(job.status());
        }
        try (var server = options.connect()) {
            var all = Journal.migrations(server, new TableName(server.endpoint().database(), "rekey_journal")).stream()
                    .map(name -> of(options, server, Migrations.named(server, name))).toList();
            all.forEach(Job::warn);
            if (all.isEmpty()) options.output.say("No migration is known in the database " + server.endpoint().database() + ": name one with --migration or --table, or another --database.");
            return all.stream().map(Job::status).toList();
        }
    }

    // --- change ---

    /// One operation; with `--dry-run` its statements are printed instead.
    ///
    /// @return 0
    /// @throws Trouble.Refused when an operation that comes before it is not done
    public int run(Step step) {
        return run().one(step);
    }

    /// All operations that are not done.
    ///
    /// @param until the last one of these to be run, null for all
    public int migrate(String until) {
        return run().all(until);
    }

    /// Back to before the migration, whether it runs or not; a run is stopped first.
    public int rollback() {
        return run().back();
    }

    /// Compares by reading alone, whoever runs the migration meanwhile.
    ///
    /// @param sample the share of the keys to be compared; 1 for all rows
    /// @param afresh partitions that have not changed since they were compared, too
    /// @return 3 when something differs
    public int verify(double sample, boolean afresh) {
        return run().verify(new Sample(sample), afresh);
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

    private Run run() {
        return new Run(session, migration, options);
    }

    @Override public void close() {
        server.close();
    }
}
