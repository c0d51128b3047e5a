package rekey.step;

import java.util.List;
import rekey.session.Session;

/// One operation of a migration, as a value: it can be run, looked at, undone, printed and composed. What is done is
/// read from the server, so a step can be run twice, killed anywhere and run again.
public interface Step {
    /// As in the guide's list: `create`, `backfill`, ...
    String name();

    /// What it would run now, and what would undo it.
    Description describe(Session session);

    /// What it would run now with the data as they are: the statements that are left. Nothing where it is done.
    default Description left(Session session) {
        var state = state(session);
        return state.phase() == Phase.DONE ? new Description("Nothing is left to do: " + state.saw() + ".", List.of(), List.of()) : describe(session);
    }

    /// Read from the server.
    State state(Session session);

    /// Does what is left of it; nothing where it is done.
    void run(Session session);

    /// Takes it back; nothing where it is not done.
    void undo(Session session);

    /// The statements that [#undo] runs.
    ///
    /// @param at where the migration stands by then; where it is not there yet, they are told as they will be
    default List<String> undoing(Session session, Position at) {
        return List.of();
    }

    /// Statements are made by the same words that [#run] and [#undo] have. A line that begins with `--` is a comment, which heads what
    /// follows up to the next; see [rekey.copy.Outline]. What only the run knows, a new table's name say, is in angle brackets.
    ///
    /// @param says one sentence
    /// @param sql  the statements; where their number depends on data, one of each kind
    /// @param undo the statements that take it back
    record Description(String says, List<String> sql, List<String> undo) { }

    /// @param saw what on the server tells it
    record State(Phase phase, String saw) {
        public static State of(boolean done, String saw) {
            return new State(done ? Phase.DONE : Phase.TO_DO, saw);
        }
    }

    enum Phase { TO_DO, UNDER_WAY, DONE }
}
