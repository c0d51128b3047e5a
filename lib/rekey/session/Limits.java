package rekey.session;

import java.time.Duration;

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
            throw new rekey.model.Trouble.Usage("A deadline of " + deadline.toSeconds()
                    + " s is too long: Kafka's consumers leave their group after 60 s, so give --deadline at"
                    + " most 50s.");
        if (threads < 1) throw new rekey.model.Trouble.Usage("--threads " + threads + " is too few: give at least 1.");
        if (!(nice >= 0 && nice < 1))
            throw new rekey.model.Trouble.Usage("--nice " + nice
                    + " is no share that leaves time to get on: give 0 to 0.99, as 0.5 for as long a rest as work.");
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
