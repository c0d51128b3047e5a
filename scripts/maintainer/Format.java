///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../../lib/Rekey.java
//SOURCES ../../tests/rekey/SourceFormat.java

// Lays out the sources of the library and of the tests: palantir-java-format at 120 columns, imports sorted. Of scripts
// the imports alone. A test fails on any difference; `git config core.hooksPath .githooks` has it looked at before each
// commit.
//
// Example: ./jbang format --check

import static rekey.Rekey.command;

import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.SourceFormat;
import rekey.cli.Output;

@Command(name = "format", description = "Lays out library and tests, and the scripts' imports.",
        footer = {"", "Example: ./jbang format --check"})
int run(@Mixin Output output, @Option(names = "--check",
        description = "name what differs, change nothing") boolean check,
        @Option(names = "--folder", defaultValue = ".", description = "the checkout (default: here)") Path folder)
        throws Exception {
    var differing = SourceFormat.differing(folder, !check);
    differing.forEach(file -> output.text(file.toString()));
    output.text(differing.isEmpty() ? "All sources are formatted."
            : differing.size() + (check ? " files are not formatted: run ./jbang format." : " files were formatted."));
    return check && !differing.isEmpty() ? 1 : 0;
}

void main(String... args) { System.exit(command(this, args)); }
