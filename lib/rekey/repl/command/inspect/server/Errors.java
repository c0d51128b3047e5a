package rekey.repl.command.inspect.server;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import rekey.repl.command.inspect.Looking;
import rekey.sheet.Sheet;

@Command(name = "errors", description = "The server's own recent errors and failed queries; memory kills and restarts told apart.",
        footer = {"", "Examples: errors", "          errors --hours 24"})
public final class Errors extends Looking {
    @Option(names = "--hours", defaultValue = "1", description = "how far back; default ${DEFAULT-VALUE}") int hours;

    @Override protected Sheet look() {
        return new rekey.look.Errors(shell.server()).sheet(hours);
    }
}
