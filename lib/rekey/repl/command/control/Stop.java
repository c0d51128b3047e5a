package rekey.repl.command.control;

import picocli.CommandLine.Command;
import rekey.repl.ShellCommand;
import rekey.run.Orders;

@Command(name = "stop", description = "Ends the run and its query on the server; it can go on or go back.",
        footer = {"", "Example: stop"})
public final class Stop extends ShellCommand {
    @Override protected int run() {
        Orders.stop(shell.session());
        return 0;
    }
}
