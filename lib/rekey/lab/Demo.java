package rekey.lab;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import rekey.clickhouse.ClickHouse;
import rekey.migration.Events0002;
import rekey.migration.Migration;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Control;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.Limits;
import rekey.session.Progress;
import rekey.session.Session;
import rekey.step.Optimize;
import rekey.step.Trailing;

/// The main job on the embedded lab: the guide's table, filled and fed all the while, under its new keys; judged by
/// what Kafka acknowledged.
///
/// @param rows in the table before
/// @param rate messages a second, all the while
/// @param seed what the rows and messages follow from
/// @param say  is told what happens around the migration
/// @param seen is told each line of the journal
/// @param writers so many send plain INSERTs and never pause; see [Writers]
/// @param engine  of the table
public record Demo(
        long rows,
        int rate,
        long seed,
        List<Runner.Observer> observers,
        Consumer<String> say,
        Consumer<Entry> seen,
        int writers,
        String engine) {
    public Demo(
            long rows,
            int rate,
            long seed,
            List<Runner.Observer> observers,
            Consumer<String> say,
            Consumer<Entry> seen) {
        this(rows, rate, seed, observers, say, seen, 0, GuideTable.Options.GUIDE.engine());
    }

    public Demo {
        if (rows < 1) throw new Trouble.Usage("--rows " + rows + " leaves nothing to rewrite: give at least 1.");
        if (rate < 0 || rate == 0 && writers == 0)
            throw new Trouble.Usage(
                    "--rate " + rate + " leaves nothing to lose: give at least 1 message a second, or --writers.");
        if (writers < 0 || writers > 64)
            throw new Trouble.Usage("--writers " + writers + " is none, or more than a lab bears: give 0 to 64.");
        if (!List.of("MergeTree", "ReplacingMergeTree", "ReplacingMergeTree(_timestamp)")
                .contains(engine))
            throw new Trouble.Usage("--engine " + engine
                    + " is none of the demo's: give MergeTree, ReplacingMergeTree or ReplacingMergeTree(_timestamp).");
    }

    /// What lab it needs: one without Kafka where nothing comes from there.
    public LabOptions lab() {
        return rate == 0 ? LabOptions.temporary().withoutKafka() : LabOptions.temporary();
    }

    /// What a demo found.
    ///
    /// @param produced         messages that Kafka acknowledged
    /// @param producedWhileHeld of them, between the pause and the resume
    /// @param lateRows         rows for partitions already copied, carried by a later round
    /// @param heldMs           the longest time in which nothing was read from a Kafka partition
    /// @param pauseMs          from asking to stop until resumed
    /// @param written          rows that the plain writers had acknowledged
    /// @param stale            keys whose newest acknowledged row is not the one shown
    /// @param refused          INSERTs of plain writers that had an error, or no answer
    /// @param lateVisibleMs    the longest time in which rows were in the displaced table alone
    /// @param verdict          `ok`, or why not
    public record Outcome(
            long rowsBefore,
            long produced,
            long producedWhileHeld,
            long lateRows,
            long missing,
            long duplicated,
            long heldMs,
            long pauseMs,
            long backfillRowsPerSecond,
            int rounds,
            long written,
            long stale,
            long refused,
            long lateVisibleMs,
            List<StepTime> steps,
            List<Queries.Comparison> queries,
            String verdict) {
        public boolean ok() {
            return verdict.equals("ok");
        }

        /// A short table for a person.
        public String text() {
            var out = new StringBuilder("""
                rows before            %,15d
                produced meanwhile     %,15d   %,d of them while ingestion was held
                late rows carried      %,15d   for partitions already copied, in %d rounds
                copied                 %,15d   rows a second
                ingestion held         %,15d   ms without a read from Kafka; %,d ms from asking to stop until resumed
                missing                %,15d
                duplicated             %,15d

                """.formatted(
                            rowsBefore,
                            produced,
                            producedWhileHeld,
                            lateRows,
                            rounds,
                            backfillRowsPerSecond,
                            heldMs,
                            pauseMs,
                            missing,
                            duplicated));
            if (written > 0) out.append("""
                written meanwhile      %,15d   rows by plain INSERTs that never paused
                visible late           %,15d   ms at most, for what they wrote in the moment of the exchange
                stale                  %,15d   keys whose newest row is not the one shown
                refused                %,15d   INSERTs that had an error, or no answer

                """.formatted(written, lateVisibleMs, stale, refused));
            out.append("%-38s %12s %12s %9s %9s%n"
                    .formatted("queries", "rows before", "rows after", "ms before", "ms after"));
            for (var q : queries)
                out.append("%-38s %,12d %,12d %,9.0f %,9.0f%n"
                        .formatted(q.question(), q.readRowsBefore(), q.readRowsAfter(), q.msBefore(), q.msAfter()));
            for (var q : queries)
                if (q.isWorse())
                    out.append("worse under the new keys: %s, %.1f times the rows%n"
                            .formatted(q.question(), (double) q.readRowsAfter() / Math.max(1, q.readRowsBefore())));
            return out.append("\nverdict: ").append(verdict).toString();
        }
    }

    public record StepTime(String name, long ms, long rows) {}

    /// Runs it on a lab that is up.
    public Outcome run(EmbeddedLab lab) {
        try (var server = lab.clickhouse().connect()) {
            var table = new GuideTable(
                            server,
                            rate == 0 ? null : lab.kafka(),
                            new TableName("posthog", "events"),
                            GuideTable.Options.GUIDE.withEngine(engine).withDenseDays(Queries.DAYS))
                    .create()
                    .fill(rows, seed);
            say.accept("%,d rows in %s, ORDER BY (team_id, toDate(timestamp), distinct_id, uuid)"
                    .formatted(rows, table.events()));
            var ledger = new Ledger();
            try (var producer = rate == 0
                            ? null
                            : new EventProducer(
                                            lab.bootstrap(),
                                            table.topic(),
                                            EventProducer.Options.of(rate, seed),
                                            ledger)
                                    .start();
                    var plain = new Writers(() -> lab.clickhouse().connect(), table.events(), writers)) {
                if (rate > 0)
                    say.accept("%,d messages a second go to Kafka and into the table, from now to the end"
                            .formatted(rate));
                if (writers > 0)
                    say.accept("%d plain writers send an INSERT every 100 ms, from now to the end".formatted(writers));
                return migrate(server, table, producer, ledger, plain);
            }
        }
    }

    private Outcome migrate(ClickHouse server, GuideTable table, EventProducer producer, Ledger ledger, Writers plain) {
        var migration = Events0002.of(table.events());
        var runner = UUID.randomUUID().toString().substring(0, 8);
        var journal = new Journal(server, migration.rewrite().journal(), migration.name(), runner, Optional.empty());
        journal.listen(seen);
        var session = new Session(
                server, migration.rewrite(), Map.of(), journal, new Control(Limits.DEFAULT), new Progress());
        new Runner(session, false, observers).run(migration, Optional.of("resume"));
        if (producer != null) {
            producer.pause();
            table.awaitConsumed(ledger, Duration.ofMinutes(1));
        }
        var written = plain.stop().judge(server);
        var verdict = Judge.of(server, ledger)
                .withFilled(table.filled())
                .withBackup(migration.rewrite().backup())
                .judge(table.events());
        new Runner(session, false, observers).run(new Optimize());
        return outcome(journal.entries(), ledger, verdict, written, queries(server, table, migration));
    }

    /// Of the old keys on the backup, which has the same rows but for those since the swap. Both tables are merged
    /// before, for of a table in many parts granules of each are read, whatever its keys.
    private static List<Queries.Comparison> queries(ClickHouse server, GuideTable table, Migration migration) {
        var backup = migration.rewrite().backup();
        for (var name : List.of(backup, table.events()))
            server.execute("OPTIMIZE TABLE " + name.sql() + " FINAL SETTINGS optimize_skip_merged_partitions = 1");
        return Queries.on(server, backup).against(Queries.on(server, table.events()));
    }

    private Outcome outcome(
            List<Entry> journal,
            Ledger ledger,
            Judge.Verdict judged,
            Writers.Found written,
            List<Queries.Comparison> queries) {
        var held = Entry.last(journal, Detail.Held.class);
        var resumed = Entry.last(journal, Detail.Resumed.class);
        long whileHeld = held.isEmpty()
                ? 0
                : ledger.countBetween(
                        held.get().asked(),
                        resumed.flatMap(Detail.Resumed::resumed).orElseThrow());
        var rounds = Entry.all(journal, Detail.Round.class).toList();
        long late = rounds.stream().mapToLong(Detail.Round::late).sum();
        var first = rounds.getFirst();
        return new Outcome(
                rows,
                judged.acknowledged(),
                whileHeld,
                late,
                judged.missing() + judged.missingFinal() + written.missing(),
                judged.duplicated() + judged.doubledFinal() + written.duplicated(),
                resumed.flatMap(Detail.Resumed::held).map(Duration::toMillis).orElse(0L),
                resumed.flatMap(Detail.Resumed::paused).map(Duration::toMillis).orElse(0L),
                first.rows() * 1000 / Math.max(1, first.took().toMillis()),
                rounds.size(),
                written.acknowledged(),
                written.stale(),
                written.refused(),
                Trailing.lateVisibleMs(journal),
                steps(journal, rounds),
                queries,
                written.ok() ? word(judged, whileHeld, late, written, through(journal, rounds)) : word(written));
    }

    /// Whether an INSERT ran through the exchange: its rows were carried behind it, or stayed out where those that
    /// the writer sent next were there first. A demo in which all of them did said that it had shown nothing.
    private static boolean through(List<Entry> journal, List<Detail.Round> rounds) {
        return Trailing.lateVisibleMs(journal) > 0
                || rounds.stream().anyMatch(r -> r.behind().orElse(0L) > 0);
    }

    private static String word(Writers.Found written) {
        return "not ok: of what the plain writers had acknowledged " + written.missing() + " missing, "
                + written.duplicated() + " duplicated, " + written.stale() + " stale: "
                + String.join("; ", written.examples());
    }

    /// A run in which nothing was produced while held, no row was late, or no writer's INSERT ran through the
    /// exchange shows nothing.
    private String word(Judge.Verdict judged, long whileHeld, long late, Writers.Found written, boolean through) {
        if (!judged.ok())
            return "not ok: " + judged.missing() + " missing, " + judged.duplicated() + " duplicated (by FINAL "
                    + judged.missingFinal() + " and " + judged.doubledFinal() + "): "
                    + String.join("; ", judged.examples());
        if (writers > 0 && (written.acknowledged() == 0 || !through))
            return "vacuous: "
                    + (written.acknowledged() == 0
                            ? "no plain writer wrote anything"
                            : "no INSERT of a plain" + " writer ran through the exchange")
                    + ", so this run shows nothing; run again, with more --writers";
        if (rate == 0) return "ok";
        if (whileHeld == 0)
            return "vacuous: nothing was produced while ingestion was held, so this run shows nothing; give a higher"
                    + " --rate";
        if (late == 0)
            return "vacuous: no late row came for a partition already copied, so this run shows nothing; give a higher"
                    + " --rate or more --rows";
        return "ok";
    }

    /// A step that ran by itself has its time noted by the runner; those within the pause follow from its lines.
    private static List<StepTime> steps(List<Entry> journal, List<Detail.Round> rounds) {
        long remaining = Entry.all(journal, Detail.Remained.class)
                .mapToLong(Detail.Remained::rows)
                .sum();
        long copied = rounds.stream().mapToLong(Detail.Round::rows).sum() - remaining;
        var carried = last(journal, "remaining", Entry.Event.DONE);
        var held = find(journal, "pause", Entry.Event.HELD).orElse(carried);
        var stopped = find(journal, "pause", Entry.Event.DONE).orElse(carried);
        var resumed =
                find(journal, "pause", Entry.Event.RESUMED).orElseGet(() -> last(journal, "swap", Entry.Event.DONE));
        return List.of(
                new StepTime("create", noted(journal, "create"), 0),
                new StepTime("backfill", noted(journal, "backfill"), copied),
                new StepTime("verify", noted(journal, "verify"), 0),
                new StepTime("pause", between(held, stopped), 0),
                new StepTime("remaining", between(stopped, carried), remaining),
                new StepTime("swap", between(carried, resumed), 0),
                new StepTime("resume", between(resumed, last(journal, "resume", Entry.Event.DONE)), 0),
                new StepTime("optimize", noted(journal, "optimize"), 0));
    }

    private static Entry last(List<Entry> journal, String step, Entry.Event event) {
        return find(journal, step, event).orElseThrow();
    }

    /// Without Kafka nothing is paused.
    private static Optional<Entry> find(List<Entry> journal, String step, Entry.Event event) {
        return journal.stream()
                .filter(e -> e.step().equals(step) && e.event() == event)
                .reduce((a, b) -> b);
    }

    private static long noted(List<Entry> journal, String step) {
        return journal.stream()
                .filter(e -> e.step().equals(step))
                .mapToLong(e -> e.detail() instanceof Detail.Took t ? t.took().toMillis() : 0)
                .sum();
    }

    private static long between(Entry from, Entry to) {
        return Duration.between(from.at(), to.at()).toMillis();
    }
}
