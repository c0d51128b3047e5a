package rekey.repl.command.step;

import java.util.Optional;
import picocli.CommandLine.Command;
import rekey.cli.text.Texts;
import rekey.ingestion.Gate;
import rekey.model.Trouble;
import rekey.repl.command.StepCommand;
import rekey.session.Session;
import rekey.step.Backfill;
import rekey.step.Create;
import rekey.step.Pause;
import rekey.step.Position;
import rekey.step.Step;
import rekey.step.Swap;

@Command(name = "undo", description = {"Takes the last step back that left something; shows how and asks.",
        "The swap is undone without loss: rows that came since are carried into the old table first."},
        footer = {"", "Examples: undo", "          undo --dry-run"})
public final class Undo extends StepCommand {
    @Override protected int run() {
        var run = newRun();
        var step = last(run.session()).orElseThrow(() -> new Trouble.Refused("There is nothing to undo: the table is as it was."));
        if (!dryRun) {
            if (!(yes || shell.yes())) shell.say(Texts.begun(Texts.of(run.undone(step)), "undo --dry-run"));
            operator().sure("Undo " + step.name() + "?");
        }
        return run.undo(step);
    }

    private Optional<Step> last(Session s) {
        return switch (Position.of(s)) {
            case Position.Finalized f -> throw new Trouble.Refused("Migration " + shell.chosen().name() + " is finalized: its backup was dropped, so there is no way back.");
            case Position.Swapped b -> Optional.of(new Swap());
            case Position.Exchanged e -> Optional.of(new Swap());
            case Position.Created c when !new Gate(s.server(), s.rewrite()).standing().isEmpty() -> Optional.of(new Pause());
            case Position.Created c -> Optional.of(s.catalog().table(c.target()).rows() > 0 ? new Backfill() : new Create());
            case Position.NotBegun n -> Optional.empty();
        };
    }
}
