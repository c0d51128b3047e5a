package rekey.session;

import java.time.Duration;
import rekey.model.Trouble;

/// What a run may cost.
///
/// @param maxHeld   rounds go on until what is left can be carried in this time
/// @param deadline  a pause longer than this is ended and ingestion reopened; under 50 s, for after 65 s held
///                  resuming took 38 s (room session, rule 4)
/// @param threads   chunks copied side by side
/// @param chunkRows a chunk is cut at about so many rows
/// @param coarser   whether a new key that merges rows the old one kept apart is accepted
/// @param holdWriters whether the swap waits until nobody writes any more: Kafka is paused in any case, and what
///                    others write in the moment of the exchange is visible a moment late, by a trailing round
/// @param nice what share of its time each thread leaves to others, in what takes long: from 0 for none to below 1
public record Limits(
        Duration maxHeld,
        Duration deadline,
        int threads,
        long chunkRows,
        boolean coarser,
        boolean holdWriters,
        double nice) {
    public static final Limits DEFAULT =
            new Limits(Duration.ofSeconds(1), Duration.ofSeconds(30), 2, 20_000_000, false);

    public Limits(Duration maxHeld, Duration deadline, int threads, long chunkRows, boolean coarser) {
        this(maxHeld, deadline, threads, chunkRows, coarser, false, 0);
    }

    public Limits {
        if (deadline.toSeconds() > 50)
            throw new Trouble.Usage("A deadline of " + deadline.toSeconds()
                    + " s is too long: Kafka's consumers leave their group after 60 s, so give --deadline at"
                    + " most 50s.");
        if (threads < 1) throw new Trouble.Usage("--threads " + threads + " is too few: give at least 1.");
        if (!(nice >= 0 && nice < 1))
            throw new Trouble.Usage("--nice " + nice
                    + " is no share that leaves time to get on: give 0 to 0.99, as 0.5 for as long a rest as work.");
    }

    /// Less leaves no time for the exchange before ingestion is reopened: it was put off until the tries ran out.
    private static final Duration LEAST_DEADLINE = Duration.ofSeconds(3);

    /// No round is shorter.
    private static final Duration LEAST_HELD = Duration.ofMillis(50);

    /// The same, where a run can meet them.
    ///
    /// @throws Trouble.Usage where it can't
    public Limits met() {
        if (deadline.compareTo(LEAST_DEADLINE) < 0)
            throw new Trouble.Usage("A deadline of " + deadline.toMillis() + " ms leaves no time for the exchange: give"
                    + " --deadline at least 3s, as 30s.");
        if (maxHeld.compareTo(LEAST_HELD) < 0)
            throw new Trouble.Usage("--max-held " + maxHeld.toMillis() + " ms is shorter than any round: give at least"
                    + " 50ms, as 1s.");
        if (maxHeld.compareTo(deadline) > 0)
            throw new Trouble.Usage("--max-held " + maxHeld.toSeconds() + " s is longer than --deadline "
                    + deadline.toSeconds() + " s, at which ingestion is reopened whatever happens: give a shorter"
                    + " --max-held, or a longer --deadline.");
        if (chunkRows < 1) throw new Trouble.Usage("--chunk-rows " + chunkRows + " is too few: give at least 1.");
        return this;
    }

    public Limits withThreads(int n) {
        return new Limits(maxHeld, deadline, n, chunkRows, coarser, holdWriters, nice);
    }

    public Limits withMaxHeld(Duration d) {
        return new Limits(d, deadline, threads, chunkRows, coarser, holdWriters, nice);
    }

    public Limits withDeadline(Duration d) {
        return new Limits(maxHeld, d, threads, chunkRows, coarser, holdWriters, nice);
    }

    public Limits withChunkRows(long n) {
        return new Limits(maxHeld, deadline, threads, n, coarser, holdWriters, nice);
    }

    public Limits withCoarser(boolean yes) {
        return new Limits(maxHeld, deadline, threads, chunkRows, yes, holdWriters, nice);
    }

    public Limits withHoldWriters(boolean yes) {
        return new Limits(maxHeld, deadline, threads, chunkRows, coarser, yes, nice);
    }

    public Limits withNice(double share) {
        return new Limits(maxHeld, deadline, threads, chunkRows, coarser, holdWriters, share);
    }
}
