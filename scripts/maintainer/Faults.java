///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../../lib/Lab.java
//SOURCES ../../lib/rekey/maintainer/package-info.java

// The fault matrix: the guide's migration under load, in which the tool, ClickHouse, Kafka, the network, memory or a
// disk fails at a statement that follows from a seed; then it goes on or back, and the end is judged by what Kafka
// acknowledged; with --shards and --replicas a host, ZooKeeper or the tool is killed. First controls, by which the
// judging proves itself: no migration at all, a row deleted, doubled, altered. One line a case.
// Example: ./jbang faults --seed 7 --count 20

import static rekey.Rekey.command;

import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.cli.Output;
import rekey.lab.LabHostOptions;
import rekey.maintainer.fault.CaseOptions;
import rekey.maintainer.fault.ClusterTrial;
import rekey.maintainer.fault.ParallelLabs;
import rekey.maintainer.fault.Recording;
import rekey.maintainer.fault.Tally;

@Command(name = "faults", description = "Lets the migration fail, and counts what is lost, doubled or stuck.",
        footer = {"", "Examples: ./jbang faults --seed 7 --count 20", "          ./jbang faults --case 7.3 --verbose"})
int run(@Mixin Output output,
        @Mixin CaseOptions cases,
        @Option(names = "--record", description = "add a line of JSON for each case to it") Path record,
        @Mixin LabHostOptions hosts) throws Exception {
    var recording = record == null ? null : new Recording(record);
    if (hosts.shape() != null) return ClusterTrial.all(hosts.shape(), cases, recording, output);
    var tally = new Tally();
    ParallelLabs.run(cases, result -> {
        output.text(result.toString());
        output.json(result);
        if (!result.ok() || output.verbose()) output.say(String.join("\n", result.log()));
        if (recording != null && !result.what().control()) recording.add(result);
        tally.add(result);
    });
    output.text(cases.chosen() + ": " + tally);
    if (recording != null) output.text("in all: " + recording.totals().sentence());
    return !tally.ok() ? 3 : tally.vacuous() ? 1 : 0;
}

void main(String... args) { System.exit(command(this, args)); }
