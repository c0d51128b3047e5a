///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Lab.java

// The guide's migration on a ClickHouse and a Kafka of its own, from end to end, while events keep coming: the old
// table is made and filled, then 0002_events_sample_by rewrites it, and at the end every message that Kafka
// acknowledged is looked for in the new table, once.
// Example: ./jbang demo --rows 1000000 --rate 2000 --json out.json

import static rekey.Lab.demo;
import static rekey.Rekey.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.cli.Output;
import rekey.cli.text.EventLine;
import rekey.lab.ClusterDemo;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabHostOptions;
import rekey.lab.LabOptions;

@Command(name = "demo", description = "Shows the guide's migration on a real ClickHouse and a real Kafka of its own.",
        footer = {"", "Example: ./jbang demo --rows 1000000 --rate 2000 --json out.json"})
int run(@Mixin Output output,
        @Option(names = "--rows", defaultValue = "1000000",
        description = "rows in the table before (default ${DEFAULT-VALUE})") long rows,
        @Option(names = "--rate",
        description = "messages a second, all the while (default 2000; of a cluster less)") Integer given,
        @Option(names = "--seed", defaultValue = "1",
        description = "what rows and messages follow from (default ${DEFAULT-VALUE})") long seed,
        @Option(names = "--writers", defaultValue = "0",
        description = "so many send plain INSERTs and never pause; with --rate 0 without any Kafka") int writers,
        @Option(names = "--engine", defaultValue = "ReplacingMergeTree(_timestamp)",
        description = "this, or one without a version, or MergeTree") String engine,
        @Mixin LabHostOptions hosts) {
    int rate = ClusterDemo.rate(given, hosts.shape(), writers);
    output.say(rate == 0 ? "Starting a ClickHouse ..." : "Starting a ClickHouse and a Kafka ...");
    if (hosts.shape() != null) return onACluster(output, hosts, new ClusterDemo(rows, rate, seed, output::say,
            e -> { if (!EventLine.text(e).isEmpty()) output.say("  " + EventLine.text(e)); }));
    var demo = demo(rows, rate, seed, writers, engine, output::say,
            e -> { if (!EventLine.text(e).isEmpty()) output.say("  " + EventLine.text(e)); });
    try (var lab = EmbeddedLab.start(hosts.of(demo.lab()))) {
        var outcome = demo.run(lab);
        output.json(outcome);
        output.text("\n" + outcome.text());
        return outcome.ok() ? 0 : 3;
    }
}

int onACluster(Output output, LabHostOptions hosts, ClusterDemo demo) {
    try (var lab = EmbeddedLab.start(hosts.of(LabOptions.temporary()))) {
        var outcome = demo.run(lab);
        output.json(outcome);
        output.text("\n" + outcome.text());
        return outcome.ok() ? 0 : 3;
    }
}

void main(String... args) { System.exit(command(this, args)); }
