///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Lab.java

// A ClickHouse and a Kafka of one's own on free ports, to try things on: the guide's events table in its old schema,
// filled and fed, when rows or messages are asked for. It lasts until Ctrl-C.
//
// With --shards or --replicas it is a cluster, with a ZooKeeper; the table is on each host then, fed by one group.
//
// Example: ./jbang lab --shards 2 --replicas 2 --rows 1000000 --rate 500

import static rekey.Lab.fed;

import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabHostOptions;
import rekey.lab.LabOptions;
import rekey.model.Trouble;

@Command(name = "lab", mixinStandardHelpOptions = true, sortOptions = false,
        description = "A real ClickHouse and a real Kafka of one's own, until Ctrl-C; with the guide's old table "
                + "when rows or messages are asked for.",
        footer = {"", "Examples: ./jbang lab --shards 2 --replicas 2 --rows 1000000 --rate 500",
        "          ./jbang lab --rows 1000000"})
int lab(@Option(names = "--folder",
        description = "where the data lies and stays; default: a temporary folder") Path folder,
        @Option(names = "--rows", defaultValue = "0",
        description = "create posthog.events with so many rows, unless the folder has it") long rows,
        @Option(names = "--rate", defaultValue = "0",
        description = "keep producing so many events a second into it") int rate,
        @Option(names = "--seed", defaultValue = "1",
        description = "what the events follow from") long seed,
        @Option(names = "--secured",
        description = "also a way in by TLS and a login, as secured servers have it") boolean secured,
        @Mixin LabHostOptions hosts) throws InterruptedException {
    var options = LabOptions.temporary().withFolder(folder);
    try (var lab = EmbeddedLab.start(hosts.of(secured ? options.withSecured() : options))) {
        IO.println(lab.text());
        if (rows > 0 || rate > 0) IO.println(fed(lab, rows, rate, seed));
        IO.println("""

                Try:        ./jbang plan --url %s --database posthog --migration 0002_events_sample_by
                Ctrl-C stops all.""".formatted(lab.url()));
        lab.await();
        return 0;
    } catch (Trouble e) {
        System.err.println(e.getMessage());
        return e.exitCode();
    }
}

void main(String... args) {
    System.exit(new CommandLine(CommandLine.getCommandMethods(getClass(), "lab").getFirst()).execute(args));
}
