package rekey.repl.command.inspect;

import java.util.List;
import rekey.repl.ShellCommand;

/// Commands that look at the cluster.
public final class Inspect {
    public static final List<Class<? extends ShellCommand>> COMMANDS = List.of();

    private Inspect() { }
}
