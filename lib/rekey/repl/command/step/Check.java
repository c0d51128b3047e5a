package rekey.repl.command.step;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import rekey.repl.ShellCommand;
import rekey.run.Checking;
import rekey.step.Position;

@Command(name = "check", aliases = {"precheck", "healthcheck"}, description = "What the migration needs before its first change, or once it has begun what may go wrong; only reads.",
        footer = {"", "Examples: check", "          check --before"})
public final class Check extends ShellCommand {
    @Option(names = "--before", description = "all that is asked before the first change") boolean before;

    @Override protected int run() {
        var session = shell.session();
        boolean first = before || Position.of(session) instanceof Position.NotBegun;
        var checking = shell.asked(() -> first ? Checking.before(session, shell.chosen()) : Checking.during(session));
        shell.print(checking);
        return checking.refused() ? 3 : 0;
    }
}
