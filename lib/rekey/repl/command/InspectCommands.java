package rekey.repl.command;

import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import rekey.clickhouse.Catalog;
import rekey.look.Activity;
import rekey.look.Description;
import rekey.look.Diff;
import rekey.look.Disks;
import rekey.look.Errors;
import rekey.look.Inflow;
import rekey.look.JournalLines;
import rekey.look.Overview;
import rekey.look.Parts;
import rekey.look.Streams;
import rekey.look.Tables;
import rekey.model.Ingestion;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.repl.context.Dialogue;
import rekey.repl.context.Target;
import rekey.sheet.Sheet;

/// Commands that look at the cluster: each shows a [Sheet], and changes nothing, but for `kill`.
final class InspectCommands {
    /// In a file nothing need be shortened.
    private static final int UNBOUNDED = 10_000;

    private final Target target;
    private final Dialogue dialogue;

    InspectCommands(Target target, Dialogue dialogue) {
        this.target = target;
        this.dialogue = dialogue;
    }

    /// The table that is looked at.
    static final class Named {
        @Parameters(
                arity = "0..1",
                paramLabel = "TABLE",
                completionCandidates = Candidates.Tables.class,
                description = "else the migration's source")
        String name;
    }

    /// The table whose way from Kafka is looked at.
    static final class Fed {
        @Parameters(
                arity = "0..1",
                paramLabel = "TABLE",
                completionCandidates = Candidates.Tables.class,
                description = "a Kafka table or one that is fed; else the migration's source")
        String name;
    }

    /// How a sheet is shown.
    static final class Format {
        @Option(
                names = {"-G", "--vertical"},
                description = "a value a line, nothing shortened")
        boolean vertical;

        @Option(names = "--json", description = "one JSON object a line, amounts as bytes and seconds")
        boolean json;

        @Option(names = "--tsv", description = "tab-separated, amounts as bytes and seconds")
        boolean tsv;
    }

    @Command(
            name = "now",
            description = "The first look: one line for each thing that can be wrong, those marked that are out of the"
                    + " ordinary.",
            footer = {"", "Examples: now", "          \\\\watch 5 now"})
    int now(@Mixin Format format) {
        return show(format, () -> new Overview(target.server(), target.kafka()).sheet(target.database()));
    }

    @Command(
            name = "tables",
            description =
                    "The database's tables: engine, rows, size, parts, what each is there for; what is detached, too.",
            footer = {"", "Examples: tables", "          tables posthog"})
    int tables(
            @Mixin Format format,
            @Parameters(
                            arity = "0..1",
                            paramLabel = "DATABASE",
                            completionCandidates = Candidates.Databases.class,
                            description = "else the present one")
                    String database) {
        return show(format, () -> new Tables(target.server()).sheet(database == null ? target.database() : database));
    }

    @Command(
            name = "databases",
            description = "The server's databases and how much is in each.",
            footer = {"", "Example: databases"})
    int databases(@Mixin Format format) {
        return show(format, () -> new Tables(target.server()).databases());
    }

    @Command(
            name = "describe",
            description =
                    "A table: keys, engine, size, partitions, parts, columns, who feeds it and who reads from it.",
            footer = {
                "",
                "Examples: describe",
                "          describe events_daily",
                "          describe -G posthog.events"
            })
    int describe(@Mixin Format format, @Mixin Named table) {
        return show(format, () -> new Description(target.server()).sheet(table(table.name)));
    }

    @Command(
            name = "partitions",
            description = "A table's partitions: parts, rows, size; and what is detached.",
            footer = {"", "Examples: partitions", "          partitions events_rekey_0002_events_sample_by"})
    int partitions(@Mixin Format format, @Mixin Named table) {
        return show(format, () -> new Parts(target.server()).partitions(existing(table(table.name))));
    }

