package rekey.session;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/// How far a run is. Written by the steps, read by the progress line, `status` and the REPL.
public final class Progress {
    private final AtomicReference<String> step = new AtomicReference<>("");
    private final AtomicReference<String> note = new AtomicReference<>("");
    private final AtomicLong rowsDone = new AtomicLong(),
            rowsTotal = new AtomicLong(),
            bytesDone = new AtomicLong(),
            lag = new AtomicLong(-1),
            parts = new AtomicLong(-1);
    private volatile Instant begun = Instant.now(), paceFrom = Instant.now();
    private volatile long before;
    private volatile Instant held, deadline = Instant.EPOCH;
    private volatile int round;

    /// The state at one moment.
    ///
    /// @param lag     messages not yet consumed, -1 when not known
    /// @param held    how long ingestion has stood still by now, zero when it does not
    /// @param reopens from now to the deadline at which ingestion reopens by itself; below zero when
    ///                that has passed
    /// @param parts   active ones of the live table and the new one, -1 when not known
    /// @param before  of the rows done those that were done when the pace began: an earlier run's, or what was done
    ///                before the copy was throttled
    /// @param pacing  since then
    public record Snapshot(
            String step,
            String note,
            int round,
            long rowsDone,
            long rowsTotal,
            long bytesDone,
            long lag,
            Duration elapsed,
            Duration held,
            Duration reopens,
            long parts,
            long before,
            Duration pacing) {
        /// Below it nothing is foretold: at 0 % of a comparison that took seconds it was 1h40m.
        public static final int TOLD_FROM = 5;

        /// With rows that are being copied and not yet counted.
        public Snapshot with(long more) {
            return new Snapshot(
                    step,
                    note,
                    round,
                    rowsDone + more,
                    rowsTotal,
                    bytesDone,
                    lag,
                    elapsed,
                    held,
                    reopens,
                    parts,
                    before,
                    pacing);
        }

        /// With another shard's that is at the same step.
        public Snapshot and(Snapshot other) {
            return new Snapshot(
                    step,
                    note.isEmpty() ? other.note : note,
                    Math.min(round, other.round),
                    rowsDone + other.rowsDone,
                    rowsTotal + other.rowsTotal,
                    bytesDone + other.bytesDone,
                    Math.max(lag, other.lag),
                    elapsed,
                    held,
                    reopens,
                    parts < 0 || other.parts < 0 ? Math.max(parts, other.parts) : parts + other.parts,
                    before + other.before,
                    pacing);
        }

        /// Rows a second since the step began, or went on.
        public double rowsPerSecond() {
            return pacing.isZero() ? 0 : (rowsDone - before) * 1e9 / pacing.toNanos();
        }

        /// Seconds to the end of the step at the rate so far, -1 when not known.
        public long etaSeconds() {
            return percent() < TOLD_FROM || rowsDone <= before
                    ? -1
                    : Math.round(Math.max(0, rowsTotal - rowsDone) / rowsPerSecond());
        }

        /// 0 to 100, or -1 when there is nothing to count. A round has none: what comes meanwhile is not known.
        public int percent() {
            return rowsTotal == 0 || round > 1 ? -1 : (int) Math.min(100, rowsDone * 100 / rowsTotal);
        }
    }

    public void begin(String name, long rows) {
        begin(name, rows, 0);
    }

    /// @param earlier of these rows, done by an earlier run: the share is that of the whole, and the pace this run's
    public void begin(String name, long rows, long earlier) {
        step.set(name);
        note.set("");
        rowsDone.set(earlier);
        before = earlier;
        bytesDone.set(0);
        rowsTotal.set(rows);
        round = 0;
        begun = Instant.now();
        paceFrom = begun;
    }

    /// What was done so far says nothing of what comes: the copy was throttled.
    public void paceAnew() {
        before = rowsDone.get();
        paceFrom = Instant.now();
    }

    /// The live table has grown, or was found smaller, since a step began: the whole is what stands there now, as in
    /// `status`. A line that kept the first count said 100 % while rows kept coming.
    public void total(String name, long rows) {
        if (step.get().equals(name) && round <= 1) rowsTotal.set(Math.max(rowsDone.get(), rows));
    }

    public void round(int number, long moreRows) {
        round = number;
        rowsTotal.addAndGet(moreRows);
    }

    public void done(long rows, long bytes) {
        rowsDone.addAndGet(rows);
        bytesDone.addAndGet(bytes);
    }

    public void note(String text) {
        note.set(text);
    }

    public void lag(long messages) {
        lag.set(messages);
    }

    /// Ingestion stands still.
    ///
    /// @param until at which it reopens by itself
    public void ingestionHeld(Instant since, Instant until) {
        deadline = until;
        held = since;
    }

    public void resumed() {
        held = null;
    }

    /// Whether ingestion stands still though the moment has passed at which it reopens by itself.
    public boolean pastDeadline() {
        return held != null && Instant.now().isAfter(deadline);
    }

    public void parts(long active) {
        parts.set(active);
    }

    public Snapshot snapshot() {
        var since = held;
        return new Snapshot(
                step.get(),
                note.get(),
                round,
                rowsDone.get(),
                rowsTotal.get(),
                bytesDone.get(),
                lag.get(),
                Duration.between(begun, Instant.now()),
                since == null ? Duration.ZERO : Duration.between(since, Instant.now()),
                Duration.between(Instant.now(), deadline),
                parts.get(),
                before,
                Duration.between(paceFrom, Instant.now()));
    }
}
