///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../../lib/Lab.java
//SOURCES ../../lib/rekey/maintainer/package-info.java

// Tables drawn by chance from a seed: engine, keys, column types, settings, TTL, projections, indices, and the way in
// which their rows come. Each is filled, migrated while rows come, taken back, migrated again and made final, and after
// each way compared column by column and clause by clause with a table that nobody migrates. First one is spoilt in
// five ways, by which the comparing proves itself. One line a table. With room enough the lab is in memory.
//
// Example: ./jbang tables --seed 7 --count 12

import static rekey.Rekey.command;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.cli.Output;
import rekey.lab.ClusterShape;
import rekey.maintainer.table.DrawnTables;
import rekey.maintainer.table.TableRecord;

@Command(name = "tables", description = "Migrates tables drawn by chance, there and back, and compares all of them.",
        footer = {"", "Examples: ./jbang tables --seed 7 --count 12",
        "          ./jbang tables --seed 7 --from 3 --count 1 --verbose"})
int run(@Mixin Output output,
        @Option(names = "--seed", defaultValue = "1",
        description = "what the tables follow from (default ${DEFAULT-VALUE})") long seed,
        @Option(names = "--count", defaultValue = "12",
        description = "so many tables (default ${DEFAULT-VALUE})") int count,
        @Option(names = "--from", defaultValue = "1",
        description = "begin with the table of this number (default ${DEFAULT-VALUE})") int from,
        @Option(names = "--jobs", defaultValue = "1",
        description = "side by side on one lab (default ${DEFAULT-VALUE})") int jobs,
        @Option(names = "--replicas", defaultValue = "1",
        description = "replicas that have each table, which is a replicated one then (default ${DEFAULT-VALUE})")
                int replicas,
        @Option(names = "--record", description = "add a line of JSON for each table to it") Path record)
        throws Exception {
    var memory = Path.of("/dev/shm");
    if (Files.isWritable(memory) && Files.getFileStore(memory).getUsableSpace() > 8L << 30)
        System.setProperty("java.io.tmpdir", memory.toString());
    var shape = ClusterShape.of(1, replicas, false);
    var all = DrawnTables.run(seed, from, count, jobs, shape, Optional.ofNullable(record), result -> {
        output.text(result.toString());
        output.json(result);
        if (!result.ok() || output.verbose()) output.say(result.create() + "\n" + String.join("\n", result.log()));
    });
    if (record != null) output.text(new TableRecord(record).sentence());
    output.text(all.toString());
    return all.ok() ? 0 : 3;
}

void main(String... args) { System.exit(command(this, args)); }
