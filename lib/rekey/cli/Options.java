package rekey.cli;

import picocli.CommandLine.Mixin;
import rekey.session.Limits;

/// The options of every command: where, what, and how to answer.
public class Options {
    @Mixin Rewriting rewriting;
    @Mixin Connection connection;
    @Mixin Output output;

    /// Whether a migration or a table is named at all.
    public boolean named() {
        return rewriting.named();
    }

    Limits limits() {
        return Limits.DEFAULT;
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
