package rekey.repl.command.shell;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import rekey.model.Trouble;
import rekey.repl.ShellCommand;

@Command(name = "\\watch", description = "Runs a line again and again, N seconds apart, until Ctrl-C.",
        footer = {"", "Examples: \\watch 2 parts events", "          \\watch 500ms status", "          \\watch 5 SELECT count() FROM events;"})
public final class Watch extends ShellCommand {
    @Parameters(arity = "0..*", paramLabel = "N COMMAND") String[] rest;

    /// The loop itself runs a watch; here only what is none arrives.
    @Override protected int run() {
        throw new Trouble.Usage("Say how often and what: \\watch 2 status, in seconds, or with ms, s, m.");
    }
}
