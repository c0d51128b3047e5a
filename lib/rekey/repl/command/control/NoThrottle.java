package rekey.repl.command.control;

import picocli.CommandLine.Command;

@Command(name = "no-throttle", description = "Lets the copy go on.",
        footer = {"", "Example: no-throttle"})
public final class NoThrottle extends OrderCommand {
    @Override protected int run() {
        return order("no-throttle", "", "The copy goes on.");
    }
}
