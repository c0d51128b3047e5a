package rekey.repl.command.operation;

import picocli.CommandLine.Command;
import rekey.step.Step;

@Command(name = "resume", description = "Operation 6: reads from Kafka again, from where it stopped.",
        footer = {"", "Examples: resume", "          resume --dry-run"})
public final class Resume extends OperationCommand {
    @Override protected Step step() {
        return new rekey.step.Resume();
    }

    /// Who opens ingestion is in a hurry, and can do no harm.
    @Override protected boolean asks() {
        return false;
    }
}
