///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// Operation 1 of the guide: "Create a new table with the updated schema". First what the migration needs is checked,
// and the plan frozen. The new table has the old one's whole definition (columns, codecs, indices, settings), its
// keys changed.
//
// Example: ./jbang create --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.cli.RunOptions;

@Command(name = "create", description = "Operation 1: creates the target table with the new keys, and its staging "
                + "table.",
        footer = {"", "Example: ./jbang create --database posthog --migration 0002_events_sample_by"})
int run(@Mixin RunOptions options) {
    try (var job = open(options)) {
        return job.run(create());
    }
}

void main(String... args) { System.exit(command(this, args)); }
