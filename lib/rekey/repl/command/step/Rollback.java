package rekey.repl.command.step;

import picocli.CommandLine.Command;
import rekey.cli.Run;
import rekey.repl.command.StepCommand;
import rekey.repl.run.AtTheTerminal;
import rekey.run.Runner;

@Command(name = "rollback", description = {"Back to before the migration, without losing rows, from wherever it stands; shows how and asks.", "A run that goes on is stopped first."},
        footer = {"", "Examples: rollback", "          rollback --dry-run"})
public final class Rollback extends StepCommand {
    @Override protected int run() {
        var run = new Run(shell.newSession(), shell.chosen(), operator());
        if (!dryRun) {
            Runner.mustHaveAWayBack(run.session(), shell.chosen());
            if (!(yes || shell.yes())) new Run(run.session(), shell.chosen(), new AtTheTerminal(shell, true, true, null, false)).back();
            operator().sure("Roll " + shell.chosen().name() + " back?");
        }
        return run.back();
    }
}
