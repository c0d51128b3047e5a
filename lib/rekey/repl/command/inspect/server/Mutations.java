package rekey.repl.command.inspect.server;

import picocli.CommandLine.Command;
import rekey.look.Activity;
import rekey.repl.command.inspect.Looking;
import rekey.sheet.Sheet;

@Command(name = "mutations", description = "Mutations that are not done, and why they fail.",
        footer = {"", "Example: mutations"})
public final class Mutations extends Looking {
    @Override protected Sheet look() {
        return new Activity(shell.server()).mutations();
    }
}
