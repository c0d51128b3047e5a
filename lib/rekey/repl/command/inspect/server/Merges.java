package rekey.repl.command.inspect.server;

import picocli.CommandLine.Command;
import rekey.look.Activity;
import rekey.repl.command.inspect.Looking;
import rekey.sheet.Sheet;

@Command(name = "merges", description = "Merges that run, how far they are, and tables whose merges are held.",
        footer = {"", "Examples: merges", "          \\\\watch 2 merges"})
public final class Merges extends Looking {
    @Override protected Sheet look() {
        return new Activity(shell.server()).merges(database());
    }
}
