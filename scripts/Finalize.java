///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// The last word, by hand only: shows the backup and drops it. "This migration duplicates the events table and keeps
// the old table as a backup so we can always restore it": from here on no more.
//
// Example: ./jbang finalize --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.cli.RunOptions;

@Command(name = "finalize", description = "Shows the backup of a finished migration and drops it.",
        footer = {"", "Example: ./jbang finalize --database posthog --migration 0002_events_sample_by"})
int run(@Mixin RunOptions options) {
    try (var job = open(options)) {
        job.sure(dropBackup(), "Drop the backup? There is no way back then.");
        return job.run(dropBackup());
    }
}

void main(String... args) { System.exit(command(this, args)); }
