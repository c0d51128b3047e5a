package rekey.maintainer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.ingestion.HeldTime;
import rekey.lab.EmbeddedLab;
import rekey.lab.GuideTable;
import rekey.migration.Events0002;
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
/// under the new keys and the old one kept, and none optimizes. rekey's time has its checks in it.
///
/// @param sizes rows of the table
/// @param runs  of each size, interleaved: a run measures all ways one after another, so that what else the machine
///              does meets all of them. What is told is the run whose ratio to the guide's SQL is the median
public record Bench(List<Long> sizes, int runs, long seed, Consumer<String> say) {
    private static final TableName EVENTS = new TableName("bench", "events");
    private static final Migration MIGRATION = Events0002.of(EVENTS);
    private static final String KEYS =
            "PARTITION BY toYYYYMM(timestamp) ORDER BY (team_id, toDate(timestamp), event, cityHash64(distinct_id),"
                    + " cityHash64(uuid)) SAMPLE BY cityHash64(distinct_id)";
    private static final String COLUMNS =
            "uuid, event, properties, timestamp, team_id, distinct_id, created_at, _timestamp, _offset, _partition";

    public Bench {
        if (sizes.isEmpty() || sizes.stream().anyMatch(n -> n < 1))
            throw new Trouble.Usage("--rows " + sizes + " leaves nothing to copy: give at least 1 each.");
        if (runs < 1) throw new Trouble.Usage("--runs " + runs + " measures nothing: give at least 1.");
    }

