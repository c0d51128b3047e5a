package rekey.repl.command.inspect.server;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import rekey.look.Activity;
import rekey.repl.command.inspect.Looking;
import rekey.sheet.Sheet;

@Command(name = "slow", description = "Queries of the last minutes by the time they took, from the query log; those of one table, to see who uses it.",
        footer = {"", "Examples: slow", "          slow events --minutes 60"})
public final class Slow extends Looking {
    @Parameters(arity = "0..1", paramLabel = "TABLE", description = "else of all") String table;

    @Option(names = "--minutes", defaultValue = "15", description = "how far back; default ${DEFAULT-VALUE}") int minutes;

    @Override protected Sheet look() {
        return new Activity(shell.server()).slow(table == null ? null : existing(table(table)), minutes);
    }
}
