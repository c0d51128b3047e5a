///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Lab.java

// What the copy costs: the guide's SQL as written, rekey, and the bare engine, side by side in one run on one ClickHouse of
// its own, for tables of several sizes. Look at the ratios, for the milliseconds are this machine's.
//
// Example: ./jbang bench --rows 250000,1000000,4000000 --json=bench.json --png bench.png

import static rekey.Lab.*;
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

@Command(name = "bench", description = "Measures the guide's SQL, rekey and the bare engine side by side on a ClickHouse of its own.",
        footer = {"", "Example: ./jbang bench --rows 250000,1000000,4000000 --json=bench.json --png bench.png"})
int run(@Mixin Output output,
        @Option(names = "--rows", split = ",", defaultValue = "250000,1000000,4000000", description = "sizes of the table (default ${DEFAULT-VALUE})") List<Long> rows,
        @Option(names = "--seed", defaultValue = "1", description = "what the rows follow from (default ${DEFAULT-VALUE})") long seed,
        @Option(names = "--png", paramLabel = "FILE", description = "draw the curves") Path png) throws java.io.IOException {
    output.text(benchHeading());
    try (var lab = EmbeddedLab.start(LabOptions.temporary().withoutKafka())) {
        var measured = bench(rows, seed, output::text).run(lab);
        measured.forEach(output::json);
        if (png != null) Files.write(png, curves(measured));
        return 0;
    }
}

void main(String... args) { System.exit(command(this, args)); }
