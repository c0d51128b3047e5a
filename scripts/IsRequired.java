///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// The guide's check is_required: "only run this migration on instances with the old schema". Compares the sorting,
// the sampling, the partition and the primary key as the server formats them, and says which differ. Only reads.
//
// Example: ./jbang is-required --database posthog --migration 0002_events_sample_by

import static rekey.Rekey.*;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import rekey.cli.Options;

@Command(name = "is-required",
        description = "Says whether the table still has its old keys, and which differ; only reads.",
        footer = {"", "Example: ./jbang is-required --database posthog --migration 0002_events_sample_by"})
int isRequired(@Mixin Options options) {
    try (var job = open(options)) {
        return job.print(required(job.session()));
    }
}

void main(String... args) { System.exit(command(this, args)); }
