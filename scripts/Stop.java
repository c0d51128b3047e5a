///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// The guide's "stop": ends a migration that runs, here or on another machine, its query on the server with it.
// Ingestion is reopened. What is done stays done: migrate goes on from there, rollback goes back.
//
// Example: ./jbang stop --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.cli.RunOptions;

@Command(name = "stop", description = "Stops a running migration and its queries on the server.",
        footer = {"", "Example: ./jbang stop --database posthog --migration 0002_events_sample_by"})
int run(@Mixin RunOptions options) {
    try (var job = open(options)) {
        return job.stop();
    }
}

void main(String... args) { System.exit(command(this, args)); }
