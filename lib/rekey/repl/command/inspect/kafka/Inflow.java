package rekey.repl.command.inspect.kafka;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import rekey.repl.command.inspect.Looking;
import rekey.sheet.Sheet;

@Command(name = "inflow", description = "Whether rows come into a table: minute by minute, from the parts that inserts have made.",
        footer = {"", "Examples: inflow", "          inflow events --minutes 60"})
public final class Inflow extends Looking {
    @Parameters(arity = "0..1", paramLabel = "TABLE", description = "else the migration's source") String table;

    @Option(names = "--minutes", defaultValue = "15", description = "how far back; default ${DEFAULT-VALUE}") int minutes;

    @Override protected Sheet look() {
        return new rekey.look.Inflow(shell.server()).sheet(existing(table(table)), minutes);
    }
}
