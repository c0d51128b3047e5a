package rekey.cli;

import picocli.CommandLine.Mixin;
import rekey.session.Limits;

/// The options of every command: where, what, and how to answer.
public class Options {
    @Mixin Rewriting rewriting;
    @Mixin Connection connection;
    @Mixin Output output;

    /// An answer, as text or as JSON.
    public void print(Object answer) {
        output.print(answer);
    }

    /// Text as it is.
    public void text(String text) {
        output.text(text);
    }

    Limits limits() {
        return Limits.DEFAULT;
    }

    String onEvent() {
        return null;
    }

    String plan() {
        return null;
    }

    boolean dryRun() {
        return false;
    }

    boolean takeOver() {
        return false;
    }

    Asking asking() {
        return new Asking(false);
    }
}
