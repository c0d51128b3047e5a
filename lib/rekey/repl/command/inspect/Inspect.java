package rekey.repl.command.inspect;

import java.util.List;
import rekey.repl.ShellCommand;
import rekey.repl.command.inspect.kafka.Consumers;
import rekey.repl.command.inspect.kafka.Inflow;
import rekey.repl.command.inspect.kafka.Lag;
import rekey.repl.command.inspect.server.Disks;
import rekey.repl.command.inspect.server.Errors;
import rekey.repl.command.inspect.server.Kill;
import rekey.repl.command.inspect.server.Merges;
import rekey.repl.command.inspect.server.Mutations;
import rekey.repl.command.inspect.server.Now;
import rekey.repl.command.inspect.server.Queries;
import rekey.repl.command.inspect.server.Slow;

/// Commands that look at the cluster.
public final class Inspect {
    public static final List<Class<? extends ShellCommand>> COMMANDS = List.of(Now.class, Tables.class, Databases.class, Describe.class, Partitions.class, Parts.class,
            Diff.class, Journal.class, Inflow.class, Lag.class, Consumers.class, Merges.class, Mutations.class, Disks.class, Queries.class, Slow.class, Kill.class, Errors.class);

    private Inspect() { }
}
