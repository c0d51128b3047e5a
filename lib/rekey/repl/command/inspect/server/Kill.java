package rekey.repl.command.inspect.server;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import rekey.look.Activity;
import rekey.model.Trouble;
import rekey.repl.ShellCommand;

@Command(name = "kill", description = "Ends a running query, named by the beginning of its id, and waits until it has ended.",
        footer = {"", "Examples: kill 3f9cdf66", "          kill 3f9cdf66 --yes"})
public final class Kill extends ShellCommand {
    @Parameters(paramLabel = "ID", description = "the query's id, or its beginning") String id;

    @Option(names = "--yes", description = "don't ask") boolean yes;

    @Override protected int run() {
        var activity = new Activity(shell.server());
        var query = activity.query(id);
        var about = (query.rekeys() ? "It is part of a migration, which stop ends better. " : "") + "Kill " + query.id() + " of " + query.user() + ": " + query.brief() + "?";
        if (!yes && !shell.yes()) {
            if (!shell.screen().interactive()) throw new Trouble.Usage(about + " There is no terminal to ask on: give --yes.");
            if (!shell.screen().ask(about)) throw new Trouble.Stopped("Nothing was done.");
        }
        activity.kill(query);
        shell.say("Ended " + query.id() + ".");
        return 0;
    }
}
