///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// What was done, for those who were not there, read from the server by anyone, while a migration runs or afterwards:
// keys, timeline, statements and their times, rows and checks by partition, what the held time went into, lag, what
// queries read before and after, and what is left to do. Only reads.
//
// Example: ./jbang report --database posthog --migration 0002_events_sample_by --to out

import static rekey.Rekey.*;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.cli.Options;

@Command(name = "report", description = "What a migration did, with plots, as Markdown and as one file of HTML; "
                + "only reads.",
        footer = {"", "Example: ./jbang report --database posthog --migration 0002_events_sample_by --to out",
                "         --query 'SELECT uniq(distinct_id) FROM {table} WHERE team_id = 2'"})
int run(@Mixin Options options,
        @Option(names = "--to", paramLabel = "FOLDER",
        description = "where the files are written (default: report-MIGRATION)") Path to,
        @Option(names = "--query", paramLabel = "SQL",
        description = "measured on the old and the new table, {table} in it; or a file of such; may be "
                + "repeated") List<String> queries) {
    try (var job = open(options)) {
        var folder = to == null ? Path.of("report-" + job.migration().name()) : to;
        return job.print(saved(folder, job.session(), job.migration(), queries == null ? List.of() : queries));
    }
}

void main(String... args) { System.exit(command(this, args)); }