    /// Milliseconds of each, and how many bytes the table had.
    ///
    /// @param copyMs    of rekey's the first round alone, which copies all rows there were
    /// @param plannedMs what `plan` said that it would take, in whole seconds
    /// @param engine     which way of the bare engine was the fastest, and so is `engineMs`
    /// @param engines    all of them with their milliseconds
    /// @param cpuSeconds of the server while rekey ran: copy, check, compare, the rest, which has all small
    ///                   questions
    /// @param statements that rekey sent, however small
    /// @param peakBytes  the most memory that one of them took
    /// @param writtenBytes on disk, in parts that were inserted or merged while rekey ran, staging's among them
    /// @param parts      of the new table behind it, before anything was optimized
    /// @param ranges     the least and the greatest of all runs, of each ratio that the line has
    public record Measured(
            long rows,
            long bytes,
            long guideMs,
            long rekeyMs,
            long engineMs,
            long copyMs,
            long plannedMs,
            String engine,
            Map<String, Long> engines,
            Map<String, Double> cpuSeconds,
            long statements,
            long peakBytes,
            long writtenBytes,
            long parts,
            Map<String, List<Double>> ranges) {
        /// What checking costs of the copy's CPU: chunk checks and the whole comparison.
        public double checking() {
            return (cpuSeconds.getOrDefault("check", 0.0) + cpuSeconds.getOrDefault("compare", 0.0))
                    / cpuSeconds.getOrDefault("copy", Double.NaN);
        }

        public double againstGuide() {
            return (double) rekeyMs / guideMs;
        }

        public double againstEngine() {
            return (double) rekeyMs / engineMs;
        }

        public double againstPlan() {
            return (double) copyMs / plannedMs;
        }

        /// Bytes written for each byte that the old table has.
        public double amplification() {
            return (double) writtenBytes / bytes;
        }

        /// The median of several, with the ranges of all.
        static Measured median(List<Measured> all) {
            var sorted = all.stream()
                    .sorted(Comparator.comparingDouble(Measured::againstGuide))
                    .toList();
            var m = sorted.get(all.size() / 2);
            return new Measured(
                    m.rows,
                    m.bytes,
                    m.guideMs,
                    m.rekeyMs,
                    m.engineMs,
                    m.copyMs,
                    m.plannedMs,
                    m.engine,
                    m.engines,
                    m.cpuSeconds,
                    m.statements,
                    m.peakBytes,
                    m.writtenBytes,
                    m.parts,
                    Map.of(
                            "rekey/guide", range(all, Measured::againstGuide),
                            "rekey/engine", range(all, Measured::againstEngine),
                            "checks/copy", range(all, Measured::checking)));
        }

        private static List<Double> range(List<Measured> all, ToDoubleFunction<Measured> ratio) {
            var each = all.stream().mapToDouble(ratio).summaryStatistics();
            return List.of(each.getMin(), each.getMax());
        }
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
                out.add(Measured.median(all));
                say.accept(line(out.getLast()));
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
                        m.rows,
                        m.guideMs,
                        m.rekeyMs,
                        m.engineMs,
                        ranged(m, "rekey/guide", m.againstGuide()),
                        ranged(m, "rekey/engine", m.againstEngine()),
                        m.copyMs,
                        m.plannedMs,
                        m.againstPlan(),
                        ranged(m, "checks/copy", m.checking()),
                        m.peakBytes >> 20,
                        m.amplification(),
                        m.parts,
                        m.statements,
                        m.engine);
    }

    /// As `0.62 (0.60-0.71)`.
    private static String ranged(Measured m, String ratio, double median) {
        var range = m.ranges.get(ratio);
        return "%.2f (%.2f-%.2f)".formatted(median, range.getFirst(), range.getLast());
    }

    private Measured measure(ClickHouse server, long rows) {
        var table = new GuideTable(server, null, EVENTS, GuideTable.Options.GUIDE)
                .create()
                .fill(rows, seed);
        try {
            server.execute(
                    "OPTIMIZE TABLE " + EVENTS.sql() + " FINAL"); // no merge of the filling is to run beside a copy
            long bytes = server.one(
                            "SELECT total_bytes AS n FROM system.tables WHERE database = 'bench' AND name = 'events'")
                    .number("n");
            var engines = engines(server);
            var best = engines.entrySet().stream()
                    .min(Map.Entry.comparingByValue())
                    .orElseThrow();
            long guide = timed(() -> guide(server));
            server.execute("RENAME TABLE bench.events TO bench.events_guide, bench.events_failed TO bench.events");
            server.execute("DROP TABLE bench.events_guide SYNC");
            var session = session(server);
            long planned = Duration.ofSeconds(
                            Plan.of(session, MIGRATION).estimate().copySeconds())
                    .toMillis();
            long begun = HeldTime.now(server);
            long rekey = timed(() -> rekey(session));
            var cost = Cost.of(session, begun, HeldTime.now(server));
            return new Measured(
                    rows,
                    bytes,
                    guide,
                    rekey,
                    best.getValue(),
                    copy(session),
                    planned,
                    best.getKey(),
                    engines,
                    cost.seconds(),
                    cost.statements(),
                    cost.peakBytes(),
                    cost.writtenBytes(),
                    cost.parts(),
                    Map.of());
        } finally {
            server.execute("DROP DATABASE bench SYNC");
        }
    }

    /// The ways of the bare engine, each named with its time. Nothing is checked, nothing can be resumed, and what
    /// comes in meanwhile is missing.
    private static Map<String, Long> engines(ClickHouse server) {
        var out = new TreeMap<String, Long>();
        out.put("one INSERT SELECT", engine(server, List.of("1"), 2, 64 << 20));
        var months = server
                .query("SELECT DISTINCT partition_id AS p FROM system.parts WHERE active AND database = 'bench' AND"
                        + " table = 'events' ORDER BY p")
                .stream()
                .map(r -> "_partition_id = " + Sql.text(r.string("p")))
                .toList();
        for (int mebibytes : List.of(64, 128, 256))
            out.put("months side by side, " + mebibytes + " MiB blocks", engine(server, months, 1, mebibytes << 20));
        return out;
    }

    private static long engine(ClickHouse server, List<String> conditions, int threads, int blockBytes) {
        create(server, "events_engine");
        var settings = Map.of(
                "max_threads",
                "" + threads,
                "max_insert_threads",
                "" + threads,
                "optimize_on_insert",
                "0",
                "min_insert_block_size_bytes",
                "" + blockBytes,
                "async_insert",
                "0");
        long ms = timed(() -> {
            try (var pool = Executors.newFixedThreadPool(2)) {
                var running = conditions.stream()
                        .map(c -> pool.submit(() -> server.execute(
                                "INSERT INTO bench.events_engine (" + COLUMNS + ") SELECT " + COLUMNS
                                        + " FROM bench.events WHERE " + c,
                                UUID.randomUUID().toString(),
                                settings)))
                        .toList();
                for (var r : running) r.get();
            } catch (ExecutionException e) {
                throw new Trouble.Failed(
                        "The bench's engine failed: " + e.getCause().getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Trouble.Stopped("The bench was interrupted.");
            }
        });
        server.execute("DROP TABLE bench.events_engine SYNC");
        return ms;
    }

    /// What a run cost its server, which had nothing else to do: of its statements by what they are for, and of
    /// all parts that were written. From the server's logs.
    private record Cost(Map<String, Double> seconds, long statements, long peakBytes, long writtenBytes, long parts) {
        static Cost of(Session session, long begunUs, long endedUs) {
            var server = session.server();
            var during =
                    " BETWEEN fromUnixTimestamp64Micro(" + begunUs + ") AND fromUnixTimestamp64Micro(" + endedUs + ")";
            server.execute("SYSTEM FLUSH LOGS query_log, part_log");
            var seconds = new TreeMap<String, Double>();
            long peak = 0, statements = 0;
            for (var r : server.query("""
                SELECT multiIf(endsWith(query_id, ':copy'), 'copy', endsWith(query_id, ':check'), 'check',
                    endsWith(query_id, ':compare'), 'compare', 'rest') AS kind, count() AS n,
                  sum(ProfileEvents['UserTimeMicroseconds'] + ProfileEvents['SystemTimeMicroseconds']) / 1e6 AS s,
                  max(memory_usage) AS peak
                FROM system.query_log WHERE type = 'QueryFinish' AND event_time_microseconds %s GROUP BY kind\
                """.formatted(during))) {
                seconds.put(r.string("kind"), r.real("s"));
                peak = Math.max(peak, r.number("peak"));
                statements += r.number("n");
            }
            var written = server.one("SELECT sum(size_in_bytes) AS n FROM system.part_log WHERE event_type IN"
                            + " ('NewPart', 'MergeParts') AND database = 'bench' AND event_time_microseconds" + during)
                    .number("n");
            return new Cost(
                    Map.copyOf(seconds),
                    statements,
                    peak,
                    written,
                    session.catalog().parts(EVENTS).size());
        }
    }

    /// The guide's operations: a table like the old one with a new ENGINE clause, one INSERT a partition, the
    /// RENAME.
    private static void guide(ClickHouse server) {
        create(server, "temp_events");
        for (var p : server.query(
                "SELECT DISTINCT toUInt32(partition) AS p FROM system.parts WHERE active AND database = 'bench' AND"
                        + " table = 'events' ORDER BY p"))
            server.execute("INSERT INTO bench.temp_events (" + COLUMNS + ") SELECT " + COLUMNS
                    + " FROM bench.events WHERE toYYYYMM(timestamp) = " + p.number("p"));
        server.execute("RENAME TABLE bench.events TO bench.events_failed, bench.temp_events TO bench.events");
    }

    private static void create(ClickHouse server, String name) {
        server.execute(
                "CREATE TABLE bench." + name + " AS bench.events ENGINE = ReplacingMergeTree(_timestamp) " + KEYS);
    }

    private static Session session(ClickHouse server) {
        var journal = new Journal(
                server,
                MIGRATION.rewrite().journal(),
                MIGRATION.name(),
                UUID.randomUUID().toString().substring(0, 8),
                Optional.empty());
        return new Session(server, MIGRATION.rewrite(), Map.of(), journal, new Control(Limits.DEFAULT), new Progress());
    }

    private static void rekey(Session session) {
        new Runner(session, false, List.of()).run(MIGRATION, Optional.of("resume"));
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
