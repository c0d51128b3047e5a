package rekey.cli;

import java.util.List;
import java.util.function.Consumer;
import rekey.run.Runner;

/// Where nobody sits: whatever is asked has been answered with yes before, and nothing is said. The journal tells
/// how it goes.
///
/// @param observers who looks on while a runner works
/// @param printed is given the answers
public record UnattendedOperator(boolean dryRun, List<Runner.Observer> observers, Consumer<Object> printed)
        implements Operator {
    @Override
    public void print(Object answer) {
        printed.accept(answer);
    }

    @Override
    public void text(String text) {}

    @Override
    public void say(String text) {}

    @Override
    public void sure(String question) {}

    @Override
    public int carryOut(String what, ConfirmedRun run, Consumer<Runner> work) {
        work.accept(new Runner(run.session(), takeOver(), observers));
        return 0;
    }
}
