package rekey.repl.command.step;

import picocli.CommandLine.Option;
import rekey.cli.Run;
import rekey.repl.AtTheTerminal;
import rekey.repl.ShellCommand;

/// What the commands that change something have in common.
abstract class StepCommand extends ShellCommand {
    @Option(names = "--yes", description = "don't ask") boolean yes;

    @Option(names = "--dry-run", description = "show the SQL, and do nothing") boolean dryRun;

    @Option(names = "--take-over", description = "end another runner's hold on the table first") boolean takeOver;

    /// Each is a run of its own.
    Run newRun() {
        return new Run(shell.newSession(), shell.chosen(), operator());
    }

    AtTheTerminal operator() {
        return new AtTheTerminal(shell, yes, dryRun, null, takeOver);
    }
}
