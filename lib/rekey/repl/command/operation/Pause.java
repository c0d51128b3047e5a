package rekey.repl.command.operation;

import picocli.CommandLine.Command;
import rekey.step.Step;

@Command(name = "pause", description = "Operation 3: stops reading from Kafka; a guard reopens it at the deadline.",
        footer = {"", "Examples: pause", "          pause --dry-run"})
public final class Pause extends OperationCommand {
    @Override protected Step step() {
        return new rekey.step.Pause();
    }
}
