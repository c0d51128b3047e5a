package rekey;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/// The checkout whose tests these are: the jar they run from lies in a cache and does not know it. Its launcher
/// does; an installed JBang does not, so then it is the nearest one from the working directory upwards.
public final class Repo {
    public static final Path ROOT = find();

    private Repo() {}

    private static Path find() {
        if (System.getenv("REKEY_HOME") instanceof String home) return Path.of(home);
        return Stream.iterate(Path.of("").toAbsolutePath(), Path::getParent)
                .takeWhile(folder -> folder != null)
                .filter(folder -> Files.exists(folder.resolve("lib/Rekey.java")))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalStateException("Start the tests in the checkout, or by its own ./jbang."));
    }

    /// The Java files below a folder, by their names from the root on.
    public static List<Path> javaFiles(String folder) {
        return files(folder, ".java");
    }

    /// The files below a folder whose names end so, by their names from the root on.
    public static List<Path> files(String folder, String... endings) {
        if (!Files.isDirectory(ROOT.resolve(folder))) return List.of();
        try (var files = Files.walk(ROOT.resolve(folder))) {
            return files.filter(file -> Stream.of(endings).anyMatch(file.toString()::endsWith))
                    .map(ROOT::relativize)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static List<String> lines(Path file) {
        try {
            return Files.readAllLines(ROOT.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The script of each alias. Those of a user's commands share one build, and its first argument says which is
    /// meant: `is-required` is `scripts/IsRequired.java`. `help` is no script, but an option of all.
    public static Map<String, Path> scripts() {
        var out = new LinkedHashMap<String, Path>();
        for (var alias : JsonMapper.shared()
                .readTree(ROOT.resolve("jbang-catalog.json").toFile())
                .path("aliases")
                .properties()) {
            var verb = alias.getValue().path("arguments").path(0).asString("");
            if (!verb.startsWith("-"))
                out.put(
                        alias.getKey(),
                        Path.of(
                                verb.isEmpty()
                                        ? alias.getValue().path("script-ref").asString("")
                                        : "scripts/" + className(verb) + ".java"));
        }
        return out;
    }

    private static String className(String verb) {
        return Stream.of(verb.split("-"))
                .map(w -> w.substring(0, 1).toUpperCase() + w.substring(1))
                .collect(Collectors.joining());
    }
}
