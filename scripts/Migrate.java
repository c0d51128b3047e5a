///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// All operations of a migration, or what an earlier run left of them: first what it needs is checked and the plan
// frozen, then create, backfill, verify, pause, remaining, swap, resume, optimize. Ctrl-C, or stop from another
// terminal, leaves it so that migrate goes on and rollback goes back.
//
// Example: ./jbang migrate --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.cli.RunOptions;

@Command(name = "migrate", description = "Runs all operations of a migration, or goes on where an earlier run ended.",
        footer = {"", "Example: ./jbang migrate --database posthog --migration 0002_events_sample_by"})
int run(@Mixin RunOptions options,
        @Option(names = "--until", paramLabel = "STEP",
        description = "end when this one is done, such as backfill") String until) {
    try (var job = open(options)) {
        return job.migrate(until);
    }
}

void main(String... args) { System.exit(command(this, args)); }
