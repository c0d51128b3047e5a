package rekey;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;

/// What a person reads of a script before running it: its head, and README's table.
@Tag("layout")
class ScriptsTest {
    private static Map<String, String> catalog(String key) {
        var out = new LinkedHashMap<String, String>();
        for (var alias : JsonMapper.shared().readTree(Repo.ROOT.resolve("jbang-catalog.json").toFile()).path("aliases").properties())
            out.put(alias.getKey(), alias.getValue().path(key).asString(""));
        return out;
    }

    /// A comment behind the directives: what it does, then one example under its own alias, which its help has too.
    @Test void everyScriptSaysWhatItDoesWithOneExample() {
        var wrong = new ArrayList<String>();
        catalog("script-ref").forEach((alias, file) -> {
            if (!file.startsWith("scripts/")) return;
            var lines = Repo.lines(Path.of(file));
            var head = lines.stream().dropWhile(l -> l.startsWith("//") || l.startsWith("///")).dropWhile(String::isBlank).takeWhile(l -> l.startsWith("//")).toList();
            var examples = head.stream().filter(l -> l.startsWith("// Example: ./jbang " + alias + " ")).toList();
            if (head.size() < 3 || !head.getFirst().matches("// [A-Z\"].{20,}")) wrong.add(file + " does not say what it does");
            if (examples.size() != 1 || !head.getLast().equals(examples.getFirst())) wrong.add(file + " does not end its head with one example of ./jbang " + alias);
            else if (lines.stream().noneMatch(l -> l.contains("\"Example") && l.contains(examples.getFirst().substring("// Example: ".length())))) wrong.add(file + ": its help has another example");
        });
        assertEquals(List.of(), wrong);
    }

    /// The table of commands is the catalog's, line by line; `./jbang readme` makes it so.
    @Test void readmesTableIsTheCatalogs() {
        var wanted = new ArrayList<String>();
        catalog("description").forEach((alias, says) -> wanted.add("| `" + alias + "` | " + says + " |"));
        var known = catalog("description").keySet();
        assertEquals(String.join("\n", wanted), String.join("\n", Repo.lines(Path.of("README.md")).stream()
                .filter(l -> l.matches("\\| `[a-z0-9-]+` \\| .* \\|") && known.contains(l.substring(3, l.indexOf('`', 3)))).toList()));
    }
}
