///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// Where a migration stands, while it runs or not: step, progress, time left, held time, the last error in full, and
// what you can do now. Without --migration or --table: all that the database's journal knows. Only reads.
//
// With --metrics --serve PORT a scraper finds it there, until Ctrl-C.
//
// Example: ./jbang status --database posthog --migration 0002_events_sample_by --json

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.page.MetricsOptions;

@Command(name = "status", description = "Shows step, progress, time left, held time, the last error, and what one "
                + "may do now; only reads.",
        footer = {"", "Example: ./jbang status --database posthog --migration 0002_events_sample_by --json"})
int show(@Mixin MetricsOptions options) {
    if (options.serves()) return serveMetrics(options);
    var found = statuses(options);
    if (options.metrics()) options.text(metrics(found));
    else found.forEach(options::print);
    return 0;
}

void main(String... args) { System.exit(command(this, args)); }
