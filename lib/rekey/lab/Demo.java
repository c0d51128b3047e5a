package rekey.lab;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import rekey.clickhouse.ClickHouse;
import rekey.migration.Events0002;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Control;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.Limits;
import rekey.session.Progress;
import rekey.session.Session;
import rekey.step.Optimize;

/// The main job on the embedded lab: the guide's table, filled and fed all the while, under its new keys; judged by what
/// Kafka acknowledged.
///
/// @param rows in the table before
/// @param rate messages a second, all the while
/// @param seed what the rows and messages follow from
/// @param say  is told what happens around the migration
/// @param seen is told each line of the journal
public record Demo(long rows, int rate, long seed, List<Runner.Watch> watches, Consumer<String> say, Consumer<Entry> seen) {

    public Demo {
        if (rows < 1) throw new Trouble.Usage("--rows " + rows + " leaves nothing to rewrite: give at least 1.");
        if (rate < 1) throw new Trouble.Usage("--rate " + rate + " leaves nothing to lose: give at least 1 message a second.");
    }

    /// What a demo found.
    ///
    /// @param produced         messages that Kafka acknowledged
    /// @param producedWhileHeld of them, between the pause and the resume
    /// @param lateRows         rows for partitions already copied, carried by a later round
    /// @param heldMs           the longest time in which nothing was read from a Kafka partition
    /// @param pauseMs          from asking to stop until resumed
    /// @param verdict          `ok`, or why not
    public record Outcome(long rowsBefore, long produced, long producedWhileHeld, long lateRows, long missing, long duplicated, long heldMs, long pauseMs,
                          long backfillRowsPerSecond, int rounds, List<StepTime> steps, List<Queries.Comparison> queries, String verdict) {
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

                    """.formatted(rowsBefore, produced, producedWhileHeld, lateRows, rounds, backfillRowsPerSecond, heldMs, pauseMs, missing, duplicated));
            out.append("%-38s %12s %12s %9s %9s%n".formatted("queries", "rows before", "rows after", "ms before", "ms after"));
            for (var q : queries) out.append("%-38s %,12d %,12d %,9.0f %,9.0f%n".formatted(q.question(), q.readRowsBefore(), q.readRowsAfter(), q.msBefore(), q.msAfter()));
            return out.append("\nverdict: ").append(verdict).toString();
        }
    }

    public record StepTime(String name, long ms, long rows) { }

    /// Runs it on a lab that is up.
    public Outcome run(EmbeddedLab lab) {
        try (var server = lab.clickhouse().connect()) {
            var table = new GuideTable(server, lab.kafka()).create().fill(rows, seed);
            say.accept("%,d rows in %s, ORDER BY (team_id, toDate(timestamp), distinct_id, uuid)".formatted(rows, table.events()));
            var ledger = new Ledger();
            try (var producer = new EventProducer(lab.bootstrap(), table.topic(), EventProducer.Options.of(rate, seed), ledger).start()) {
                say.accept("%,d messages a second go to Kafka and into the table, from now to the end".formatted(rate));
                var before = Queries.on(server, table.events());
                return migrate(server, table, producer, before);
            }
        }
    }

    private Outcome migrate(ClickHouse server, GuideTable table, EventProducer producer, Queries before) {
        var migration = Events0002.of(table.events());
        var runner = UUID.randomUUID().toString().substring(0, 8);
        var journal = new Journal(server, migration.rewrite().journal(), migration.name(), runner, Optional.empty());
        journal.listen(seen);
        var session = new Session(server, migration.rewrite(), Map.of(), journal, new Control(Limits.DEFAULT), new Progress());
        new Runner(session, false, watches).run(migration, Optional.of("resume"));
        producer.pause();
        table.awaitConsumed(producer.ledger(), Duration.ofMinutes(1));
        var verdict = Judge.of(server, producer.ledger()).withFilled(table.filled()).withBackup(migration.rewrite().backup()).judge(table.events());
        new Runner(session, false, watches).run(new Optimize());
        return outcome(journal.entries(), producer.ledger(), verdict, before.against(Queries.on(server, table.events())));
    }

    private Outcome outcome(List<Entry> journal, Ledger ledger, Judge.Verdict judged, List<Queries.Comparison> queries) {
        var held = journal.stream().filter(e -> e.event() == Entry.Event.HELD).reduce((a, b) -> b).orElseThrow();
        var resumed = journal.stream().filter(e -> e.event() == Entry.Event.RESUMED).reduce((a, b) -> b).orElseThrow();
        long whileHeld = ledger.countBetween(micros(held.get("askedUs")), micros(resumed.get("resumedUs")));
        var rounds = journal.stream().filter(e -> e.event() == Entry.Event.ROUND).toList();
        long late = rounds.stream().mapToLong(e -> Long.parseLong(e.get("late"))).sum();
        var first = rounds.getFirst();
        return new Outcome(rows, judged.acknowledged(), whileHeld, late, judged.missing() + judged.missingFinal(), judged.duplicated() + judged.doubledFinal(),
                Long.parseLong(resumed.get("heldMs")), Long.parseLong(resumed.get("pauseMs")),
                Long.parseLong(first.get("rows")) * 1000 / Math.max(1, Long.parseLong(first.get("ms"))), rounds.size(), steps(journal, rounds), queries,
                word(judged, whileHeld, late));
    }

    /// A run in which nothing was produced while held, or no row was late, shows nothing.
    private static String word(Judge.Verdict judged, long whileHeld, long late) {
        if (!judged.ok()) return "not ok: " + judged.missing() + " missing, " + judged.duplicated() + " duplicated (by FINAL " + judged.missingFinal() + " and "
                + judged.doubledFinal() + "): " + String.join("; ", judged.examples());
        if (whileHeld == 0) return "vacuous: nothing was produced while ingestion was held, so this run shows nothing; give a higher --rate";
        if (late == 0) return "vacuous: no late row came for a partition already copied, so this run shows nothing; give a higher --rate or more --rows";
        return "ok";
    }

    /// A step that ran by itself has its time noted by the runner; those within the pause follow from its lines.
    private static List<StepTime> steps(List<Entry> journal, List<Entry> rounds) {
        long remaining = journal.stream().filter(e -> e.step().equals("remaining") && e.event() == Entry.Event.DONE).mapToLong(e -> Long.parseLong(e.get("rows"))).sum();
        long copied = rounds.stream().mapToLong(e -> Long.parseLong(e.get("rows"))).sum() - remaining;
        var held = last(journal, "pause", Entry.Event.HELD);
        var stopped = last(journal, "pause", Entry.Event.DONE);
        var carried = last(journal, "remaining", Entry.Event.DONE);
        var resumed = last(journal, "pause", Entry.Event.RESUMED);
        return List.of(new StepTime("create", noted(journal, "create"), 0), new StepTime("backfill", noted(journal, "backfill"), copied),
                new StepTime("verify", noted(journal, "verify"), 0), new StepTime("pause", between(held, stopped), 0),
                new StepTime("remaining", between(stopped, carried), remaining), new StepTime("swap", between(carried, resumed), 0),
                new StepTime("resume", between(resumed, last(journal, "resume", Entry.Event.DONE)), 0), new StepTime("optimize", noted(journal, "optimize"), 0));
    }

    private static Entry last(List<Entry> journal, String step, Entry.Event event) {
        return journal.stream().filter(e -> e.step().equals(step) && e.event() == event).reduce((a, b) -> b).orElseThrow();
    }

    private static long noted(List<Entry> journal, String step) {
        return journal.stream().filter(e -> e.step().equals(step) && !e.get("ms").isEmpty()).mapToLong(e -> Long.parseLong(e.get("ms"))).sum();
    }

    private static long between(Entry from, Entry to) {
        return Duration.between(from.at(), to.at()).toMillis();
    }

    private static Instant micros(String us) {
        long n = Long.parseLong(us);
        return Instant.ofEpochSecond(n / 1_000_000, n % 1_000_000 * 1000);
    }
}
