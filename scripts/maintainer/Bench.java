///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../../lib/Lab.java
//SOURCES ../../lib/rekey/maintainer/package-info.java

// What the copy costs: the guide's SQL, rekey and the bare engine side by side on one ClickHouse, the median of three
// runs each; then how long a dashboard waits and ingestion is held. Look at the ratios: the times are this machine's.
// Example: ./jbang bench --rows 250000,1000000,4000000 --json=bench.json --png bench.png

import static rekey.Rekey.command;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.cli.Output;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabOptions;
import rekey.maintainer.BenchAnswers;
import rekey.maintainer.BenchCurves;
import rekey.maintainer.BenchPage;
import rekey.maintainer.BenchShape;

@Command(name = "bench", description = "Measures the guide's SQL, rekey and the bare engine side by side on a "
                + "ClickHouse of its own.",
        footer = {"", "Example: ./jbang bench --rows 250000,1000000,4000000 --json=bench.json --png bench.png"})
int run(@Mixin Output output,
        @Option(names = "--rows", split = ",", defaultValue = "250000,1000000,4000000",
        description = "sizes of the table (default ${DEFAULT-VALUE})") List<Long> rows,
        @Option(names = "--runs", defaultValue = "3",
        description = "of each size; the median is told, with the range (default ${DEFAULT-VALUE})") int runs,
        @Option(names = "--seed", defaultValue = "1",
        description = "what the rows follow from (default ${DEFAULT-VALUE})") long seed,
        @Option(names = "--shape", defaultValue = "guide",
        description = "guide, wide rows, unpartitioned, hot (one month), days (2,000 partitions)") String shape,
        @Option(names = "--rate", defaultValue = "200",
        description = "messages a second while held time is measured, 0: not (default ${DEFAULT-VALUE})") int rate,
        @Option(names = "--png", paramLabel = "FILE", description = "draw the curves") Path png,
        @Option(names = "--markdown", paramLabel = "FILE", description = "write the table of a page") Path page,
        @Option(names = "--answers", paramLabel = "PARTS", defaultValue = "0",
        description = "instead: how soon ./jbang answers, on a table of so many parts") long parts,
        @Option(names = "--quick", description = "two small sizes, within two minutes") boolean quick)
        throws java.io.IOException {
    if (parts > 0) new BenchAnswers(parts, runs, output::text).run().forEach(output::json);
    if (parts > 0) return 0;
    var sizes = quick ? List.of(100_000L, 500_000L) : rows;
    var bench = new rekey.maintainer.Bench(sizes, quick ? 1 : runs, seed, BenchShape.of(shape), rate, output::text);
    output.text(rekey.maintainer.Bench.heading());
    try (var lab = EmbeddedLab.start(bench.kafka() ? LabOptions.temporary() : LabOptions.temporary().withoutKafka())) {
        var measured = bench.run(lab);
        measured.forEach(output::json);
        if (png != null) Files.write(png, BenchCurves.png(measured));
        if (page != null) Files.writeString(page, BenchPage.markdown(measured));
        return 0;
    }
}

void main(String... args) { System.exit(command(this, args)); }
