///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// The guide's "stop and rollback": back to the old table without losing a row, from wherever the migration stands.
// After the swap what has come since is carried back first. A run that still goes is stopped first (asks, or --yes).
//
// Example: ./jbang rollback --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.cli.RunOptions;

@Command(name = "rollback", description = "Goes back to the old table, before or after the swap, without losing rows.",
        footer = {"", "Example: ./jbang rollback --database posthog --migration 0002_events_sample_by"})
int run(@Mixin RunOptions options) {
    try (var job = open(options)) {
        return job.rollback();
    }
}

void main(String... args) { System.exit(command(this, args)); }
