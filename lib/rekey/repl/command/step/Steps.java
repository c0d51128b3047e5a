package rekey.repl.command.step;

import java.util.List;
import rekey.repl.ShellCommand;

/// Commands that take a migration on, or back.
public final class Steps {
    public static final List<Class<? extends ShellCommand>> COMMANDS = List.of(Status.class, Plan.class, Check.class, Explain.class, Next.class, Run.class,
            Undo.class, Rollback.class, Finalize.class, Runbook.class);

    private Steps() { }
}
