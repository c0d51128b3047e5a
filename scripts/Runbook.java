///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// Writes the guide for one table, as Markdown: its preparation, operations and checks, with the statements and the
// queries that show that each has worked, the way back, and when to stop. Once with these scripts, once as plain SQL
// for a person who has only clickhouse-client. Only reads; a user with SELECT alone can run it.
//
// Example: ./jbang runbook --database posthog --migration 0002_events_sample_by > runbook.md

import static rekey.Rekey.*;

import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.cli.PlanOptions;

@Command(name = "runbook", description = "Writes what would be done on this table as Markdown, with rekey and as "
                + "plain SQL; only reads.",
        footer = {"", "Example: ./jbang runbook --database posthog --migration 0002_events_sample_by > runbook.md",
                "         ./jbang runbook --scripts copies"})
int show(@Mixin PlanOptions options,
        @Option(names = "--scripts", arity = "0..1", fallbackValue = "", paramLabel = "FOLDER",
        description = "instead: the scripts, each made to work alone; into FOLDER, or printed") String scripts,
        @Option(names = "--base", paramLabel = "WHERE",
        description = "the address or folder of the rekey that they name; default: this one") String base) {
    if (scripts != null) {
        options.text(scripts.isEmpty() ? scripts(base).text() : scripts(base).write(Path.of(scripts)));
        return 0;
    }
    try (var job = open(options)) {
        options.text(runbook(job.session(), job.migration(), options.arguments(job.session().server().endpoint()
                .database())));
        return 0;
    }
}

void main(String... args) { System.exit(command(this, args)); }
