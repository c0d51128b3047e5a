///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Lab.java

// A ClickHouse and a Kafka of one's own on free ports, to try things on: the guide's events table in its old schema, filled
// and fed, when rows or messages are asked for. It lasts until Ctrl-C.
//
// Example: ./jbang lab --rows 1000000 --rate 500

import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import rekey.lab.EmbeddedLab;
import rekey.lab.EventProducer;
import rekey.lab.GuideTable;
import rekey.lab.LabOptions;
import rekey.lab.Ledger;
import rekey.model.Trouble;

@Command(name = "lab", mixinStandardHelpOptions = true, sortOptions = false,
        description = "A real ClickHouse and a real Kafka of one's own, until Ctrl-C; with the guide's old table when rows or messages are asked for.",
        footer = {"", "Example: ./jbang lab --rows 1000000 --rate 500"})
int lab(@Option(names = "--folder", description = "where the data lies and stays; default: a temporary folder") Path folder,
        @Option(names = "--rows", defaultValue = "0", description = "create posthog.events with so many rows, unless the folder has it") long rows,
        @Option(names = "--rate", defaultValue = "0", description = "keep producing so many events a second into it") int rate,
        @Option(names = "--seed", defaultValue = "1", description = "what the events follow from") long seed) throws InterruptedException {
    try (var lab = EmbeddedLab.start(LabOptions.temporary().withFolder(folder)); var server = lab.clickhouse().connect()) {
        IO.println("""
                ClickHouse  %s   (user default, no password; native protocol: 127.0.0.1:%d)
                Kafka       %s
                data        %s""".formatted(lab.url(), lab.clickhouse().tcpPort(), lab.bootstrap(), lab.folder()));
        if (rows > 0 || rate > 0) {
            var table = new GuideTable(server, lab.kafka());
            if (!table.exists()) table.create().fill(rows, seed);
            IO.println("table       " + table.events() + ", fed from the topic " + table.topic());
            if (rate > 0) new EventProducer(lab.bootstrap(), table.topic(), EventProducer.Options.of(rate, seed), new Ledger()).start();
        }
        IO.println("""

                Try:        ./jbang plan --url %s --database posthog --migration 0002_events_sample_by
                Ctrl-C stops both.""".formatted(lab.url()));
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
