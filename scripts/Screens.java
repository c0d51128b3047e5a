///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Lab.java

// Records a session of the REPL on the lab as text: a migration taken step by step, inspected, its swap undone, run again
// and finalized, while events keep coming. Whoever changes what the REPL shows makes notebooks/repl-session.md and the
// picture in README.md anew by it. --ready measures how soon the prompt is there.
//
// Example: ./jbang screens --ready 10

import static rekey.Rekey.command;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.cli.Output;
import rekey.lab.EmbeddedLab;
import rekey.lab.EventProducer;
import rekey.lab.GuideTable;
import rekey.lab.Ledger;
import rekey.repl.Recording;

@Command(name = "screens", description = "Records a session of the REPL on the lab, or measures how soon its prompt is there.",
        footer = {"", "Examples: ./jbang screens", "          ./jbang screens --ready 10"})
int run(@Mixin Output output,
        @Option(names = "--folder", defaultValue = ".", description = "the checkout whose notebooks/ and README.md are written (default: here)") Path folder,
        @Option(names = "--ready", defaultValue = "0", paramLabel = "N", description = "open it N times instead, and say how long after the JVM's start the prompt was there") int ready) {
    try (var lab = EmbeddedLab.start(); var server = lab.clickhouse().connect()) {
        var table = new GuideTable(server, lab.kafka()).create().fill(600_000, 1);
        var recording = new Recording(List.of("--url", lab.url(), "--database", "posthog", "--migration", "0002_events_sample_by",
                "--chunk-rows", "20000", "--threads", "1", "--max-held", "5s"), output::say);
        try (var _ = new EventProducer(lab.bootstrap(), table.topic(), EventProducer.Options.of(200, 1), new Ledger()).start()) {
            if (ready > 0) output.text(recording.ready(folder, ready));
            else recording.write(folder);
        }
        return 0;
    }
}

void main(String... args) { System.exit(command(this, args)); }
