///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// The guide's precheck: "make sure there's enough free disk space in ClickHouse to run the migration", and that
// Kafka keeps the events long enough; and whatever else would stop a migration half-way. Only reads. Exit code 3
// when one refuses.
//
// Example: ./jbang precheck --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.cli.PlanOptions;

@Command(name = "precheck", description = "Checks disks, Kafka's retention, server version and dependants before "
                + "a migration; only reads.",
        footer = {"", "Example: ./jbang precheck --database posthog --migration 0002_events_sample_by"})
int look(@Mixin PlanOptions options) {
    try (var job = open(options)) {
        return job.print(precheck(job.session(), job.migration()));
    }
}

void main(String... args) { System.exit(command(this, args)); }
