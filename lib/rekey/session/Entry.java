package rekey.session;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// One line of the journal.
///
/// @param at     the server's clock
/// @param runner who wrote it
/// @param number its place among this runner's lines, from 1
/// @param step   the step it belongs to, empty for the run as a whole
/// @param detail what a restart or a colleague needs to know; no secrets
public record Entry(Instant at, String runner, long number, String step, Event event, Map<String, String> detail) {

    /// What a line is about.
    public enum Event {
        /// A runner took or left the migration.
        LOCKED, UNLOCKED,
        /// The plan, frozen before the first change.
        PLANNED,
        /// A step begins, ends well, ends badly.
        BEGUN, DONE, FAILED,
        /// What is about to happen, with the witness by which a restart tells whether it did.
        INTENT,
        /// A chunk's checked rows are in their table.
        ATTACHED,
        /// An intended attach is known not to have happened, or was taken back.
        ABANDONED,
        /// A DELETE that was run on the table that is read was run on the table that is filled too; a partition or part that was
        /// dropped or expired there is gone here, or counts as gone.
        REPLAYED, DROPPED,
        /// A round is over.
        ROUND,
        /// Ingestion stands still; goes on.
        HELD, RESUMED,
        /// A difference was found: nothing may be swapped until a person has looked.
        POISONED,
        /// One partition was compared and found the same; with what both sides consisted of, so that a comparison that
        /// was cut short can go on from there.
        COMPARED,
        /// A comparison of all that was carried found no difference.
        VERIFIED,
        /// A comparison of a sample found no difference: good to know, and no condition of anything.
        SAMPLED,
        /// A person's word to the runner: stop, throttle, threads, ...
        CONTROL,
        /// Undone, rolled back, finalized.
        UNDONE, ROLLED_BACK, FINALIZED,
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

    /// Whether it is of what was carried from one table into another, by their UUIDs.
    public boolean between(String from, String to) {
        return get("from").equals(from) && get("to").equals(to);
    }

    /// The pause that is in force: the last, unless a line has ended it. The guard of one before may write late that it ended that.
    public static Optional<Entry> held(List<Entry> journal) {
        Optional<Entry> open = Optional.empty();
        for (var e : journal) {
            if (e.event() == Event.HELD) open = Optional.of(e);
            if (e.event() == Event.RESUMED) open = open.filter(held -> !held.get("hold").equals(e.get("hold")));
        }
        return open;
    }

    /// The intents of attaches, between whichever tables, that no line has settled yet: what a killed runner left open.
    public static List<Entry> unsettled(List<Entry> journal) {
        var settled = journal.stream().filter(e -> e.is(Event.ATTACHED, Event.ABANDONED)).map(e -> e.get("staging")).collect(Collectors.toSet());
        return journal.stream().filter(e -> e.is("attach", Event.INTENT) && !settled.contains(e.get("staging"))).toList();
    }

    public String get(String key) {
        return detail.getOrDefault(key, "");
    }
}
