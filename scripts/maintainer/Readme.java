///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../../lib/Rekey.java

// Writes the tables of commands anew from the catalog: README's, and that of maintainers' commands in CONTRIBUTING.md.
// Whoever adds an alias, or changes what one says, runs it; a test holds the tables to the catalog, line by line.
//
// Example: ./jbang readme --folder .

import static rekey.Rekey.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.cli.Output;
import rekey.model.Trouble;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Command(name = "readme", description = "Writes the pages' tables of commands anew from the catalog.", footer = {"",
        "Example: ./jbang readme --folder ."})
int run(@Mixin Output output, @Option(names = "--folder", defaultValue = ".",
        description = "the checkout (default: here)") Path folder) throws IOException {
    var aliases = JsonMapper.shared().readTree(folder.resolve("jbang-catalog.json").toFile()).path("aliases")
            .properties();
    write(folder.resolve("README.md"), rows(aliases.stream().filter(a -> !forMaintainers(a.getValue()))));
    write(folder.resolve("lib/rekey/CONTRIBUTING.md"),
            rows(aliases.stream().filter(a -> forMaintainers(a.getValue()))));
    output.text("README.md and CONTRIBUTING.md have the catalog's " + aliases.size() + " commands.");
    return 0;
}

boolean forMaintainers(JsonNode alias) {
    return alias.path("script-ref").asString("").matches("(scripts/maintainer|tests)/.*");
}

String rows(Stream<Map.Entry<String, JsonNode>> aliases) {
    return aliases.map(a -> "| `%s` | %s |\n".formatted(a.getKey(), a.getValue().path("description").asString()))
            .collect(Collectors.joining());
}

void write(Path page, String rows) throws IOException {
    var place = Pattern.compile("(?m)^(\\| alias \\| does \\|\\n\\| --- \\| --- \\|\\n)(?:\\|.*\\n)*")
            .matcher(Files.exists(page) ? Files.readString(page) : "");
    if (!place.find()) throw new Trouble.Usage("There is no table of commands in " + page.toAbsolutePath()
            + ": name the checkout with --folder.");
    Files.writeString(page, place.replaceFirst(m -> Matcher.quoteReplacement(m.group(1) + rows)));
}

void main(String... args) { System.exit(command(this, args)); }
