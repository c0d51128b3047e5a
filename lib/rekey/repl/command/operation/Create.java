package rekey.repl.command.operation;

import picocli.CommandLine.Command;
import rekey.step.Step;

@Command(name = "create", description = "Operation 1: the new table, made from the source's whole definition, with the new keys.",
        footer = {"", "Examples: create", "          create --dry-run"})
public final class Create extends OperationCommand {
    @Override protected Step step() {
        return new rekey.step.Create();
    }
}
