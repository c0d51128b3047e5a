package rekey.maintainer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import rekey.clickhouse.ClickHouse;
import rekey.lab.EmbeddedLab;
import rekey.lab.EventProducer;
import rekey.lab.GuideTable;
import rekey.lab.Ledger;
import rekey.model.TableName;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;

/// What a migration of a table is to those who use it meanwhile: a dashboard that asks for a month of one team,
/// again and again, before it and during it; of the guide's table also while Kafka feeds it.
///
/// @param rate      messages a second; at 0 nothing is held
/// @param heldMs    in which nothing was read from Kafka
/// @param asked     answers during the migration
/// @param p50Before milliseconds of an answer, by the client's clock
public record BenchLive(
        int rate, long heldMs, int asked, double p50Before, double p95Before, double p50During, double p95During) {
    private static final Duration BEFORE = Duration.ofSeconds(4), PAUSE = Duration.ofMillis(50);

    /// One migration of its own, of the guide's table that is filled for it.
    ///
    /// @param rate more than 0
    static BenchLive fed(EmbeddedLab lab, TableName events, long rows, int rate, long seed) {
        try (var server = lab.clickhouse().connect()) {
            var table = new GuideTable(server, lab.kafka(), events, GuideTable.Options.GUIDE)
                    .create()
                    .fill(rows, seed);
            server.execute("OPTIMIZE TABLE " + events.sql() + " FINAL");
            try (var _ = new EventProducer(
                            lab.bootstrap(), table.topic(), EventProducer.Options.of(rate, seed), new Ledger())
                    .start()) {
                return measure(lab, BenchShape.GUIDE, events, rate);
            } finally {
                table.drop();
                server.execute("DROP DATABASE " + TableName.quote(events.database()) + " SYNC");
            }
        }
    }

    /// The same of any table, which nothing feeds.
    static BenchLive unfed(EmbeddedLab lab, BenchShape shape, TableName events, long rows, long seed) {
        try (var server = lab.clickhouse().connect()) {
            var database = TableName.quote(events.database());
            server.execute("CREATE DATABASE IF NOT EXISTS " + database);
            try {
                shape.fill(server, events, rows, seed);
                return measure(lab, shape, events, 0);
            } finally {
                server.execute("DROP DATABASE " + database + " SYNC");
            }
        }
    }

    private static BenchLive measure(EmbeddedLab lab, BenchShape shape, TableName events, int rate) {
        try (var server = lab.clickhouse().connect();
                var asking = lab.clickhouse().connect()) {
            var dashboard = new Dashboard(asking, events);
            dashboard.ask(() -> false, BEFORE);
            var before = dashboard.taken();
            var steps = shape.migration(events);
            var session = Bench.session(server, steps);
            var migration = Thread.ofPlatform()
                    .unstarted(() -> new Runner(session, false, List.of()).run(steps, Optional.of("resume")));
            var failed = new ArrayList<Throwable>();
            migration.setUncaughtExceptionHandler((_, e) -> failed.add(e));
            migration.start();
            dashboard.ask(() -> !migration.isAlive(), Duration.ofHours(10));
            if (!failed.isEmpty() && failed.getFirst() instanceof RuntimeException e) throw e;
            var during = dashboard.taken();
            return new BenchLive(
                    rate,
                    held(session),
                    during.size(),
                    at(0.5, before),
                    at(0.95, before),
                    at(0.5, during),
                    at(0.95, during));
        }
    }

    private static long held(Session session) {
        return Entry.all(session.journal().entries(), Detail.Resumed.class)
                .mapToLong(r -> r.held().orElse(Duration.ZERO).toMillis())
                .sum();
    }

    private static double at(double share, List<Double> taken) {
        var sorted = taken.stream().sorted().toList();
        return sorted.isEmpty() ? 0 : sorted.get((int) Math.round(share * (sorted.size() - 1)));
    }

    /// Asks one question after another.
    private static final class Dashboard {
        private final ClickHouse server;
        private final String question;
        private final List<Double> taken = new ArrayList<>();

        Dashboard(ClickHouse server, TableName events) {
            this.server = server;
            question = "SELECT toDate(timestamp) AS day, uniq(distinct_id) FROM " + events.sql()
                    + " WHERE team_id = 1 AND toDate(timestamp) > today() - 30 AND event = '$pageview' GROUP BY day";
        }

        void ask(java.util.function.BooleanSupplier ended, Duration atMost) {
            for (long end = System.nanoTime() + atMost.toNanos(); System.nanoTime() < end && !ended.getAsBoolean(); ) {
                long begun = System.nanoTime();
                server.query(question, UUID.randomUUID().toString(), Map.of("use_query_condition_cache", "0"));
                taken.add((System.nanoTime() - begun) / 1e6);
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }

        /// Milliseconds of each answer since the last look.
        List<Double> taken() {
            var out = List.copyOf(taken);
            taken.clear();
            return out;
        }
    }
}
