package rekey.maintainer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.ingestion.HeldTime;
import rekey.lab.EmbeddedLab;
import rekey.migration.Migration;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Plan;
import rekey.run.Runner;
import rekey.session.Control;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.Limits;
import rekey.session.Progress;
import rekey.session.Session;

/// What the copy costs, side by side in one run on one server: the guide's SQL as written, rekey, and the bare
/// engine by the fastest of several ways. No Kafka feeds the table, so nothing is held; all three end with a table
/// under the new keys and the old one kept, and none optimizes. rekey's time has its checks in it. Behind that, on
/// tables of their own, what a dashboard and Kafka's consumers see of it.
///
/// @param sizes rows of the table
/// @param runs  of each size, interleaved: a run measures all ways one after another, so that what else the machine
///              does meets all of them. What is told is the run whose ratio to the guide's SQL is the median
/// @param rate  messages a second that Kafka brings meanwhile, for the guide's table; 0: neither that is measured,
///              nor a dashboard beside it
public record Bench(List<Long> sizes, int runs, long seed, BenchShape shape, int rate, Consumer<String> say) {
    private static final TableName EVENTS = new TableName("bench", "events");

    public Bench(List<Long> sizes, int runs, long seed, Consumer<String> say) {
        this(sizes, runs, seed, BenchShape.GUIDE, 0, say);
    }

    public Bench {
        if (sizes.isEmpty() || sizes.stream().anyMatch(n -> n < 1))
            throw new Trouble.Usage("--rows " + sizes + " leaves nothing to copy: give at least 1 each.");
        if (runs < 1) throw new Trouble.Usage("--runs " + runs + " measures nothing: give at least 1.");
        if (rate < 0)
            throw new Trouble.Usage("--rate " + rate + " is no number of messages: give 0 for none, or more.");
    }

    /// Whether it needs a lab with Kafka.
    public boolean kafka() {
        return rate > 0 && shape == BenchShape.GUIDE;
    }

    /// All sizes, on a lab that is up; the smallest one once more before, unmeasured, so that none pays for the
    /// start.
    public List<Measured> run(EmbeddedLab lab) {
        try (var server = lab.clickhouse().connect()) {
            measure(server, Math.min(100_000, sizes.getFirst()));
            var out = new ArrayList<Measured>();
            for (var n : sizes) {
                var all = new ArrayList<Measured>();
                for (int run = 0; run < runs; run++) all.add(measure(server, n));
                var median = Measured.median(all);
                say.accept(line(median));
                if (rate > 0) {
                    var live = new ArrayList<>(List.of(BenchLive.unfed(lab, shape, EVENTS, n, seed)));
                    if (kafka()) live.add(BenchLive.fed(lab, EVENTS, n, rate, seed));
                    median = median.with(live);
                    live.forEach(l -> say.accept(live(l)));
                }
                out.add(median);
            }
            return List.copyOf(out);
        }
    }

    /// The heading of [#line].
    public static String heading() {
        return "%15s %12s %12s %12s %20s %20s %12s %12s %12s %20s %10s %10s %6s %6s  %s"
                .formatted(
                        "rows",
                        "guide ms",
                        "rekey ms",
                        "engine ms",
                        "rekey/guide",
                        "rekey/engine",
                        "copy ms",
                        "planned ms",
                        "copy/planned",
                        "checks/copy",
                        "peak MiB",
                        "written/had",
                        "parts",
                        "sent",
                        "engine");
    }

    private static String line(Measured m) {
        return "%,15d %,12d %,12d %,12d %20s %20s %,12d %,12d %12.2f %20s %,10d %10.2f %6d %6d  %s"
                .formatted(
                        m.rows(),
                        m.guideMs(),
                        m.rekeyMs(),
                        m.engineMs(),
                        m.ranged("rekey/guide"),
                        m.ranged("rekey/engine"),
                        m.copyMs(),
                        m.plannedMs(),
                        m.againstPlan(),
                        m.ranged("checks/copy"),
                        m.peakBytes() >> 20,
                        m.amplification(),
                        m.parts(),
                        m.statements(),
                        m.engine());
    }

