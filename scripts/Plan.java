///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// Shows what a migration would do before anything is changed: every statement and its undo, the chunks, time and disk,
// what is refused and why. On one that has begun: what is left. Only reads; a user with SELECT alone can run it.
//
// Example: ./jbang plan --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.cli.PlanOptions;

@Command(name = "plan", description = "Shows every statement, its undo, the chunks, time and disk a migration would take; only reads.",
        footer = {"", "Example: ./jbang plan --database posthog --migration 0002_events_sample_by",
                "         ./jbang plan --table posthog.events --order-by 'team_id, event'"})
int show(@Mixin PlanOptions options) {
    try (var job = open(options)) {
        return job.print(plan(job.session(), job.migration()));
    }
}

void main(String... args) { System.exit(command(this, args)); }