    @Command(
            name = "parts",
            description = "A table's parts, the newest first; those that are no longer active, too.",
            footer = {
                "",
                "Examples: parts",
                "          parts events 202611",
                "          parts events --limit 500 > parts.txt"
            })
    int parts(
            @Mixin Format format,
            @Parameters(
                            index = "0",
                            arity = "0..1",
                            paramLabel = "TABLE",
                            completionCandidates = Candidates.Tables.class,
                            description = "else the migration's source")
                    String table,
            @Parameters(
                            index = "1",
                            arity = "0..1",
                            paramLabel = "PARTITION",
                            completionCandidates = Candidates.Partitions.class,
                            description = "its id or its value; else all")
                    String partition,
            @Option(names = "--limit", defaultValue = "30", description = "how many at most; default ${DEFAULT-VALUE}")
                    int limit) {
        return show(
                format,
                () -> new Parts(target.server())
                        .parts(existing(table(table)), partition == null ? "" : partition, limit));
    }

    @Command(
            name = "diff",
            description = "The old definition and the new one side by side, the differences marked; or any two tables.",
            footer = {
                "",
                "Examples: diff",
                "          diff --changes",
                "          diff events events_backup_0002_events_sample_by"
            })
    int diff(
            @Mixin Format format,
            @Parameters(
                            index = "0",
                            arity = "0..1",
                            paramLabel = "TABLE",
                            completionCandidates = Candidates.Tables.class,
                            description = "else the migration's source")
                    String left,
            @Parameters(
                            index = "1",
                            arity = "0..1",
                            paramLabel = "TABLE",
                            completionCandidates = Candidates.Tables.class,
                            description = "and its target")
                    String right,
            @Option(names = "--changes", description = "only the lines that differ") boolean changes) {
        return show(format, () -> {
            if (left != null && right == null)
                throw new Trouble.Usage("diff compares two tables: name both, or none for the migration's own.");
            var found = left == null ? Diff.of(target.session()) : Diff.of(target.server(), table(left), table(right));
            return found.sheet(Math.min(width(), 200), !changes);
        });
    }

    @Command(
            name = "journal",
            description = "What was intended and done in the migration, the last lines last.",
            footer = {"", "Examples: journal", "          journal 200", "          journal --all -G"})
    int journal(
            @Mixin Format format,
            @Parameters(
                            arity = "0..1",
                            paramLabel = "LINES",
                            defaultValue = "25",
                            description = "how many at most; default ${DEFAULT-VALUE}")
                    int limit,
            @Option(
                            names = "--all",
                            description = "with each chunk's lines, what was measured all along, and what is of use to"
                                    + " a restart only")
                    boolean all) {
        return show(format, () -> new JournalLines(target.session().journal()).sheet(limit, all));
    }

    @Command(
            name = "inflow",
            description = "Whether rows come into a table: minute by minute, from the parts that inserts have made.",
            footer = {"", "Examples: inflow", "          inflow events --minutes 60"})
    int inflow(
            @Mixin Format format,
            @Mixin Named table,
            @Option(names = "--minutes", defaultValue = "15", description = "how far back; default ${DEFAULT-VALUE}")
                    int minutes) {
        return show(format, () -> new Inflow(target.server()).sheet(existing(table(table.name)), minutes));
    }

    @Command(
            name = "lag",
            description =
                    "Kafka, per partition: committed, end, lag, age of the oldest unread message, how long it is kept.",
            footer = {"", "Examples: lag", "          lag kafka_events", "          \\\\watch 2 lag"})
    int lag(@Mixin Format format, @Mixin Fed table) {
        return show(format, () -> streams().lag(kafka(table.name)));
    }

    @Command(
            name = "consumers",
            description = "Who reads from Kafka: partitions, last poll and commit, errors, strangers in the group.",
            footer = {"", "Examples: consumers", "          consumers kafka_events"})
    int consumers(@Mixin Format format, @Mixin Fed table) {
        return show(format, () -> streams().consumers(kafka(table.name)));
    }

    @Command(
            name = "merges",
            description = "Merges that run, how far they are, and tables whose merges are held.",
            footer = {"", "Examples: merges", "          \\\\watch 2 merges"})
    int merges(@Mixin Format format) {
        return show(format, () -> new Activity(target.server()).merges(target.database()));
    }

    @Command(
            name = "mutations",
            description = "Mutations that are not done, and why they fail.",
            footer = {"", "Example: mutations"})
    int mutations(@Mixin Format format) {
        return show(format, () -> new Activity(target.server()).mutations());
    }

