package rekey.repl.command.operation;

import picocli.CommandLine.Command;
import rekey.step.Step;

@Command(name = "optimize", description = "Operation 7: merges the new table, partition by partition.",
        footer = {"", "Examples: optimize", "          optimize --dry-run"})
public final class Optimize extends OperationCommand {
    @Override protected Step step() {
        return new rekey.step.Optimize();
    }
}
