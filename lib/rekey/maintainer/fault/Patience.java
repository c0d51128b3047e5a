package rekey.maintainer.fault;

import java.time.Duration;

/// How long a tool is waited for: as long as it gets on. On a machine with a load of 190 a run that went on was
/// taken for one that is stuck: it took 90 s to begin. Not for ever, for one carried rows without end.
final class Patience {
    /// A line that comes whether or not it gets on.
    private static final String HEARTBEAT = " SAMPLE";
    /// So many times its length is the end of all patience.
    private static final int MOST = 4;

    private final long nanos, begun;
    private volatile long spoke;

    /// @param now in nanoseconds, as in all of it
    Patience(Duration length, long now) {
        nanos = length.toNanos();
        begun = now;
        spoke = now;
    }

    /// A line that the tool printed.
    void heard(String line, long now) {
        if (!line.endsWith(HEARTBEAT)) spoke = now;
    }

    boolean isOver(long now) {
        return now - spoke > nanos || now - begun > MOST * nanos;
    }
}
