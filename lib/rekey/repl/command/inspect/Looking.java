package rekey.repl.command.inspect;

import java.util.List;
import picocli.CommandLine.Option;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.repl.ShellCommand;
import rekey.sheet.Sheet;

/// What the commands that look have in common: they print a [Sheet], and change nothing.
public abstract class Looking extends ShellCommand {
    /// In a file nothing need be shortened.
    private static final int UNBOUNDED = 10_000;

    @Option(names = {"-G", "--vertical"}, description = "a value a line, nothing shortened") boolean vertical;

    @Option(names = "--json", description = "one JSON object a line, amounts as bytes and seconds") boolean json;

    @Option(names = "--tsv", description = "tab-separated, amounts as bytes and seconds") boolean tsv;

    protected abstract Sheet look();

    @Override protected final int run() {
        var sheet = shell.asked(this::look);
        var text = json ? sheet.json() : tsv ? sheet.tsv() : vertical ? sheet.vertical(width()) : sheet.text(width());
        if (!text.isEmpty()) shell.page(text);
        return 0;
    }

    /// Columns to write in.
    protected int width() {
        return shell.out() == shell.screen().out() ? shell.screen().width() : UNBOUNDED;
    }

    protected String database() {
        return shell.migration().map(m -> m.rewrite().source().database()).orElseGet(() -> shell.server().endpoint().database());
    }

    /// As typed; where nothing was typed the migration's source.
    protected TableName table(String typed) {
        if (typed == null) return shell.migration().map(m -> m.rewrite().source())
                .orElseThrow(() -> new Trouble.Usage("Which table? Name one, or choose a migration first, and its source is meant."));
        try {
            return TableName.parse(typed, database());
        } catch (IllegalArgumentException e) {
            throw new Trouble.Usage(e.getMessage());
        }
    }

    /// The Kafka tables meant by a table's name; without one those of the migration's source, else of the database.
    protected List<rekey.model.Ingestion.KafkaTable> kafka(rekey.look.Streams streams, String typed) {
        if (typed == null && shell.migration().isEmpty()) return streams.of(database());
        return streams.feeding(existing(table(typed)));
    }

    /// @throws Trouble.Failed when there is no such table
    protected TableName existing(TableName table) {
        new rekey.clickhouse.Catalog(shell.server()).table(table);
        return table;
    }
}
