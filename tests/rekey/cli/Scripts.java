package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.tools.ToolProvider;
import rekey.Repo;
import rekey.model.TableName;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The scripts as they lie in the repository, compiled once and run in this process by their aliases.
public final class Scripts {
    private static final Map<String, Class<?>> CLASSES = compiled();

    private Scripts() {}

    /// What a script left behind.
    public record Ran(List<String> command, int exitCode, String output, String errorOutput) {
        public Ran exits(int code) {
            assertEquals(code, exitCode, this::toString);
            return this;
        }

        /// It said one sentence on standard error, with these words in it, and no stack trace.
        public Ran complains(String... words) {
            assertEquals(1, errorOutput.strip().lines().count(), this::toString);
            return says(words);
        }

        public Ran says(String... words) {
            for (var w : words)
                assertTrue((output + errorOutput).contains(w), () -> "'" + w + "' is missing in " + this);
            return this;
        }

        /// The lines of standard output, each of which must be JSON.
        public List<JsonNode> json() {
            return output.lines().map(JsonMapper.shared()::readTree).toList();
        }

        @Override
        public String toString() {
            return String.join(" ", command) + "\nexit code " + exitCode + "\n" + output + "\n--- standard error:\n"
                    + errorOutput;
        }
    }

    static List<String> aliases() {
        return CLASSES.keySet().stream().filter(a -> !a.equals("rekey")).toList();
    }

    /// By which a process of its own runs a script as `java IsRequired`.
    public static String classPath() {
        var folder = CLASSES.get("rekey").getProtectionDomain().getCodeSource().getLocation();
        return Path.of(URI.create(folder.toString()))
                + java.io.File.pathSeparator
                + System.getProperty("java.class.path");
    }

    /// All of them as one.
    static Program program() {
        try {
            var constructor = CLASSES.get("rekey").getDeclaredConstructor();
            constructor.setAccessible(true);
            var all = CLASSES.get("rekey").getDeclaredMethod("all");
            all.setAccessible(true);
            return (Program) all.invoke(constructor.newInstance());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    public static Ran run(String alias, String... args) {
        var result = Cli.caught(CLASSES.get(alias), args);
        var command = new ArrayList<>(List.of("./jbang", alias));
        command.addAll(Arrays.asList(args));
        return new Ran(command, result.exitCode(), result.output(), result.errorOutput());
    }

    /// On a server, of one table; with further options.
    public static Ran run(String alias, String url, TableName table, String... args) {
        var all = new ArrayList<>(
                List.of("--url", url, "--database", table.database(), "--table", TableName.quote(table.table())));
        all.addAll(Arrays.asList(args));
        return run(alias, all.toArray(String[]::new));
    }

    /// All that share the one build; those that start a lab have their own tests.
    private static Map<String, Class<?>> compiled() {
        var sources = new TreeMap<String, Path>();
        var all = Set.copyOf(Repo.lines(Path.of("scripts/Rekey.java")));
        Repo.scripts().forEach((alias, file) -> {
            if (all.contains("//SOURCES " + file.getFileName())) sources.put(alias, Repo.ROOT.resolve(file));
        });
        sources.put("rekey", Repo.ROOT.resolve("scripts/Rekey.java"));
        try {
            var classes = Files.createTempDirectory("rekey-scripts");
            rekey.repl.State.own(); // not another one than the sessions of this process have
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(classes)));
            compile(List.copyOf(sources.values()), classes);
            var loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, Scripts.class.getClassLoader());
            var out = new TreeMap<String, Class<?>>();
            for (var e : sources.entrySet())
                out.put(
                        e.getKey(),
                        loader.loadClass(e.getValue().getFileName().toString().replace(".java", "")));
            return out;
        } catch (IOException | ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void compile(List<Path> sources, Path classes) {
        var compiler = ToolProvider.getSystemJavaCompiler();
        var said = new StringWriter();
        var files = compiler.getStandardFileManager(null, null, null);
        var task = compiler.getTask(
                said,
                files,
                null,
                List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none"),
                null,
                files.getJavaFileObjectsFromPaths(sources));
        assertTrue(task.call(), said::toString);
    }

    private static void delete(Path folder) {
        try (var all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
        } catch (IOException e) {
            System.err.println("left behind: " + folder);
        }
    }
}
