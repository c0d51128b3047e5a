package rekey.session;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// One line of the journal.
///
/// @param at     the server's clock
/// @param runner who wrote it
/// @param number its place among this runner's lines, from 1
/// @param step   the step it belongs to, empty for the run as a whole
/// @param text   what a restart or a colleague needs to know, as it is written, with keys that only a newer version
///               knows; no secrets
/// @param detail the same by its types
public record Entry(
        Instant at, String runner, long number, String step, Event event, Map<String, String> text, Detail detail) {

    /// As it is read.
    ///
    /// @throws rekey.model.Trouble.Refused where it can't be
    public Entry(Instant at, String runner, long number, String step, Event event, Map<String, String> text) {
        this(at, runner, number, step, event, Map.copyOf(text), DetailText.read(step, event, text));
    }

    /// As it is to be written.
    public Entry(Instant at, String runner, long number, String step, Detail detail) {
        this(at, runner, number, step, detail.event(), Map.copyOf(DetailText.write(detail)), detail);
    }

    /// What a line is about.
    public enum Event {
        /// A runner took or left the migration.
        LOCKED,
        UNLOCKED,
        /// The plan, frozen before the first change.
        PLANNED,
        /// A step begins, ends well, ends badly.
        BEGUN,
        DONE,
        FAILED,
        /// What is about to happen, with the witness by which a restart tells whether it did.
        INTENT,
        /// A chunk's checked rows are in their table.
        ATTACHED,
        /// An intended attach is known not to have happened, or was taken back.
        ABANDONED,
        /// A DELETE that was run on the table that is read was run on the table that is filled too; a partition or
        /// part that was dropped or expired there is gone here, or counts as gone.
        REPLAYED,
        DROPPED,
        /// A round is over.
        ROUND,
        /// Ingestion stands still; goes on.
        HELD,
        RESUMED,
        /// A difference was found: nothing may be swapped until a person has looked.
        POISONED,
        /// One partition was compared and found the same; with what both sides consisted of, so that a comparison
        /// that was cut short can go on from there.
        COMPARED,
        /// A comparison of all that was carried found no difference.
        VERIFIED,
        /// A comparison of a sample found no difference. It is informative; nothing depends on it.
        SAMPLED,
        /// A person's word to the runner: stop, throttle, threads, ...
        CONTROL,
        /// Undone, rolled back, finalized.
        UNDONE,
        ROLLED_BACK,
        FINALIZED,
        /// Rows, lag and parts at a moment, for whoever draws the run afterwards.
        SAMPLE,
        /// For people.
        NOTE;

        /// Whether nobody goes by it: it tells of what has been, or of parts that it names by their content.
        boolean onlyTells() {
            return switch (this) {
                case ROUND, COMPARED, SAMPLED, SAMPLE -> true;
                default -> false;
            };
        }
    }

    /// Whether it is of one of some events.
    public boolean is(Event... any) {
        return List.of(any).contains(event);
    }

    /// Whether it is of an event of a step.
    public boolean is(String ofStep, Event of) {
        return step.equals(ofStep) && event == of;
    }

    /// The pause that is in force: the last, unless a line has ended it. The guard of one before may write late that
    /// it ended that.
    public static Optional<Detail.Held> pauseInForce(List<Entry> journal) {
        return holding(journal).map(e -> (Detail.Held) e.detail);
    }

    /// Who has paused.
    public static Optional<String> holder(List<Entry> journal) {
        return holding(journal).map(Entry::runner);
    }

    private static Optional<Entry> holding(List<Entry> journal) {
        Optional<Entry> open = Optional.empty();
        for (var e : journal) {
            if (e.detail instanceof Detail.Held) open = Optional.of(e);
            if (e.detail instanceof Detail.Resumed r)
                open = open.filter(e2 -> !((Detail.Held) e2.detail).hold().equals(r.hold()));
        }
        return open;
    }

    /// The intents of attaches, between whichever tables, that no line has settled yet: what a killed
    /// runner left open.
    public static List<Detail.Attaching> unsettled(List<Entry> journal) {
        var open = new LinkedHashMap<String, Detail.Attaching>();
        for (var e : journal)
            if (e.detail instanceof Detail.Attaching a) open.put(a.chunk().staging(), a);
        for (var e : journal)
            switch (e.detail) {
                case Detail.Attached a -> open.remove(a.chunk().staging());
                case Detail.Abandoned a -> open.remove(a.chunk().staging());
                default -> {}
            }
        return List.copyOf(open.values());
    }

    /// The details of one kind, in the order they were written.
    public static <T extends Detail> Stream<T> all(List<Entry> journal, Class<T> kind) {
        return journal.stream().map(Entry::detail).filter(kind::isInstance).map(kind::cast);
    }

    /// The last one of them.
    public static <T extends Detail> Optional<T> last(List<Entry> journal, Class<T> kind) {
        return all(journal, kind).reduce((a, b) -> b);
    }
}
