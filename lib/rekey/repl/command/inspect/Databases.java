package rekey.repl.command.inspect;

import picocli.CommandLine.Command;
import rekey.sheet.Sheet;

@Command(name = "databases", description = "The server's databases and how much is in each.",
        footer = {"", "Example: databases"})
public final class Databases extends Looking {
    @Override protected Sheet look() {
        return new rekey.look.Tables(shell.server()).databases();
    }
}
