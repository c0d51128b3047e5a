package rekey.repl.command.inspect;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import rekey.model.Trouble;
import rekey.sheet.Sheet;

@Command(name = "diff", description = "The old definition and the new one side by side, the differences marked; or any two tables.",
        footer = {"", "Examples: diff", "          diff --changes", "          diff events events_backup_0002_events_sample_by"})
public final class Diff extends Looking {
    @Parameters(arity = "0..1", index = "0", paramLabel = "TABLE", description = "else the migration's source") String left;

    @Parameters(arity = "0..1", index = "1", paramLabel = "TABLE", description = "and its target") String right;

    @Option(names = "--changes", description = "only the lines that differ") boolean changes;

    @Override protected Sheet look() {
        if (left != null && right == null) throw new Trouble.Usage("diff compares two tables: name both, or none for the migration's own.");
        var found = left == null ? rekey.look.Diff.of(shell.session()) : rekey.look.Diff.of(shell.server(), table(left), table(right));
        return found.sheet(Math.min(width(), 200), !changes);
    }
}
