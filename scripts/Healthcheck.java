///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// The guide's healthcheck: "prevent ClickHouse from blowing up for lack of disk space", or of memory, or for too
// many parts. A run makes these checks by itself all along; here they are made once. Only reads. Exit code 3 when
// one refuses.
//
// Example: ./jbang healthcheck --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.cli.PlanOptions;

@Command(name = "healthcheck",
        description = "Checks disks, memory, parts, mutations and Kafka's headroom while a migration runs; only reads.",
        footer = {"", "Example: ./jbang healthcheck --database posthog --migration 0002_events_sample_by"})
int look(@Mixin PlanOptions options) {
    try (var job = open(options)) {
        return job.print(healthcheck(job.session()));
    }
}

void main(String... args) { System.exit(command(this, args)); }
