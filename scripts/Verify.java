///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// Compares, online, source and target before the swap, the live table and its backup after it: count, sum and xor of row
// hashes of every partition, and names keys that differ. Changes no row. Exit code 3 when something differs.

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.cli.RunOptions;

@Command(name = "verify", description = "Compares source and target, or the live table and its backup.",
        footer = {"", "Example: ./jbang verify --database posthog --migration 0002_events_sample_by"})
int run(@Mixin RunOptions options) {
    try (var job = open(options)) {
        return job.run(verify());
    }
}

void main(String... args) { System.exit(command(this, args)); }
