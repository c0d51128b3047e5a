///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// Operation 3 of the guide: "Detach the events_mv materialized view so we stop ingesting events from Kafka to
// ClickHouse". All views of the Kafka table stop together, and a restart of the server does not start them. The
// events wait in Kafka. A guard stays behind that starts them again at the deadline, unless the swap has begun.
//
// Example: ./jbang pause --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.cli.RunOptions;

@Command(name = "pause", description = "Operation 3: stops ingestion from Kafka, all views together, and waits "
                + "until it has stopped.",
        footer = {"", "Example: ./jbang pause --database posthog --migration 0002_events_sample_by"})
int run(@Mixin RunOptions options) {
    try (var job = open(options)) {
        return job.run(pause());
    }
}

void main(String... args) { System.exit(command(this, args)); }
