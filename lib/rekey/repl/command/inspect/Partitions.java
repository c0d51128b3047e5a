package rekey.repl.command.inspect;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import rekey.sheet.Sheet;

@Command(name = "partitions", description = "A table's partitions: parts, rows, size; and what is detached.",
        footer = {"", "Examples: partitions", "          partitions events_rekey_0002_events_sample_by"})
public final class Partitions extends Looking {
    @Parameters(arity = "0..1", paramLabel = "TABLE", description = "else the migration's source") String table;

    @Override protected Sheet look() {
        return new rekey.look.Parts(shell.server()).partitions(existing(table(table)));
    }
}
