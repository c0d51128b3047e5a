package rekey.cli;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import rekey.run.Runner;
import rekey.session.Session;

/// Who asks for a run: how they are answered, what they are asked, and who looks on meanwhile. A script's stands in
/// its options, the one at the prompt is a `PromptOperator`; where nobody sits it is an [UnattendedOperator].
public interface Operator {
    /// An answer, as text or as JSON.
    void print(Object answer);

    /// Text only.
    void text(String text);

    /// For the person, not for a pipe.
    void say(String text);

    /// @throws rekey.model.Trouble.Stopped when the answer is no
    /// @throws rekey.model.Trouble.Usage   when nobody can be asked
    void sure(String question);

    /// Says what will happen to a live table, and asks, where a person sits at a terminal.
    ///
    /// @param lines what will happen; none where nothing does, and nobody is asked
    /// @throws rekey.model.Trouble.Stopped when the answer is no
    default void consent(Supplier<List<String>> lines, String question) {}

    /// Whether only the statements are to be shown.
    boolean dryRun();

    /// The hash of the plan that was seen; null for any.
    default String plan() {
        return null;
    }

    /// Whether another runner's hold on the table is ended first.
    default boolean takeOver() {
        return false;
    }

    /// Has the work done by a runner, watched, and says how it stands then.
    ///
    /// @param what in a word, such as `run` or `backfill`
    /// @return an exit code
    int carryOut(String what, ConfirmedRun run, Consumer<Runner> work);

    /// Has something done that only reads and may take long, watched.
    ///
    /// @return an exit code
    default int lookOn(Session looking, Consumer<Session> work) {
        work.accept(looking);
        return 0;
    }
}
