package rekey.repl.command.operation;

import picocli.CommandLine.Command;
import rekey.step.Step;

@Command(name = "verify", description = "Compares all that was carried, online; after the swap the live table and its backup.",
        footer = {"", "Examples: verify", "          verify --dry-run"})
public final class Verify extends OperationCommand {
    @Override protected Step step() {
        return new rekey.step.Verify();
    }

    /// It changes no row.
    @Override protected boolean asks() {
        return false;
    }
}
