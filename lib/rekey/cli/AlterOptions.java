package rekey.cli;

import java.util.List;
import picocli.CommandLine.Option;

/// The options of an ALTER, which is over in a moment and holds nothing.
public final class AlterOptions extends Options {
    @Option(
            names = "--add-column",
            paramLabel = "COLUMN",
            description =
                    "a column, as 'NAME TYPE', that is added and stands at the end of --order-by; several times for"
                            + " several")
    List<String> added = List.of();

    @Option(
            names = "--projection",
            description = "add a projection with the order of --order-by, and leave the keys as they are")
    boolean projection;

    @Option(names = "--dry-run", description = "print the statements, and do nothing")
    boolean dryRun;

    @Option(names = "--yes", description = "don't ask before a live table is changed")
    boolean yes;

    @Override
    public boolean dryRun() {
        return dryRun;
    }

    @Override
    ConsolePrompt asking() {
        return new ConsolePrompt(yes);
    }
}
