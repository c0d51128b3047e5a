package rekey.repl;

import java.util.concurrent.Callable;

/// A command of the REPL: a class annotated with picocli's `@Command`, with options and parameters of its own, made anew
/// each time it is typed. Its footer shows examples. The label of a parameter says how it is completed: STEP, TABLE, ...
public abstract class ShellCommand implements Callable<Integer> {
    /// What the session works on.
    protected Shell shell;

    /// @return an exit code; a [rekey.model.Trouble] is shown as its sentence
    protected abstract int run();

    @Override public final Integer call() {
        return run();
    }
}
