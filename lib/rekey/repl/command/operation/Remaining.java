package rekey.repl.command.operation;

import picocli.CommandLine.Command;
import rekey.step.Step;

@Command(name = "remaining", description = "Operation 4: carries the few rows that came since the last round.",
        footer = {"", "Examples: remaining", "          remaining --dry-run"})
public final class Remaining extends OperationCommand {
    @Override protected Step step() {
        return new rekey.step.Remaining();
    }
}
