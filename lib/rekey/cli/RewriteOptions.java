package rekey.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import rekey.migration.Migrations;

/// What is to be rewritten, and under which keys.
public final class RewriteOptions {
    @Option(
            names = "--migration",
            paramLabel = "NAME",
            description = "a shipped definition (0002_events_sample_by), a JSON file, or one that the journal knows")
    String migration;

    @Option(
            names = "--table",
            paramLabel = "TABLE",
            description =
                    "the table, [DATABASE.]TABLE; with it the new keys, of which those left out stay as they are:")
    String table;

    @Option(names = "--order-by", paramLabel = "KEY", description = "the new sorting key")
    String orderBy;

    @Option(names = "--sample-by", paramLabel = "KEY", description = "the new sampling key; '' for none")
    String sampleBy;

    @Option(names = "--partition-by", paramLabel = "KEY", description = "the new partition key; '' for none")
    String partitionBy;

    @Option(names = "--primary-key", paramLabel = "KEY", description = "the new primary key; '' for the sorting key")
    String primaryKey;

    @Option(names = "--engine", paramLabel = "ENGINE", description = "the new engine, as in CREATE TABLE")
    String engine;

    @Option(names = "--name", paramLabel = "NAME", description = "what the migration is called; default: TABLE_rekey")
    String name;

    public Migrations.Wanted wanted() {
        return wanted(migration);
    }

    /// With the migration named otherwise than by its option.
    public Migrations.Wanted wanted(String migration) {
        return new Migrations.Wanted(migration, table, name, orderBy, sampleBy, partitionBy, primaryKey, engine);
    }

    /// As a person types them, quoted for the shell.
    ///
    /// @param database that of bare table names
    public static String arguments(String database, Migrations.Wanted w) {
        var out = new ArrayList<String>();
        add(out, "--database", database);
        add(out, "--migration", w.migration());
        add(out, "--table", w.table());
        add(out, "--order-by", w.orderBy());
        add(out, "--sample-by", w.sampleBy());
        add(out, "--partition-by", w.partitionBy());
        add(out, "--primary-key", w.primaryKey());
        add(out, "--engine", w.engine());
        add(out, "--name", w.name());
        return String.join(" ", out);
    }

    private static void add(List<String> out, String option, String value) {
        if (value == null) return;
        out.add(option);
        out.add(quoted(value));
    }

    /// For the shell.
    static String quoted(String value) {
        return value.matches("[\\w./:-]+") ? value : "'" + value.replace("'", "'\\''") + "'";
    }

    /// Whether any is named at all.
    public boolean named() {
        return migration != null || table != null;
    }
}
