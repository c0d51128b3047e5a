package rekey.repl.command;

import picocli.CommandLine.Option;
import rekey.cli.Run;
import rekey.model.Trouble;
import rekey.repl.ShellCommand;
import rekey.repl.run.AtTheTerminal;

/// What the commands that change something have in common.
public abstract class StepCommand extends ShellCommand {
    @Option(names = "--yes", description = "don't ask") protected boolean yes;

    @Option(names = "--dry-run", description = "show the SQL, and do nothing") protected boolean dryRun;

    @Option(names = "--take-over", description = "end another runner's hold on the table first") protected boolean takeOver;

    /// Each is a run of its own; one at a time.
    protected Run newRun() {
        shell.underway().ifPresent(u -> { throw new Trouble.Refused(u.what() + " goes on: wait for it, or stop it first."); });
        return new Run(shell.newSession(), shell.chosen(), operator());
    }

    protected AtTheTerminal operator() {
        return new AtTheTerminal(shell, yes, dryRun, null, takeOver);
    }
}
