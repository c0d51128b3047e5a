package rekey.repl.command.step;

import picocli.CommandLine.Command;
import rekey.repl.ShellCommand;

@Command(name = "plan", description = "What would be done: every statement and its undo, the chunks, time, disk, what is refused; only reads.",
        footer = {"", "Examples: plan", "          plan > plan.txt"})
public final class Plan extends ShellCommand {
    @Override protected int run() {
        return shell.print(shell.asked(() -> rekey.run.Plan.of(shell.session(), shell.chosen())));
    }
}
