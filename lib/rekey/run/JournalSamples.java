package rekey.run;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import rekey.clickhouse.Row;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.session.Detail;
import rekey.session.Encoded;
import rekey.session.Session;

/// Notes in the journal, every little while, what nothing else tells afterwards: rows of the table, the lag, how
/// many parts each partition has. So anyone can draw a run from the server alone.
///
/// The lines are few: one each two seconds at first, half as often after each hundred. Nothing is written, and
/// ClickHouse is asked nothing, while ingestion is held; Kafka's readings of those moments come with the next line.
final class JournalSamples implements Runner.Observer, AutoCloseable {
    private static final Duration OFTEN = Duration.ofSeconds(2), LAG = Duration.ofSeconds(2);
    private static final int A_WHILE = 100, PARTITIONS = 200, READINGS = 200;
    private static final long CLOSE_MILLIS = 200;

    private final Lag lag = new Lag();
    private final AtomicBoolean asking = new AtomicBoolean();
    private final ArrayDeque<Reading> readings = new ArrayDeque<>();
    private volatile Instant nextLag = Instant.EPOCH;
    private volatile boolean closed;
    private Instant next = Instant.EPOCH;
    private int taken;

    /// The lag at a moment of a hold or right after it, by this machine's clock.
    private record Reading(Instant at, long lag) {}

    @Override
    public void look(Session session) {
        boolean held = ingestionHeld(session);
        askForLag(session, held);
        if (held || Instant.now().isBefore(next)) return;
        take(session);
        next = Instant.now().plus(OFTEN.multipliedBy(1L << Math.min(20, ++taken / A_WHILE)));
    }

    /// One more, say at the end of a run. That it can't be taken is no reason to fail.
    void take(Session session) {
        try {
            session.journal().append(session.progress().snapshot().step(), sample(session));
        } catch (RuntimeException e) {
            session.progress().note("no sample: " + e.getMessage());
        }
    }

    private Detail.Sample sample(Session session) {
        var now = session.progress().snapshot();
        var r = session.rewrite();
        var parts = session.server()
                .query("SELECT table, partition_id AS p, count() AS n, sum(rows) AS r FROM system.parts WHERE active"
                        + " AND database = "
                        + Sql.text(r.source().database()) + " AND table IN "
                        + Sql.list(List.of(
                                r.source().table(),
                                r.target().table(),
                                r.backup().table())) + " GROUP BY table, p");
        session.progress()
                .parts(parts.stream()
                        .filter(p -> !p.string("table").equals(r.backup().table()))
                        .mapToLong(p -> p.number("n"))
                        .sum());
        rows(parts, r.source()).ifPresent(n -> session.progress().total("backfill", n));
        return new Detail.Sample(
                now.lag() >= 0 ? Optional.of(now.lag()) : Optional.empty(),
                Optional.ofNullable(session.control().throttled()),
                rows(parts, r.source()),
                parts(parts, r.source()),
                rows(parts, r.target()),
                parts(parts, r.target()),
                rows(parts, r.backup()),
                parts(parts, r.backup()),
                lagReadings());
    }

    private static List<Row> of(List<Row> parts, TableName table) {
        return parts.stream()
                .filter(p -> p.string("table").equals(table.table()))
                .toList();
    }

    private static Optional<Long> rows(List<Row> parts, TableName table) {
        var own = of(parts, table);
        return own.isEmpty()
                ? Optional.empty()
                : Optional.of(own.stream().mapToLong(p -> p.number("r")).sum());
    }

    /// The parts of its partitions; of very many those with the most.
    private static Optional<Encoded.Counts> parts(List<Row> parts, TableName table) {
        var own = of(parts, table);
        if (own.isEmpty()) return Optional.empty();
        return Optional.of(new Encoded.Counts(own.stream()
                .sorted((a, b) -> Long.compare(b.number("n"), a.number("n")))
                .limit(PARTITIONS)
                .collect(Collectors.toMap(p -> p.string("p"), p -> p.number("n")))));
    }

    /// How long before this line each was taken, so that they stand on the server's clock.
    private Optional<Encoded.Readings> lagReadings() {
        synchronized (readings) {
            if (readings.isEmpty()) return Optional.empty();
            var now = Instant.now();
            var out = readings.stream()
                    .map(r -> new Encoded.Reading(Duration.between(r.at, now), r.lag))
                    .toList();
            readings.clear();
            return Optional.of(new Encoded.Readings(out));
        }
    }

    private static boolean ingestionHeld(Session session) {
        return !session.progress().snapshot().held().isZero();
    }

    /// The moments for which the lag is of interest in each part of a second.
    private static boolean near(Session session) {
        return ingestionHeld(session) || session.progress().snapshot().step().equals("resume");
    }

    /// In a thread of its own, for Kafka may let it wait.
    private void askForLag(Session session, boolean held) {
        if (!held && Instant.now().isBefore(nextLag) || !asking.compareAndSet(false, true)) return;
        Thread.ofVirtual().start(() -> {
            try {
                if (!held) session.progress().lag(lag.now(session));
                while (!closed && near(session)) {
                    read(session);
                    Thread.sleep(CLOSE_MILLIS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                session.progress().lag(-1);
            } finally {
                nextLag = Instant.now().plus(LAG);
                asking.set(false);
            }
        });
    }

    private void read(Session session) {
        long n = lag.again(session);
        session.progress().lag(n);
        synchronized (readings) {
            if (n >= 0) readings.add(new Reading(Instant.now(), n));
            if (readings.size() > READINGS) readings.removeFirst();
        }
    }

    @Override
    public void close() {
        closed = true;
        lag.close();
    }
}
