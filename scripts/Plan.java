///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// Shows what a migration would do before anything is changed: the keys, what it needs and costs, what is refused and
// why, the steps in a line each; with --sql every statement and its undo. On one that has begun: what is left. Only
// reads; a user with SELECT alone can run it. Exit 3 when it would be refused, as precheck and migrate do.
//
// Example: ./jbang plan --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.cli.PlanOptions;

@Command(name = "plan", description = "Shows what would change, what that needs and costs, and its steps; "
                + "with --sql its statements; only reads.",
        footer = {"", "Example: ./jbang plan --database posthog --migration 0002_events_sample_by",
                "         ./jbang plan --table posthog.events --order-by 'team_id, event'"})
int show(@Mixin PlanOptions options,
        @Option(names = "--sql", description = "the statements, each once, and what undoes them") boolean sql) {
    try (var job = open(options)) {
        return job.plan(sql);
    }
}

void main(String... args) { System.exit(command(this, args)); }
