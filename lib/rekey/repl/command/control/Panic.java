package rekey.repl.command.control;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import rekey.repl.run.AtTheTerminal;

@Command(name = "panic", description = "Ends the runner's process at once, as it stands; asks. Its guard reopens ingestion, run goes on later.",
        footer = {"", "Examples: panic", "          panic --yes"})
public final class Panic extends OrderCommand {
    @Option(names = "--yes", description = "don't ask") boolean yes;

    @Override protected int run() {
        new AtTheTerminal(shell, yes, false, null, false).sure("End the runner's process at once, whatever it does? stop is the clean way.");
        return order("panic", "", "The runner is told to end at once. Look with status; run goes on from what the server says.");
    }
}
