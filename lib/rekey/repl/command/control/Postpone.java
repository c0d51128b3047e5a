package rekey.repl.command.control;

import picocli.CommandLine.Command;

@Command(name = "postpone", description = "Keeps the run in rounds, without a swap, until unpostpone.",
        footer = {"", "Example: postpone"})
public final class Postpone extends OrderCommand {
    @Override protected int run() {
        return order("postpone", "", "No pause and no swap from now on; rounds go on. unpostpone takes it back.");
    }
}
