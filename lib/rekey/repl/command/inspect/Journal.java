package rekey.repl.command.inspect;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import rekey.sheet.Sheet;

@Command(name = "journal", description = "What was intended and done in the migration, the last lines last.",
        footer = {"", "Examples: journal", "          journal 200", "          journal --all -G"})
public final class Journal extends Looking {
    @Parameters(arity = "0..1", paramLabel = "LINES", defaultValue = "25", description = "how many at most; default ${DEFAULT-VALUE}") int limit;

    @Option(names = "--all", description = "with each chunk's lines, what was measured all along, and what is of use to a restart only") boolean all;

    @Override protected Sheet look() {
        return new rekey.look.Lines(shell.session().journal()).sheet(limit, all);
    }
}
