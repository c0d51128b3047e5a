///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//RUNTIME_OPTIONS -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
//SOURCES ../lib/Rekey.java

// The interactive shell: every step of a migration one at a time, with eyes on the cluster, and SQL. Commands piped
// in are a runbook: it ends at the first that fails, with its exit code.
//
// Example: ./jbang repl --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.repl.ReplOptions;

@Command(name = "repl", description = "The interactive shell: steps, inspection, live control and SQL.",
        footer = {"",
                "Example: ./jbang repl --database posthog --migration 0002_events_sample_by",
                "         ./jbang repl --database posthog < steps.txt"})
int open(@Mixin ReplOptions options) {
    return repl(options);
}

void main(String... args) { System.exit(command(this, args)); }
