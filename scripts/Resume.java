///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// Operation 6 of the guide: "Attach the materialized view so we start ingestion again from where we left off
// before". Also the way to reopen ingestion at any time before the swap.
//
// Example: ./jbang resume --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.cli.RunOptions;

@Command(name = "resume", description = "Operation 6: starts ingestion again where it left off.",
        footer = {"", "Example: ./jbang resume --database posthog --migration 0002_events_sample_by"})
int run(@Mixin RunOptions options) {
    try (var job = open(options)) {
        return job.run(resume());
    }
}

void main(String... args) { System.exit(command(this, args)); }
