package rekey.lab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.migration.Events0002;
import rekey.migration.Migration;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Plan;
import rekey.run.Runner;
import rekey.session.Control;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.Limits;
import rekey.session.Progress;
import rekey.session.Session;

/// What the copy costs, side by side in one run on one server: the guide's SQL as written, rekey, and the bare engine. No
/// Kafka feeds the table, so nothing is held; all three end with a table under the new keys and the old one kept, and none
/// optimizes. rekey's time has its checks in it: every row hashed three times.
///
/// @param sizes rows of the table, one measurement each
public record Bench(List<Long> sizes, long seed, Consumer<String> say) {
    private static final TableName EVENTS = new TableName("bench", "events");
    private static final Migration MIGRATION = Events0002.of(EVENTS);
    private static final String KEYS = "PARTITION BY toYYYYMM(timestamp) ORDER BY (team_id, toDate(timestamp), event, cityHash64(distinct_id), cityHash64(uuid)) SAMPLE BY cityHash64(distinct_id)";
    private static final String COLUMNS = "uuid, event, properties, timestamp, team_id, distinct_id, created_at, _timestamp, _offset, _partition";

    public Bench {
        if (sizes.isEmpty() || sizes.stream().anyMatch(n -> n < 1)) throw new Trouble.Usage("--rows " + sizes + " leaves nothing to copy: give at least 1 each.");
    }

    /// Milliseconds of each, and how many bytes the table had.
    ///
    /// @param copyMs    of rekey's the first round alone, which copies all rows there were
    /// @param plannedMs what `plan` said that it would take, in whole seconds
    public record Measured(long rows, long bytes, long guideMs, long rekeyMs, long engineMs, long copyMs, long plannedMs) {
        public double againstGuide() {
            return (double) rekeyMs / guideMs;
        }

        public double againstEngine() {
            return (double) rekeyMs / engineMs;
        }

        public double againstPlan() {
            return (double) copyMs / plannedMs;
        }
    }

    /// All sizes, on a lab that is up; the smallest one once more before, unmeasured, so that none pays for the start.
    public List<Measured> run(EmbeddedLab lab) {
        try (var server = lab.clickhouse().connect()) {
            measure(server, Math.min(100_000, sizes.getFirst()));
            var out = new ArrayList<Measured>();
            for (var n : sizes) {
                out.add(measure(server, n));
                say.accept(line(out.getLast()));
            }
            return List.copyOf(out);
        }
    }

    /// The heading of [#line].
    public static String heading() {
        return "%15s %12s %12s %12s %12s %12s %12s %12s %12s".formatted("rows", "guide ms", "rekey ms", "engine ms", "rekey/guide", "rekey/engine", "copy ms", "planned ms", "copy/planned");
    }

    private static String line(Measured m) {
        return "%,15d %,12d %,12d %,12d %12.2f %12.2f %,12d %,12d %12.2f".formatted(m.rows, m.guideMs, m.rekeyMs, m.engineMs, m.againstGuide(), m.againstEngine(), m.copyMs, m.plannedMs, m.againstPlan());
    }

    private Measured measure(ClickHouse server, long rows) {
        var table = new GuideTable(server, null, EVENTS, GuideTable.Options.GUIDE).create().fill(rows, seed);
        try {
            server.execute("OPTIMIZE TABLE " + EVENTS.sql() + " FINAL");          // no merge of the filling is to run beside a copy
            long bytes = server.one("SELECT total_bytes AS n FROM system.tables WHERE database = 'bench' AND name = 'events'").number("n");
            long engine = timed(() -> engine(server));
            server.execute("DROP TABLE bench.events_engine SYNC");
            long guide = timed(() -> guide(server));
            server.execute("RENAME TABLE bench.events TO bench.events_guide, bench.events_failed TO bench.events");
            server.execute("DROP TABLE bench.events_guide SYNC");
            var session = session(server);
            long planned = Duration.ofSeconds(Plan.of(session, MIGRATION).estimate().copySeconds()).toMillis();
            long rekey = timed(() -> rekey(session));
            return new Measured(rows, bytes, guide, rekey, engine, copy(session), planned);
        } finally {
            server.execute("DROP DATABASE bench SYNC");
        }
    }

    /// One INSERT SELECT of the whole table with the settings that were fastest (FACTS: copying). Nothing is checked, nothing
    /// can be resumed, and what comes in meanwhile is missing.
    private static void engine(ClickHouse server) {
        create(server, "events_engine");
        server.execute("INSERT INTO bench.events_engine (" + COLUMNS + ") SELECT " + COLUMNS + " FROM bench.events", UUID.randomUUID().toString(),
                Map.of("max_threads", "2", "max_insert_threads", "2", "optimize_on_insert", "0", "min_insert_block_size_bytes", "" + (64 << 20), "async_insert", "0"));
    }

    /// The guide's operations: a table like the old one with a new ENGINE clause, one INSERT a partition, the RENAME.
    private static void guide(ClickHouse server) {
        create(server, "temp_events");
        for (var p : server.query("SELECT DISTINCT toUInt32(partition) AS p FROM system.parts WHERE active AND database = 'bench' AND table = 'events' ORDER BY p"))
            server.execute("INSERT INTO bench.temp_events (" + COLUMNS + ") SELECT " + COLUMNS + " FROM bench.events WHERE toYYYYMM(timestamp) = " + p.number("p"));
        server.execute("RENAME TABLE bench.events TO bench.events_failed, bench.temp_events TO bench.events");
    }

    private static void create(ClickHouse server, String name) {
        server.execute("CREATE TABLE bench." + name + " AS bench.events ENGINE = ReplacingMergeTree(_timestamp) " + KEYS);
    }

    private static Session session(ClickHouse server) {
        var journal = new Journal(server, MIGRATION.rewrite().journal(), MIGRATION.name(), UUID.randomUUID().toString().substring(0, 8), Optional.empty());
        return new Session(server, MIGRATION.rewrite(), Map.of(), journal, new Control(Limits.DEFAULT), new Progress());
    }

    private static void rekey(Session session) {
        new Runner(session, false, List.of()).run(MIGRATION, Optional.of("resume"));
        var live = session.server().one("SELECT sorting_key AS k FROM system.tables WHERE database = " + Sql.text(EVENTS.database()) + " AND name = " + Sql.text(EVENTS.table()));
        if (!live.string("k").contains("event, cityHash64")) throw new Trouble.Failed("The bench's migration ended without the new keys (" + live.string("k") + "): its figures are worth nothing.");
    }

    /// Of the first round, by the journal.
    private static long copy(Session session) {
        return session.journal().entries(e -> e.event() == Entry.Event.ROUND).stream().filter(e -> e.get("round").equals("1")).mapToLong(e -> Long.parseLong(e.get("ms"))).findFirst()
                .orElseThrow(() -> new Trouble.Failed("The bench's migration carried nothing in its first round: its figures are worth nothing."));
    }

    private static long timed(Runnable work) {
        long begun = System.nanoTime();
        work.run();
        return Duration.ofNanos(System.nanoTime() - begun).toMillis();
    }
}
