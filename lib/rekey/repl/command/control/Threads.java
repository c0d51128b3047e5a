package rekey.repl.command.control;

import picocli.CommandLine.Command;
import rekey.session.Limits;

@Command(name = "threads", description = "How many partitions are copied side by side.",
        footer = {"", "Examples: threads 4", "          threads ?"})
public final class Threads extends LimitCommand {
    @Override String name() { return "threads"; }

    @Override Limits changed(Limits limits, String value) {
        return limits.withThreads(Math.toIntExact(Math.min(number(1), 1000)));
    }

    @Override Limits ordered(String argument) {
        return shell.limits().withThreads(Integer.parseInt(argument));
    }

    @Override String argument(Limits limits) {
        return "" + limits.threads();
    }

    @Override String text(Limits limits) {
        return "" + limits.threads();
    }
}
