package rekey.repl.command.control;

import java.util.List;
import rekey.repl.ShellCommand;

/// Commands to a run that goes on, here or in another process.
public final class Control {
    public static final List<Class<? extends ShellCommand>> COMMANDS = List.of(Throttle.class, NoThrottle.class, Threads.class, Chunk.class, MaxHeld.class,
            Postpone.class, Unpostpone.class, Stop.class, Panic.class, Wait.class, Attach.class, Detach.class);

    private Control() { }
}
