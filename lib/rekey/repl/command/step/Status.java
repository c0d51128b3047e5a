package rekey.repl.command.step;

import picocli.CommandLine.Command;
import rekey.repl.ShellCommand;
import rekey.run.ProgressWatch;

@Command(name = "status", description = "Where the migration stands: step, rows, time left, held, the last error, what one may do now.",
        footer = {"", "Example: status"})
public final class Status extends ShellCommand {
    @Override protected int run() {
        return shell.print(rekey.run.Status.of(shell.session(), shell.chosen(), ProgressWatch.lagOf(shell.session())));
    }
}
