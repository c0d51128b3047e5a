///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// Operation 2 of the guide: "Start backfilling the new table (online) with data from older partitions". Of all
// partitions, in chunks that are copied into a staging table and checked before they are attached; then, round after
// round, what came since. Ingestion goes on meanwhile. When a comparison has found a difference: with --again what
// was copied is dropped, and all is copied anew.
//
// Example: ./jbang backfill --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.cli.RunOptions;

@Command(name = "backfill", description = "Operation 2: copies the rows in checked chunks, then in rounds what "
                + "came since, while ingestion goes on.",
        footer = {"", "Example: ./jbang backfill --database posthog --migration 0002_events_sample_by"})
int run(@Mixin RunOptions options, @Option(names = "--again",
        description = "drop the new table first (asks, or --yes)") boolean again) {
    try (var job = open(options)) {
        return again ? job.again() : job.run(backfill());
    }
}

void main(String... args) { System.exit(command(this, args)); }
