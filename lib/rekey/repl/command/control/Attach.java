package rekey.repl.command.control;

import picocli.CommandLine.Command;
import rekey.repl.ShellCommand;

@Command(name = "attach", description = "Shows what the runner in another process does, at the bottom and line by line, until it ends or detach.",
        footer = {"", "Example: attach"})
public final class Attach extends ShellCommand {
    @Override protected int run() {
        return shell.follow() ? 0 : 3;
    }
}
