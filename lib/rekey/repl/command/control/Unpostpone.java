package rekey.repl.command.control;

import picocli.CommandLine.Command;

@Command(name = "unpostpone", description = "Lets the swap come.",
        footer = {"", "Example: unpostpone"})
public final class Unpostpone extends OrderCommand {
    @Override protected int run() {
        return order("unpostpone", "", "The swap may come.");
    }
}
