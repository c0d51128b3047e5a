///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../../lib/Lab.java
//SOURCES ../../lib/rekey/maintainer/package-info.java

// Records a session of the REPL as text, in whose middle the server hangs, and runs the demo. Whoever changes
// what they or the live page show makes notebooks/repl-session.md, notebooks/page.png and what README.md shows anew by
// it, on a machine that does nothing else, with Chromium. --ready measures how soon the prompt is there.
//
// Example: ./jbang screens --ready 10

import static rekey.Lab.demo;
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
import rekey.maintainer.PageRecording;
import rekey.maintainer.RecordedSession;

@Command(name = "screens", description = "Records the REPL and the demo, or measures how soon the prompt is there.",
        footer = {"", "Examples: ./jbang screens", "          ./jbang screens --ready 10"})
int run(@Mixin Output output,
        @Option(names = "--folder", defaultValue = ".",
        description = "the checkout whose notebooks/ and README.md are written (default: here)") Path folder,
        @Option(names = "--ready", defaultValue = "0", paramLabel = "N",
        description = "open it N times instead, and say how soon after the JVM's start") int ready) {
    try (var lab = EmbeddedLab.start(); var server = lab.clickhouse().connect()) {
        var table = new GuideTable(server, lab.kafka()).create().fill(2_500_000, 1);
        try (var _ = new EventProducer(lab.bootstrap(), table.topic(), EventProducer.Options.of(200, 1),
                new Ledger()).start();
                var seen = new PageRecording(lab.url(), lab.clickhouse().pid(), lab.bootstrap())) {
            var recording = new RecordedSession(List.of("--url", lab.url(), "--database", "posthog", "--migration",
                    "0002_events_sample_by", "--chunk-rows", "20000", "--threads", "1", "--max-held", "5s"),
                    seen::hang, seen::whileHanging, output::say);
            if (ready > 0) output.text(recording.ready(folder, ready));
            else recording.write(folder, () -> seen.picture(folder.resolve("notebooks/page.png")));
        }
    }
    return ready > 0 ? 0 : figures(output, folder);
}
/// As `./jbang demo` prints them, but for empty lines and how the copy went.
int figures(Output output, Path folder) {
    try (var lab = EmbeddedLab.start()) {
        var outcome = demo(1_000_000, 2000, 1, 0, "ReplacingMergeTree(_timestamp)", output::say, e -> {}).run(lab);
        output.text(outcome.text());
        var told = outcome.text().replaceAll("\n(late rows|copied) .*|\n(?=\n)", "");
        if (outcome.ok()) RecordedSession.place(folder, "demo", told);
        return outcome.ok() ? 0 : 3;
    }
}

void main(String... args) { System.exit(command(this, args)); }
