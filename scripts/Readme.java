///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../lib/Rekey.java

// Writes README's table of commands anew from the catalog. Whoever adds an alias, or changes what one says, runs it; a test
// holds the table to the catalog, line by line.
//
// Example: ./jbang readme --folder .

import static rekey.Rekey.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rekey.cli.Output;
import rekey.model.Trouble;
import tools.jackson.databind.json.JsonMapper;

@Command(name = "readme", description = "Writes README's table of commands anew from the catalog.", footer = {"", "Example: ./jbang readme --folder ."})
int run(@Mixin Output output, @Option(names = "--folder", defaultValue = ".", description = "the checkout (default: here)") Path folder) throws IOException {
    var readme = folder.resolve("README.md");
    var place = Pattern.compile("(?m)^(\\| alias \\| does \\|\\n\\| --- \\| --- \\|\\n)(?:\\|.*\\n)*").matcher(Files.exists(readme) ? Files.readString(readme) : "");
    if (!place.find()) throw new Trouble.Usage("There is no README.md with a table of commands in " + folder.toAbsolutePath() + ": name the checkout with --folder.");
    var aliases = JsonMapper.shared().readTree(folder.resolve("jbang-catalog.json").toFile()).path("aliases").properties();
    var rows = aliases.stream().map(a -> "| `%s` | %s |\n".formatted(a.getKey(), a.getValue().path("description").asString())).collect(Collectors.joining());
    Files.writeString(readme, place.replaceFirst(m -> java.util.regex.Matcher.quoteReplacement(m.group(1) + rows)));
    output.text("README.md has the catalog's " + aliases.size() + " commands.");
    return 0;
}

void main(String... args) { System.exit(command(this, args)); }
