package rekey.repl.command.step;

import picocli.CommandLine.Command;
import rekey.repl.ShellCommand;

@Command(name = "runbook", description = "The guide for this table as Markdown: with rekey, and as plain SQL by hand; only reads.",
        footer = {"", "Example: runbook > runbook.md"})
public final class Runbook extends ShellCommand {
    @Override protected int run() {
        shell.out().println(shell.asked(() -> rekey.report.Runbook.of(shell.session(), shell.chosen(), shell.arguments())));
        shell.out().flush();
        return 0;
    }
}
