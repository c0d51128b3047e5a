package rekey.repl.command.inspect.server;

import picocli.CommandLine.Command;
import rekey.look.Activity;
import rekey.repl.command.inspect.Looking;
import rekey.sheet.Sheet;

@Command(name = "queries", description = "Queries that run now, the longest first; kill ID ends one.",
        footer = {"", "Examples: queries", "          queries -G", "          \\\\watch 1 queries"})
public final class Queries extends Looking {
    @Override protected Sheet look() {
        return new Activity(shell.server()).queries();
    }
}
