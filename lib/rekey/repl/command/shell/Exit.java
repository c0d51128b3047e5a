package rekey.repl.command.shell;

import picocli.CommandLine.Command;
import rekey.repl.ShellCommand;

@Command(name = "exit", aliases = {"quit", "\\q"}, description = "Leaves; Ctrl-D does so too.", footer = {"", "Example: exit"})
public final class Exit extends ShellCommand {
    @Override protected int run() {
        shell.leave();
        return 0;
    }
}
