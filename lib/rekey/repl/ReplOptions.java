package rekey.repl;

import picocli.CommandLine.Option;
import rekey.cli.PlanOptions;

/// The options that the REPL is opened with: those of the scripts, so that a session begins where a script would.
public final class ReplOptions extends PlanOptions {
    @Option(names = "--yes", description = "don't ask before a step, a swap, a rollback or a finalize")
    boolean yes;

    boolean yes() {
        return yes;
    }
}
