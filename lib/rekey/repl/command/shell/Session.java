package rekey.repl.command.shell;

import java.util.List;
import rekey.repl.ShellCommand;

/// Commands about the session itself.
public final class Session {
    public static final List<Class<? extends ShellCommand>> COMMANDS = List.of(Help.class, Connect.class, Choose.class, Watch.class, History.class, Exit.class);

    private Session() { }
}
