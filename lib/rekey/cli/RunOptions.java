package rekey.cli;

import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The options of commands that change something.
public final class RunOptions extends PlanOptions {
    private static final Set<String> COPYING = Set.of("migrate", "backfill", "events-0002");

    @Spec(Spec.Target.MIXEE)
    CommandSpec command;

    @Option(names = "--plan", paramLabel = "HASH", description = "begin only if the plan still has this hash")
    String plan;

    @Option(names = "--dry-run", description = "print the SQL that is left to do, and do nothing")
    boolean dryRun;

    @Option(names = "--yes", description = "don't ask before a live table is changed")
    boolean yes;

    @Option(names = "--take-over", description = "end another runner's hold on the table first")
    boolean takeOver;

    @Option(
            names = "--on-event",
            paramLabel = "CMD",
            description = "a shell command, run beside for each event with JSON on its standard input")
    String onEvent;

    @Override
    String onEvent() {
        return onEvent;
    }

    @Override
    public String plan() {
        return plan;
    }

    @Override
    public boolean dryRun() {
        return dryRun;
    }

    @Override
    public boolean takeOver() {
        return takeOver;
    }

    /// Those that copy. With --take-over not: a runner that seems to hang may be one that copies on a host which
    /// this machine alone can't reach.
    @Override
    boolean withoutCopier() {
        return command != null && COPYING.contains(command.name()) && !dryRun && !takeOver;
    }

    @Override
    ConsolePrompt asking() {
        return new ConsolePrompt(yes);
    }
}
