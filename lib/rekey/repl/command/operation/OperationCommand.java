package rekey.repl.command.operation;

import rekey.repl.command.StepCommand;
import rekey.step.Step;

/// One operation by itself: shown, asked for, run.
abstract class OperationCommand extends StepCommand {
    protected abstract Step step();

    protected boolean asks() {
        return true;
    }

    @Override protected int run() {
        var run = newRun();
        if (asks()) run.sure(step(), "Run " + step().name() + "?");
        return run.one(step());
    }
}
