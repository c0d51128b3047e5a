package rekey.repl;

import rekey.clickhouse.ServerGone;
import rekey.model.Trouble;

/// An error as the sentence that a person reads.
final class Telling {
    private Telling() { }

    /// @return the exit code of its kind
    static int of(Throwable e, Shell shell) {
        if (shell.verbose()) e.printStackTrace(shell.screen().out());
        switch (e) {
            case ServerGone gone -> shell.say(gone.getMessage() + (shell.screen().interactive() ? " This session stays, and connects anew with the next command." : ""));
            case Trouble t -> shell.say(t.getMessage());
            default -> shell.say("rekey itself failed (" + e.getClass().getSimpleName() + ": " + e.getMessage() + "): open it with --verbose and report what it says.");
        }
        return e instanceof Trouble t ? t.exitCode() : 1;
    }
}
