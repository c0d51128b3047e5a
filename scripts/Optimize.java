///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// Operation 7 of the guide: "Optimize the table to remove duplicates": each partition is merged into one part.
// Optional; can be stopped at any time, and what fails here takes nothing back.
//
// Example: ./jbang optimize --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.cli.RunOptions;

@Command(name = "optimize", description = "Operation 7: merges the new table partition by partition; optional.",
        footer = {"", "Example: ./jbang optimize --database posthog --migration 0002_events_sample_by"})
int run(@Mixin RunOptions options) {
    try (var job = open(options)) {
        return job.run(optimize());
    }
}

void main(String... args) { System.exit(command(this, args)); }
