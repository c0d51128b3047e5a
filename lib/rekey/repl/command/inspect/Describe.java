package rekey.repl.command.inspect;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import rekey.sheet.Sheet;

@Command(name = "describe", description = "A table: keys, engine, size, partitions, parts, columns, who feeds it and who reads from it.",
        footer = {"", "Examples: describe", "          describe events_daily", "          describe -G posthog.events"})
public final class Describe extends Looking {
    @Parameters(arity = "0..1", paramLabel = "TABLE", description = "else the migration's source") String table;

    @Override protected Sheet look() {
        return new rekey.look.Description(shell.server()).sheet(table(table));
    }
}