    private static String live(BenchLive l) {
        return "%15s a dashboard's answer takes %.0f ms (95 of 100: %.0f) before, %.0f (%.0f) during%s"
                .formatted(
                        l.rate() == 0 ? "unfed:" : l.rate() + " a second:",
                        l.p50Before(),
                        l.p95Before(),
                        l.p50During(),
                        l.p95During(),
                        l.rate() == 0 ? "" : "; ingestion held for " + l.heldMs() + " ms");
    }

    private Measured measure(ClickHouse server, long rows) {
        server.execute("CREATE DATABASE IF NOT EXISTS bench");
        shape.fill(server, EVENTS, rows, seed);
        try {
            long bytes = server.one(
                            "SELECT total_bytes AS n FROM system.tables WHERE database = 'bench' AND name = 'events'")
                    .number("n");
            var engines = new BenchEngines(server, shape, EVENTS).all();
            var best = engines.entrySet().stream()
                    .min(Map.Entry.comparingByValue())
                    .orElseThrow();
            long guide = timed(() -> guide(server));
            server.execute("RENAME TABLE bench.events TO bench.events_guide, bench.events_failed TO bench.events");
            server.execute("DROP TABLE bench.events_guide SYNC");
            var session = session(server, shape.migration(EVENTS));
            long planned = Duration.ofSeconds(
                            Plan.of(session, shape.migration(EVENTS)).estimate().copySeconds())
                    .toMillis();
            long begun = HeldTime.now(server);
            long rekey = timed(() -> rekey(session));
            var cost = BenchCost.of(session, EVENTS, begun, HeldTime.now(server));
            return new Measured(
                    shape,
                    rows,
                    bytes,
                    guide,
                    rekey,
                    best.getValue(),
                    copy(session),
                    planned,
                    best.getKey(),
                    engines,
                    cost.cpuSeconds(),
                    cost.statements(),
                    cost.peakBytes(),
                    cost.writtenBytes(),
                    cost.parts(),
                    Map.of(),
                    null,
                    List.of());
        } finally {
            server.execute("DROP DATABASE bench SYNC");
        }
    }

    /// The guide's operations: a table like the old one with a new ENGINE clause, one INSERT a partition, the
    /// RENAME.
    private void guide(ClickHouse server) {
        server.execute(shape.creating(EVENTS.sibling("temp_events"), EVENTS));
        for (var p :
                server.query("SELECT DISTINCT partition AS p FROM system.parts WHERE active AND database = 'bench' AND"
                        + " table = 'events' ORDER BY p"))
            server.execute("INSERT INTO bench.temp_events (" + BenchShape.COLUMNS + ") SELECT " + BenchShape.COLUMNS
                    + " FROM bench.events WHERE " + shape.in(p.string("p")));
        server.execute("RENAME TABLE bench.events TO bench.events_failed, bench.temp_events TO bench.events");
    }

    static Session session(ClickHouse server, Migration migration) {
        var journal = new Journal(
                server,
                migration.rewrite().journal(),
                migration.name(),
                UUID.randomUUID().toString().substring(0, 8),
                Optional.empty());
        return new Session(server, migration.rewrite(), Map.of(), journal, new Control(Limits.DEFAULT), new Progress());
    }

    private void rekey(Session session) {
        new Runner(session, false, List.of()).run(shape.migration(EVENTS), Optional.of("resume"));
        var live = session.server()
                .one("SELECT sorting_key AS k FROM system.tables WHERE database = " + Sql.text(EVENTS.database())
                        + " AND name = " + Sql.text(EVENTS.table()));
        if (!live.string("k").contains("event, cityHash64"))
            throw new Trouble.Failed("The bench's migration ended without the new keys (" + live.string("k")
                    + "): its figures are worth nothing.");
    }

    /// Of the first round, by the journal.
    private static long copy(Session session) {
        return Entry.all(session.journal().entries(), Detail.Round.class)
                .filter(r -> r.round() == 1)
                .mapToLong(r -> r.took().toMillis())
                .findFirst()
                .orElseThrow(() -> new Trouble.Failed(
                        "The bench's migration carried nothing in its first round: its figures are worth nothing."));
    }

    private static long timed(Runnable work) {
        long begun = System.nanoTime();
        work.run();
        return Duration.ofNanos(System.nanoTime() - begun).toMillis();
    }
}
