///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// Operation 4 of the guide: "Insert the remaining events into the new table": what came between the last round and
// the pause, checked like all the others.
//
// Example: ./jbang remaining --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.cli.RunOptions;

@Command(name = "remaining", description = "Operation 4: copies and checks the few rows that came since the last "
                + "round.",
        footer = {"", "Example: ./jbang remaining --database posthog --migration 0002_events_sample_by"})
int run(@Mixin RunOptions options) {
    try (var job = open(options)) {
        return job.run(remaining());
    }
}

void main(String... args) { System.exit(command(this, args)); }
