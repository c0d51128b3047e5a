package rekey.repl.command.inspect.server;

import picocli.CommandLine.Command;
import rekey.look.Activity;
import rekey.look.Sheet;
import rekey.repl.command.inspect.Looking;

@Command(name = "queries", description = "Queries that run now, the longest first; kill ID ends one.",
        footer = {"", "Examples: queries", "          queries -G", "          \\\\watch 1 queries"})
public final class Queries extends Looking {
    @Override protected Sheet look() {
        return new Activity(shell.server()).queries();
    }
}
