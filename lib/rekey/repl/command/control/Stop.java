package rekey.repl.command.control;

import picocli.CommandLine.Command;
import rekey.cli.Run;
import rekey.repl.run.AtTheTerminal;
import rekey.run.Orders;

@Command(name = "stop", description = "Ends the run and its query on the server; it can go on with run, or back with rollback.",
        footer = {"", "Example: stop"})
public final class Stop extends OrderCommand {
    @Override protected int run() {
        var own = shell.underway();
        if (own.isEmpty()) return new Run(shell.newSession(), shell.chosen(), new AtTheTerminal(shell, true, false, null, false)).stop();
        shell.say("Stopping " + own.get().what() + ".");
        Orders.stop(shell.session());
        return 0;
    }
}
