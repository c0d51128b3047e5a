package rekey.repl.command.operation;

import picocli.CommandLine.Command;
import rekey.step.Step;

@Command(name = "backfill", description = "Operation 2: copies in checked chunks, then in rounds what came since, while ingestion goes on.",
        footer = {"", "Examples: backfill", "          backfill --dry-run"})
public final class Backfill extends OperationCommand {
    @Override protected Step step() {
        return new rekey.step.Backfill();
    }
}
