package rekey.maintainer.fault;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import rekey.clickhouse.ClickHouse;
import rekey.ingestion.Gate;
import rekey.lab.GuideTable;
import rekey.model.Rewrite;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.Micros;

/// Whether ingestion goes on by the deadline though nobody came back: the gate is gone, the journal says so in time,
/// and rows come in again.
///
/// @param margin   how much later than the deadline that the journal has for it the line RESUMED may be
/// @param patience how long rows may be on their way after that
record Reopening(ClickHouse server, Rewrite rewrite, Duration margin, Duration patience) {
    /// The guard looks every 300 ms, and then asks the clock, drops the gate and writes the line: some seconds
    /// of statements on a machine that runs several labs. A server that is killed itself takes its start more,
    /// which no case of [Fault#NOBODY_BACK] has.
    private static final Duration MARGIN = Duration.ofSeconds(15);
    /// Consumers look again each half second, and insert what they have read after
    /// [GuideTable.Options#flushMillis()]; the rest is for a slow machine.
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    Reopening(ClickHouse server, Rewrite rewrite) {
        this(server, rewrite, MARGIN, PATIENCE);
    }

    /// Waits until all of that is so.
    ///
    /// @param deadline what the tool was given, from now on at the most
    /// @return what is stuck; empty when nothing is
    String await(Duration deadline) throws InterruptedException {
        var gate = new Gate(server, rewrite);
        var until = Instant.now().plus(deadline).plus(margin);
        within(
                until,
                () -> gate.standing().isEmpty()
                        && gate.leftTargets().isEmpty()
                        && resumed().isPresent());
        if (!gate.standing().isEmpty()) return "ingestion is still closed after the deadline";
        var held = line(Entry.Event.HELD).map(e -> (Detail.Held) e.detail());
        var resumed = resumed();
        if (held.isEmpty() || resumed.isEmpty()) return "the journal does not say that ingestion was reopened";
        long late = Micros.of(resumed.get().at()) - Micros.of(held.get().deadline());
        if (late > margin.toNanos() / 1000) return "ingestion was reopened " + late / 1000 + " ms after the deadline";
        var inserted = "SELECT count() AS n FROM %s WHERE %s > fromUnixTimestamp64Micro(%d)"
                .formatted(
                        rewrite.source().sql(),
                        GuideTable.INSERTED_AT,
                        Micros.of(resumed.get().at()));
        return within(Instant.now().plus(patience), () -> server.one(inserted).number("n") > 0)
                ? ""
                : "no row has come in since ingestion was reopened";
    }

    /// The line that ends the last pause.
    private Optional<Entry> resumed() {
        return line(Entry.Event.RESUMED)
                .filter(r -> line(Entry.Event.HELD)
                        .filter(h -> ((Detail.Held) h.detail()).hold().equals(((Detail.Resumed) r.detail()).hold()))
                        .isPresent());
    }

    private Optional<Entry> line(Entry.Event event) {
        var journal = new Journal(
                server, rewrite.journal(), rewrite.migration(), "looking-" + UUID.randomUUID(), Optional.empty());
        return journal.fresh("event = '" + event + "'").stream().reduce((a, b) -> b);
    }

    private static boolean within(Instant until, BooleanSupplier so) throws InterruptedException {
        for (; !so.getAsBoolean(); Thread.sleep(200)) if (Instant.now().isAfter(until)) return false;
        return true;
    }
}
