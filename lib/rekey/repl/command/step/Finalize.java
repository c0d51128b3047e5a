package rekey.repl.command.step;

import picocli.CommandLine.Command;
import rekey.repl.command.StepCommand;

@Command(name = "finalize", description = "Shows the backup, asks, and drops it: from then on there is no way back.",
        footer = {"", "Examples: finalize", "          finalize --dry-run"})
public final class Finalize extends StepCommand {
    @Override protected int run() {
        var run = newRun();
        var step = new rekey.step.Finalize();
        run.sure(step, "Drop the backup? There is no way back then.");
        return run.one(step);
    }
}
