///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// Operation 5 of the guide: "Rename the current table to events_backup_0002_events_sample_by and rename the new
// table to events". By one EXCHANGE, so that there is no moment without the table and the views downstream stay
// connected.
//
// Example: ./jbang swap --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.cli.RunOptions;

@Command(name = "swap", description = "Operation 5: exchanges the tables and keeps the old one as a backup.",
        footer = {"", "Example: ./jbang swap --database posthog --migration 0002_events_sample_by"})
int run(@Mixin RunOptions options) {
    try (var job = open(options)) {
        return job.run(swap());
    }
}

void main(String... args) { System.exit(command(this, args)); }
