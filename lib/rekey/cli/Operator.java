package rekey.cli;

import java.util.function.Consumer;
import rekey.run.Runner;
import rekey.session.Session;

/// Who asks for a run: how they are answered, what they are asked, and who looks on meanwhile. A script's stands in its
/// options; the REPL has one of its own.
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

    /// Whether only the statements are to be shown.
    boolean dryRun();

    /// The hash of the plan that was seen; null for any.
    String plan();

    /// Whether another runner's hold on the table is ended first.
    boolean takeOver();

    /// Has the work done by a runner, watched, and says how it stands then.
    ///
    /// @param what in a word, such as `run` or `backfill`
    /// @return an exit code
    int carryOut(String what, Run run, Consumer<Runner> work);

    /// Has something done that only reads and may take long, watched.
    ///
    /// @return an exit code
    default int lookOn(Session looking, Consumer<Session> work) {
        work.accept(looking);
        return 0;
    }
}
