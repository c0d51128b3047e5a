package rekey.repl.command.control;

import picocli.CommandLine.Command;
import rekey.repl.ShellCommand;

@Command(name = "detach", description = "Shows the other process' run no more; it goes on.", footer = {"", "Example: detach"})
public final class Detach extends ShellCommand {
    @Override protected int run() {
        shell.unfollow();
        return 0;
    }
}
