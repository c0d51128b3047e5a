package rekey.repl.command.shell;

import java.util.List;
import rekey.repl.ShellCommand;

/// Commands about the session itself.
public final class Session {
    public static final List<Class<? extends ShellCommand>> COMMANDS = List.of(Help.class, Exit.class);

    private Session() { }
}
