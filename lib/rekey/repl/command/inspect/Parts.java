package rekey.repl.command.inspect;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import rekey.sheet.Sheet;

@Command(name = "parts", description = "A table's parts, the newest first; those that are no longer active, too.",
        footer = {"", "Examples: parts", "          parts events 202611", "          parts events --limit 500 > parts.txt"})
public final class Parts extends Looking {
    @Parameters(index = "0", arity = "0..1", paramLabel = "TABLE", description = "else the migration's source") String table;

    @Parameters(index = "1", arity = "0..1", paramLabel = "PARTITION", description = "its id or its value; else all") String partition;

    @Option(names = "--limit", defaultValue = "30", description = "how many at most; default ${DEFAULT-VALUE}") int limit;

    @Override protected Sheet look() {
        return new rekey.look.Parts(shell.server()).parts(existing(table(table)), partition == null ? "" : partition, limit);
    }
}
