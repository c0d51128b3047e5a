package rekey.repl.command.step;

import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import rekey.repl.command.StepCommand;
import rekey.step.Step;

@Command(name = "run", aliases = "migrate", description = "All steps that are not done, or up to one of them; shows them and asks.",
        footer = {"", "Examples: run", "          run --until verify", "          run --dry-run", "          run --yes --take-over"})
public final class Run extends StepCommand {
    @Option(names = "--until", paramLabel = "STEP", description = "end when this one is done, such as backfill") String until;

    @Override protected int run() {
        var run = newRun();
        var left = Ahead.upTo(run.session(), shell.chosen(), Optional.ofNullable(until));
        if (!dryRun && !left.isEmpty()) {
            if (!(yes || shell.yes())) shell.say(Ahead.text(run.session(), left));
            operator().sure("Run " + String.join(", ", left.stream().map(Step::name).toList()) + "?");
        }
        return run.all(until);
    }
}
