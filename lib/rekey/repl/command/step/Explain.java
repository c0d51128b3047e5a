package rekey.repl.command.step;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import rekey.cli.text.Texts;
import rekey.model.Trouble;
import rekey.repl.ShellCommand;
import rekey.run.Plan;
import rekey.step.Finalize;
import rekey.step.Step;
import rekey.step.Steps;
import rekey.step.Swap;

@Command(name = "explain", description = "A step's SQL, its undo, and its state on the server now; without a step the states of all.",
        footer = {"", "Examples: explain", "          explain swap"})
public final class Explain extends ShellCommand {
    @Parameters(arity = "0..1", paramLabel = "STEP") String name;

    @Override protected int run() {
        var session = shell.session();
        var steps = new ArrayList<>(Steps.flat(shell.chosen().steps()));
        steps.add(new Finalize());
        if (name == null) steps.forEach(step -> shell.out().println(state(step)));
        else {
            var step = steps.stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow(() -> new Trouble.Usage(
                    "There is no step '" + name + "': give one of " + String.join(", ", names(steps)) + "."));
            shell.out().println(Texts.of(Plan.part(session, step)));
            shell.out().println("\n" + state(step));
        }
        shell.out().flush();
        return 0;
    }

    private static List<String> names(List<Step> steps) {
        return steps.stream().map(Step::name).toList();
    }

    private String state(Step step) {
        var state = step.name().equals("pause") && new Swap().state(shell.session()).phase() == Step.Phase.DONE ? Step.State.of(true, "the swap has been made in it")
                : step.state(shell.session());
        return "%-10s %-9s  %s".formatted(step.name(), state.phase().name().toLowerCase().replace('_', ' '), Texts.wrapped(state.saw(), 22, 80));
    }
}
