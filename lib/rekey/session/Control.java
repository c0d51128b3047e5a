package rekey.session;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import rekey.model.Trouble;

/// The operator's hand on a running migration. Every loop of a run passes [#checkpoint] between two statements.
public final class Control {
    private final AtomicReference<String> stop = new AtomicReference<>();
    private final AtomicReference<String> throttle = new AtomicReference<>();
    private volatile Runnable fence = () -> {};
    private volatile Supplier<Optional<String>> successor = Optional::empty;
    private final AtomicReference<Onlooker> onlooker = new AtomicReference<>();
    private volatile boolean postponed, held;
    private volatile Limits limits;

    public Control(Limits limits) {
        this.limits = limits;
    }

    public Limits limits() {
        return limits;
    }

    public void limits(Limits changed) {
        limits = changed;
    }

    /// Ends the run at the next checkpoint.
    ///
    /// @param why a sentence for the one who reads the error
    public void stop(String why) {
        stop.compareAndSet(null, why);
    }

    public boolean stopping() {
        return stop.get() != null;
    }

    /// What a run that was stopped ends with, where it was.
    public Optional<Trouble.Stopped> stopped() {
        return Optional.ofNullable(stop.get()).map(Trouble.Stopped::new);
    }

    /// Holds the copy, not ingestion; null lets it go on.
    public void throttle(String why) {
        throttle.set(why);
    }

    public String throttled() {
        return throttle.get();
    }

    /// Whether ingestion is held. The few rows that are copied then are copied at once, throttled or not: a copy
    /// that waits would keep Kafka waiting up to the deadline.
    public void ingestionHeld(boolean yes) {
        held = yes;
        if (!yes && onlooker.getAndSet(null) instanceof Onlooker o) o.close();
    }

    /// One who sees Kafka while ingestion is held: to connect only then would make the hold longer.
    public interface Onlooker extends AutoCloseable {
        /// What the consumer groups have committed.
        String committed();

        @Override
        void close();
    }

    /// He is let go when ingestion goes on.
    public void onlooker(Onlooker o) {
        onlooker.set(o);
    }

    public Optional<Onlooker> onlooker() {
        return Optional.ofNullable(onlooker.get());
    }

    /// Keeps the run in rounds, without pausing ingestion, until it is taken back.
    public void postpone(boolean yes) {
        postponed = yes;
    }

    public boolean postponed() {
        return postponed;
    }

    /// Asked right before rows or names change: whether this runner still has the lock.
    ///
    /// @throws Trouble.Stopped when it does not
    public void fence() {
        if (stop.get() != null) throw new Trouble.Stopped(stop.get());
        fence.run();
    }

    public void fence(Runnable check) {
        fence = check;
    }

    /// Who has the lock in this runner's place. Where somebody has, this one puts nothing right any more: what it
    /// finds is that one's, an ingestion that is held among it.
    ///
    /// @throws Trouble.Failed when the server can't tell
    public Optional<String> successor() {
        return successor.get();
    }

    public void successor(Supplier<Optional<String>> look) {
        successor = look;
    }

    /// Returns at once, waits while the copy is throttled, or ends the run.
    ///
    /// @throws Trouble.Stopped when a stop was asked for
    public void checkpoint() {
        while (true) {
            if (stop.get() != null) throw new Trouble.Stopped(stop.get());
            if (throttle.get() == null || held) return;
            pause(100);
        }
    }

    /// Leaves time to others after work, as `--nice` asks for; not while ingestion is held. What is said meanwhile
    /// counts at once.
    public void rest(Duration worked) {
        long begun = System.nanoTime();
        while (!held && System.nanoTime() - begun < worked.toNanos() * (limits.nice() / (1 - limits.nice()))) sleep(20);
    }

    /// Sleeps, and ends early with [Trouble.Stopped] when a stop is asked for.
    public void sleep(long millis) {
        for (long left = millis; left > 0; left -= 100) {
            if (stop.get() != null) throw new Trouble.Stopped(stop.get());
            pause(Math.min(left, 100));
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("The run was interrupted.");
        }
    }
}
