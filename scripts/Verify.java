///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// Compares source and target before the swap, the live table and its backup after it: count, sum and xor of row
// hashes of every partition, and names keys that are missing, extra or different. Only reads, at any time: beside
// ingestion, and beside a migration that runs in another process. Cut short, it goes on where it was. Exit code 3
// when something differs.
//
// Example: ./jbang verify --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.cli.RunOptions;

@Command(name = "verify", description = "Compares source and target, or the live table and its backup; only reads.",
        footer = {"", "Example: ./jbang verify --database posthog --migration 0002_events_sample_by",
                "         ./jbang verify --database posthog --migration 0002_events_sample_by --sample 0.1"})
int run(@Mixin RunOptions options,
        @Option(names = "--sample", paramLabel = "SHARE", defaultValue = "1",
        description = "compare only so large a share of the keys, such as 0.1; does not count for the "
                + "swap") double sample,
        @Option(names = "--afresh", description = "compare partitions, too, that have not changed since they were "
                + "compared") boolean afresh) {
    try (var job = open(options)) {
        return job.verify(sample, afresh);
    }
}

void main(String... args) { System.exit(command(this, args)); }