    @Command(
            name = "disks",
            description = "ClickHouse's disks and policies, how full they are, and what fills them.",
            footer = {"", "Example: disks"})
    int disks(@Mixin Format format) {
        return show(format, () -> new Disks(target.server()).sheet());
    }

    @Command(
            name = "queries",
            description = "Queries that run now, the longest first; kill ID ends one.",
            footer = {"", "Examples: queries", "          queries -G", "          \\\\watch 1 queries"})
    int queries(@Mixin Format format) {
        return show(format, () -> new Activity(target.server()).queries());
    }

    @Command(
            name = "slow",
            description = "Queries of the last minutes by the time they took, from the query log; those of one table,"
                    + " to see who uses it.",
            footer = {"", "Examples: slow", "          slow events --minutes 60"})
    int slow(
            @Mixin Format format,
            @Parameters(
                            arity = "0..1",
                            paramLabel = "TABLE",
                            completionCandidates = Candidates.Tables.class,
                            description = "else of all")
                    String table,
            @Option(names = "--minutes", defaultValue = "15", description = "how far back; default ${DEFAULT-VALUE}")
                    int minutes) {
        return show(
                format,
                () -> new Activity(target.server()).slow(table == null ? null : existing(table(table)), minutes));
    }

    @Command(
            name = "errors",
            description = "The server's own recent errors and failed queries; memory kills and restarts told apart.",
            footer = {"", "Examples: errors", "          errors --hours 24"})
    int errors(
            @Mixin Format format,
            @Option(names = "--hours", defaultValue = "1", description = "how far back; default ${DEFAULT-VALUE}")
                    int hours) {
        return show(format, () -> new Errors(target.server()).sheet(hours));
    }

    @Command(
            name = "kill",
            description = "Ends a running query, named by the beginning of its id, and waits until it has ended.",
            footer = {"", "Examples: kill 3f9cdf66", "          kill 3f9cdf66 --yes"})
    int kill(
            @Parameters(
                            paramLabel = "ID",
                            completionCandidates = Candidates.Queries.class,
                            description = "the query's id, or its beginning")
                    String id,
            @Option(names = "--yes", description = "don't ask") boolean yes) {
        var query = dialogue.asked(() -> new Activity(target.server()).query(id));
        if (!yes)
            dialogue.sure((query.rekeys() ? "It is part of a migration, which stop ends better. " : "") + "Kill "
                    + query.id() + " of " + query.user() + ": " + query.brief() + "?");
        dialogue.ordered(() -> {
            new Activity(target.server()).kill(query);
            return 0;
        });
        dialogue.say("Ended " + query.id() + ".");
        return 0;
    }

    private int show(Format format, Supplier<Sheet> look) {
        var sheet = dialogue.asked(look);
        var text = format.json
                ? sheet.json()
                : format.tsv ? sheet.tsv() : format.vertical ? sheet.vertical(width()) : sheet.text(width());
        if (!text.isEmpty()) dialogue.page(text);
        return 0;
    }

    /// Columns to write in.
    private int width() {
        return dialogue.onScreen() ? dialogue.screen().width() : UNBOUNDED;
    }

    /// As typed; where nothing was typed the migration's source.
    private TableName table(String typed) {
        if (typed == null)
            return target.source()
                    .orElseThrow(() -> new Trouble.Usage(
                            "Which table? Name one, or choose a migration first, and its source is meant."));
        try {
            return TableName.parse(typed, target.database());
        } catch (IllegalArgumentException e) {
            throw new Trouble.Usage(e.getMessage());
        }
    }

    private Streams streams() {
        return new Streams(target.server(), target.kafka());
    }

    /// The Kafka tables meant by a table's name; without one those of the migration's source, else of the database.
    private List<Ingestion.KafkaTable> kafka(String typed) {
        if (typed == null && target.migration().isEmpty()) return streams().of(target.database());
        return streams().feeding(existing(table(typed)));
    }

    /// @throws Trouble.Failed when there is no such table
    private TableName existing(TableName table) {
        new Catalog(target.server()).table(table);
        return table;
    }
}
