package rekey.repl.command.shell;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import rekey.repl.ShellCommand;

@Command(name = "history", description = "The last lines typed, in this session and before; Ctrl-R searches them.", footer = {"", "Examples: history", "          history 50"})
public final class History extends ShellCommand {
    @Parameters(arity = "0..1", defaultValue = "20", paramLabel = "N", description = "how many (default 20)") int lines;

    @Override protected int run() {
        shell.screen().history(Math.max(1, lines)).forEach(shell.out()::println);
        shell.out().flush();
        return 0;
    }
}
