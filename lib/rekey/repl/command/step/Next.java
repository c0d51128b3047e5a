package rekey.repl.command.step;

import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import rekey.cli.text.Texts;
import rekey.repl.command.StepCommand;
import rekey.step.Step;
import rekey.step.Steps;

@Command(name = "next", description = {"The next step alone.", "Pause, remaining, swap and resume are one step here, for ingestion is held meanwhile; each has a command of its own."},
        footer = {"", "Examples: next", "          next --yes"})
public final class Next extends StepCommand {
    @Override protected int run() {
        var run = newRun();
        var left = Ahead.upTo(run.session(), shell.chosen(), Optional.empty());
        if (left.isEmpty()) {
            shell.out().println("Nothing is left to do; finalize lets the backup go, rollback goes back.");
            shell.out().flush();
            return 0;
        }
        var inner = within(left.getFirst());
        var last = inner.getLast().name();
        var ahead = left.stream().filter(step -> inner.stream().anyMatch(i -> i.name().equals(step.name()))).toList();
        if (!dryRun) {
            if (!(yes || shell.yes())) shell.say(ahead.size() == 1 ? Texts.begun(Ahead.statements(run.session(), ahead.getFirst()), "next --dry-run") : Ahead.text(run.session(), ahead));
            operator().sure("Run " + String.join(", ", ahead.stream().map(Step::name).toList()) + "?");
            return run.all(last);
        }
        ahead.forEach(step -> operator().print(rekey.run.Plan.part(run.session(), step)));
        return 0;
    }

    /// The part of the migration that a step is run in.
    private List<Step> within(Step step) {
        return Steps.parts(shell.chosen().steps()).stream().map(Steps::flat).filter(part -> part.stream().anyMatch(s -> s.name().equals(step.name())))
                .findFirst().orElse(List.of(step));
    }
}
