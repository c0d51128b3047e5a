package rekey.repl.command.control;

import picocli.CommandLine.Command;

@Command(name = "throttle", description = "Holds the copy, not ingestion, until no-throttle.",
        footer = {"", "Example: throttle"})
public final class Throttle extends OrderCommand {
    @Override protected int run() {
        return order("throttle", "", "The copy waits from now on; no-throttle lets it go on.");
    }
}
