package rekey.repl.command.operation;

import java.util.List;
import rekey.repl.ShellCommand;

/// The guide's operations, each by its name.
public final class Operations {
    public static final List<Class<? extends ShellCommand>> COMMANDS = List.of(Create.class, Backfill.class, Verify.class, Pause.class, Remaining.class,
            Swap.class, Resume.class, Optimize.class);

    private Operations() { }
}
