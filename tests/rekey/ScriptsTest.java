package rekey;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/// What a person reads of a script before running it: its head, and README's table.
@Tag("layout")
class ScriptsTest {
    private static Map<String, String> catalog(String key) {
        var out = new LinkedHashMap<String, String>();
        for (var alias : JsonMapper.shared()
                .readTree(Repo.ROOT.resolve("jbang-catalog.json").toFile())
                .path("aliases")
                .properties())
            out.put(alias.getKey(), alias.getValue().path(key).asString(""));
        return out;
    }

    /// A comment behind the directives: what it does, then one example under its own alias, which its help has too.
    @Test
    void everyScriptSaysWhatItDoesWithOneExample() {
        var wrong = new ArrayList<String>();
        Repo.scripts().forEach((alias, file) -> {
            if (!file.startsWith("scripts")) return;
            var lines = Repo.lines(file);
            var head = lines.stream()
                    .dropWhile(l -> l.startsWith("//") || l.startsWith("///"))
                    .dropWhile(String::isBlank)
                    .takeWhile(l -> l.startsWith("//"))
                    .toList();
            var examples = head.stream()
                    .filter(l -> l.startsWith("// Example: ./jbang " + alias + " "))
                    .toList();
            if (head.size() < 3 || !head.getFirst().matches("// [A-Z\"].{20,}"))
                wrong.add(file + " does not say what it does");
            if (examples.size() != 1 || !head.getLast().equals(examples.getFirst()))
                wrong.add(file + " does not end its head with one example of ./jbang " + alias);
            else if (!alias.equals("rekey") // whose help is the list of all
                    && lines.stream()
                            .noneMatch(l -> l.contains("\"Example")
                                    && l.contains(examples.getFirst().substring("// Example: ".length()))))
                wrong.add(file + ": its help has another example");
        });
        assertEquals(List.of(), wrong);
    }

    /// The tables of commands are the catalog's, line by line; `./jbang readme` makes them so. What maintainers
    /// alone need stands in their own.
    @Test
    void theTablesAreTheCatalogs() {
        var operators = new ArrayList<String>();
        var maintainers = new ArrayList<String>();
        var scripts = catalog("script-ref");
        catalog("description")
                .forEach((alias, says) -> (scripts.get(alias).matches("(scripts/maintainer|tests)/.*")
                                ? maintainers
                                : operators)
                        .add("| `" + alias + "` | " + says + " |"));
        assertEquals(String.join("\n", operators), table("README.md"));
        assertEquals(String.join("\n", maintainers), table("lib/rekey/CONTRIBUTING.md"));
    }

    private static String table(String page) {
        return String.join(
                "\n",
                Repo.lines(Path.of(page)).stream()
                        .dropWhile(line -> !line.equals("| alias | does |"))
                        .skip(2)
                        .takeWhile(line -> line.startsWith("|"))
                        .toList());
    }
}
