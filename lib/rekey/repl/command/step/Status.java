package rekey.repl.command.step;

import picocli.CommandLine.Command;
import rekey.repl.ShellCommand;
import rekey.run.Lag;

@Command(name = "status", description = "Where the migration stands: step, rows, time left, held, the last error, what one may do now.",
        footer = {"", "Examples: status", "          \\watch 2 status"})
public final class Status extends ShellCommand {
    @Override protected int run() {
        var session = shell.session();
        rekey.run.Status.standstill(session).ifPresent(s -> shell.say(s.sentence(java.time.Instant.now())));
        rekey.run.LeftHeld.sentence(session).ifPresent(shell::say);
        return shell.print(shell.asked(() -> rekey.run.Status.of(session, shell.chosen(), Lag.of(session))));
    }
}
