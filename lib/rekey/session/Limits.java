package rekey.session;

import java.time.Duration;

/// What a run may cost.
///
/// @param maxHeld   rounds go on until what is left can be carried in this time
/// @param deadline  a pause longer than this is ended and ingestion reopened; under 50 s, for after 65 s held resuming
///                  took 38 s (DESIGN: exactness 11)
/// @param threads   partitions copied side by side
/// @param chunkRows a chunk is cut at about so many rows
/// @param coarser   whether a new key that merges rows the old one kept apart is accepted
public record Limits(Duration maxHeld, Duration deadline, int threads, long chunkRows, boolean coarser) {
    public static final Limits DEFAULT = new Limits(Duration.ofSeconds(1), Duration.ofSeconds(30), 2, 20_000_000, false);

    public Limits {
        if (deadline.toSeconds() > 50) throw new rekey.model.Trouble.Usage("A deadline of " + deadline.toSeconds()
                + " s is too long: Kafka's consumers leave their group after 60 s, so give --deadline at most 50s.");
        if (threads < 1) throw new rekey.model.Trouble.Usage("--threads " + threads + " is too few: give at least 1.");
    }

    public Limits withThreads(int n) { return new Limits(maxHeld, deadline, n, chunkRows, coarser); }
    public Limits withMaxHeld(Duration d) { return new Limits(d, deadline, threads, chunkRows, coarser); }
    public Limits withDeadline(Duration d) { return new Limits(maxHeld, d, threads, chunkRows, coarser); }
    public Limits withChunkRows(long n) { return new Limits(maxHeld, deadline, threads, n, coarser); }
    public Limits withCoarser(boolean yes) { return new Limits(maxHeld, deadline, threads, chunkRows, yes); }
}
