package rekey.page;

import java.util.List;
import rekey.run.Status;

/// One migration as the page shows it, at one moment.
///
/// @param key        the name by which the journal knows it: one name may serve two tables
/// @param status     what `status --json` says
/// @param steps      in their order
/// @param partitions of the live table, and how much of each has come over
/// @param carried    rows carried by then, over time
/// @param lag        messages that waited in Kafka, over time
/// @param holds      when ingestion stood still
/// @param deadline   epoch milliseconds at which ingestion is reopened whatever happens; null while it is open
/// @param throttled  whether the operator has throttled the copy
/// @param postponed  whether the operator has postponed the pause
/// @param checks     of the healthcheck; empty where nothing runs
/// @param journal    the last lines
/// @param back       what a rollback would do; empty where there is no way back
record ShownMigration(
        String key,
        Status status,
        List<Phase> steps,
        List<Partition> partitions,
        List<Point> carried,
        List<Point> lag,
        List<Hold> holds,
        Long deadline,
        boolean throttled,
        boolean postponed,
        List<Verdict> checks,
        List<Line> journal,
        List<String> back) {
    /// One of which nothing is known but that it is there.
    ///
    /// @param why in a sentence
    static ShownMigration unreadable(String key, String why) {
        return new ShownMigration(
                key,
                Status.unreadable(key, why),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                null,
                false,
                false,
                List.of(),
                List.of(),
                List.of());
    }

    /// @param phase `done`, `now` or `later`
    record Phase(String name, String phase) {}

    /// @param of rows of the live table, or of the old one after the swap
    record Partition(String name, long of, long done) {}

    /// @param t epoch milliseconds
    record Point(long t, long n) {}

    /// @param to null while it lasts
    record Hold(long from, Long to) {}

    record Verdict(String name, String verdict, String saw) {}

    record Line(long t, String step, String event, String what) {}
}
