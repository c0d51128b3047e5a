///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Lab.java

// The fault matrix: the guide's migration under load, in which the tool, ClickHouse, Kafka or the network fails at a moment
// that follows from a seed; then it goes on or back, and the end is judged by what Kafka acknowledged. One line a case.

import static rekey.Rekey.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.cli.Output;
import rekey.lab.EmbeddedLab;
import rekey.lab.fault.Case;
import rekey.lab.fault.Trial;

@Command(name = "faults", description = "Lets the migration fail in every way, and counts what is lost, doubled or stuck.",
        footer = {"", "Example: ./jbang faults --seed 7 --count 20"})
int run(@Mixin Output output,
        @Option(names = "--seed", defaultValue = "1", description = "what the cases follow from (default ${DEFAULT-VALUE})") long seed,
        @Option(names = "--count", defaultValue = "0", description = "so many cases by chance; default: the whole matrix") int count) throws Exception {
    long lost = 0, doubled = 0, stuck = 0, failed = 0;
    try (var lab = EmbeddedLab.start()) {
        for (var what : count > 0 ? Case.random(seed, count) : Case.matrix(seed)) {
            var result = new Trial(lab, what).run();
            output.text(result.toString());
            output.json(result);
            if (!result.ok()) output.say(String.join("\n", result.log()));
            lost += result.lost();
            doubled += result.doubled();
            stuck += result.stuck().isEmpty() ? 0 : 1;
            failed += result.ok() ? 0 : 1;
        }
    }
    output.text("seed %d: %d lost, %d doubled, %d stuck".formatted(seed, lost, doubled, stuck));
    return failed == 0 ? 0 : 3;
}

void main(String... args) { System.exit(command(this, args)); }
