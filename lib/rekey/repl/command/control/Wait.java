package rekey.repl.command.control;

import picocli.CommandLine.Command;
import rekey.repl.ShellCommand;

@Command(name = "wait", description = "Waits until this session's run has ended; Ctrl-C gives the prompt back, the run goes on.",
        footer = {"", "Example: wait"})
public final class Wait extends ShellCommand {
    @Override protected int run() {
        var underway = shell.underway();
        if (underway.isEmpty()) return 0;
        var waiting = Thread.currentThread();
        try (var _ = shell.onInterrupt(waiting::interrupt)) {
            return underway.get().await();
        }
    }
}
