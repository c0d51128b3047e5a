package rekey.repl.command.inspect.server;

import picocli.CommandLine.Command;
import rekey.repl.command.inspect.Looking;
import rekey.sheet.Sheet;

@Command(name = "now", description = "The first look: one line for each thing that can be wrong, those marked that are out of the ordinary.",
        footer = {"", "Examples: now", "          \\\\watch 5 now"})
public final class Now extends Looking {
    @Override protected Sheet look() {
        return new rekey.look.Overview(shell.server(), shell.kafka()).sheet(database());
    }
}
