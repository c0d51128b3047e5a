package rekey.lab;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import rekey.clickhouse.ClickHouse;
import rekey.migration.Events0002;
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
public record Demo(long rows, int rate, long seed, List<Runner.Watch> watches, Consumer<String> say) {

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
        journal.listen(e -> { if (e.event() == Entry.Event.BEGUN) say.accept("  " + e.step()); });
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

    private static List<StepTime> steps(List<Entry> journal, List<Entry> rounds) {
        var ms = new LinkedHashMap<String, Long>();
        for (var name : List.of("create", "backfill", "verify", "pause", "remaining", "swap", "resume", "optimize")) ms.put(name, 0L);
        Entry last = null;
        for (var e : journal) {
            // a step of the bracket has no line of its own for its end: the next step's first line is it
            if (last != null && ms.containsKey(last.step())) ms.merge(last.step(), Duration.between(last.at(), e.at()).toMillis(), Long::sum);
            if (e.event() == Entry.Event.BEGUN || e.event() == Entry.Event.INTENT && !e.step().equals("attach") || e.event() == Entry.Event.HELD
                    || e.event() == Entry.Event.DONE || e.event() == Entry.Event.RESUMED) last = next(e);
        }
        long remaining = journal.stream().filter(e -> e.step().equals("remaining") && e.event() == Entry.Event.DONE).mapToLong(e -> Long.parseLong(e.get("rows"))).sum();
        long copied = rounds.stream().mapToLong(e -> Long.parseLong(e.get("rows"))).sum() - remaining;
        var out = new ArrayList<StepTime>();
        ms.forEach((name, t) -> out.add(new StepTime(name, t, name.equals("backfill") ? copied : name.equals("remaining") ? remaining : 0)));
        return out;
    }

    private static Entry next(Entry e) {
        var step = e.event() == Entry.Event.DONE || e.event() == Entry.Event.RESUMED ? switch (e.step()) {
            case "pause" -> e.event() == Entry.Event.DONE ? "remaining" : "resume";
            case "remaining" -> "swap";
            default -> "";
        } : e.step();
        return new Entry(e.at(), e.runner(), e.number(), step, e.event(), e.detail());
    }

    private static Instant micros(String us) {
        long n = Long.parseLong(us);
        return Instant.ofEpochSecond(n / 1_000_000, n % 1_000_000 * 1000);
    }
}
