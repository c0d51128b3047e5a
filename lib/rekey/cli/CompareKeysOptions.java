package rekey.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.cli.text.KeyComparisonText;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.model.Amounts;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.KeyComparison;

/// The options of a comparison of keys, and the comparison itself.
public final class CompareKeysOptions {
    @Mixin
    Connection connection;

    @Mixin
    Output output;

    @Option(names = "--table", paramLabel = "TABLE", description = "the table, [DATABASE.]TABLE")
    String table;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description = "a sorting key to be tried beside today's; several times for several")
    List<String> keys;

    @Option(
            names = "--queries",
            paramLabel = "FILE",
            description =
                    "queries on the table, a ';' at the end of each; default: those of the server's query log that"
                            + " read most of it")
    Path queries;

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "7",
            description = "of the query log (default: ${DEFAULT-VALUE})")
    int days;

    @Option(
            names = "--most",
            paramLabel = "N",
            defaultValue = "10",
            description = "so many queries of it (default: ${DEFAULT-VALUE})")
    int most;

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "of the sample, about (default: ${DEFAULT-VALUE})")
    long rows;

    @Option(names = "--yes", description = "don't ask before the scratch tables are made")
    boolean yes;

    /// @return 0
    /// @throws Trouble.Usage   when a key is no key of the table, or a query does not name it
    /// @throws Trouble.Refused where there is nothing to compare
    public int compare() {
        if (table == null) throw new Trouble.Usage("No table was given: name it with --table [DATABASE.]TABLE.");
        if (keys == null) throw new Trouble.Usage("No key was given: name one or several with --key 'a, b'.");
        if (rows < 1) throw new Trouble.Usage("--rows " + rows + " is no sample: give at least 1.");
        var own = queries == null ? List.<KeyComparison.Asked>of() : asked();
        var asking = new ConsolePrompt(yes);
        var endpoint = connection.endpoint(asking, Map.of(), Map.of());
        try (var server = ClickHouse.connect(endpoint, sql -> {
            if (output.verbose) output.say("-- " + sql);
        })) {
            var name = named(endpoint.database());
            var there = new Catalog(server).table(name);
            var asked = own.isEmpty() ? KeyComparison.heaviest(server, name, days, most) : own;
            asking.sure("Copy about " + Amounts.count(Math.min(rows, there.rows()), "row") + " of " + name + " into "
                    + (keys.size() + 1) + " scratch tables beside it, run " + KeyComparisonText.queries(asked.size())
                    + " on each, and drop them?");
            var compared = KeyComparison.of(server, name, keys, asked, rows, output::say);
            output.json(compared);
            output.text(KeyComparisonText.of(compared));
            return 0;
        }
    }

    private TableName named(String database) {
        try {
            return TableName.parse(table, database);
        } catch (IllegalArgumentException e) {
            throw new Trouble.Usage(e.getMessage());
        }
    }

    private List<KeyComparison.Asked> asked() {
        try {
            var all = Stream.of(Files.readString(queries).split(";\\s*(\\R|$)"))
                    .map(String::strip)
                    .filter(q -> !q.isEmpty())
                    .map(q -> new KeyComparison.Asked(q, 0))
                    .toList();
            if (all.isEmpty()) throw new Trouble.Usage(queries + " has no queries: write one, with a ';' at its end.");
            return all;
        } catch (IOException e) {
            throw new Trouble.Usage(
                    "The file " + queries + " can't be read (" + e.getMessage() + "): name one with queries in it.");
        }
    }
}
