///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Lab.java

// The guide's migration on a ClickHouse and a Kafka of its own, from end to end, while events keep coming: the old
// table is made and filled, then 0002_events_sample_by rewrites it, and at the end every message that Kafka
// acknowledged is looked for in the new table, once.
//
// Example: ./jbang demo --rows 1000000 --rate 2000 --json out.json

import static rekey.Lab.demo;
import static rekey.Rekey.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.cli.text.EventLine;
import rekey.cli.Output;
import rekey.lab.EmbeddedLab;

@Command(name = "demo", description = "Shows the guide's migration on a real ClickHouse and a real Kafka of its own.",
        footer = {"", "Example: ./jbang demo --rows 1000000 --rate 2000 --json out.json"})
int run(@Mixin Output output,
        @Option(names = "--rows", defaultValue = "1000000", description = "rows in the table before (default ${DEFAULT-VALUE})") long rows,
        @Option(names = "--rate", defaultValue = "2000", description = "messages a second, all the while (default ${DEFAULT-VALUE})") int rate,
        @Option(names = "--seed", defaultValue = "1", description = "what rows and messages follow from (default ${DEFAULT-VALUE})") long seed) {
    output.say("Starting a ClickHouse and a Kafka ...");
    try (var lab = EmbeddedLab.start()) {
        var outcome = demo(rows, rate, seed, output::say, e -> { if (!EventLine.text(e).isEmpty()) output.say("  " + EventLine.text(e)); }).run(lab);
        output.json(outcome);
        output.text("\n" + outcome.text());
        return outcome.ok() ? 0 : 3;
    }
}

void main(String... args) { System.exit(command(this, args)); }
