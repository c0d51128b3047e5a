package rekey.repl.command.inspect;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import rekey.sheet.Sheet;

@Command(name = "tables", description = "The database's tables: engine, rows, size, parts, what each is there for; what is detached, too.",
        footer = {"", "Examples: tables", "          tables posthog"})
public final class Tables extends Looking {
    @Parameters(arity = "0..1", paramLabel = "DATABASE", description = "else the present one") String database;

    @Override protected Sheet look() {
        return new rekey.look.Tables(shell.server()).sheet(database == null ? database() : database);
    }
}
