package rekey.session;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/// How far a run is. Written by the steps, read by the progress line, `status` and the REPL.
public final class Progress {
    private final AtomicReference<String> step = new AtomicReference<>("");
    private final AtomicReference<String> note = new AtomicReference<>("");
    private final AtomicLong rowsDone = new AtomicLong(), rowsTotal = new AtomicLong(), bytesDone = new AtomicLong(), lag = new AtomicLong(-1), parts = new AtomicLong(-1);
    private volatile Instant begun = Instant.now();
    private volatile Instant held, deadline = Instant.EPOCH;
    private volatile int round;

    /// The state at one moment.
    ///
    /// @param lag     messages not yet consumed, -1 when not known
    /// @param held    how long ingestion has stood still by now, zero when it does not
    /// @param reopens from now to the deadline at which ingestion reopens by itself; below zero when that has passed
    /// @param parts   active ones of the live table and the new one, -1 when not known
    public record Snapshot(String step, String note, int round, long rowsDone, long rowsTotal, long bytesDone, long lag, Duration elapsed, Duration held, Duration reopens, long parts) {

        /// Rows a second since the step began.
        public double rowsPerSecond() {
            return elapsed.isZero() ? 0 : rowsDone * 1e9 / elapsed.toNanos();
        }

        /// Seconds to the end of the step at the rate so far, -1 when not known.
        public long etaSeconds() {
            return rowsDone == 0 || rowsTotal == 0 ? -1 : Math.round(Math.max(0, rowsTotal - rowsDone) / rowsPerSecond());
        }

        /// 0 to 100, or -1 when there is nothing to count.
        public int percent() {
            return rowsTotal == 0 ? -1 : (int) Math.min(100, rowsDone * 100 / rowsTotal);
        }
    }

    public void begin(String name, long rows) {
        step.set(name);
        note.set("");
        rowsDone.set(0);
        bytesDone.set(0);
        rowsTotal.set(rows);
        round = 0;
        begun = Instant.now();
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
    public void held(Instant since, Instant until) {
        deadline = until;
        held = since;
    }

    public void resumed() {
        held = null;
    }

    public void parts(long active) {
        parts.set(active);
    }

    public Snapshot snapshot() {
        var since = held;
        return new Snapshot(step.get(), note.get(), round, rowsDone.get(), rowsTotal.get(), bytesDone.get(), lag.get(),
                Duration.between(begun, Instant.now()), since == null ? Duration.ZERO : Duration.between(since, Instant.now()),
                Duration.between(Instant.now(), deadline), parts.get());
    }
}
