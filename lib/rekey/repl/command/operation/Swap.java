package rekey.repl.command.operation;

import picocli.CommandLine.Command;
import rekey.step.Step;

@Command(name = "swap", description = "Operation 5: exchanges the tables; the old one becomes the backup.",
        footer = {"", "Examples: swap", "          swap --dry-run"})
public final class Swap extends OperationCommand {
    @Override protected Step step() {
        return new rekey.step.Swap();
    }
}
