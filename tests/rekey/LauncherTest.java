package rekey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the launcher does with an alias and what stands behind it, and when it builds.
@Tag("launcher")
@Order(4)
class LauncherTest extends SmallRepository {
    /// As `notebooks` in this repository, or the folder that a report was written to.
    @Test
    void anAliasGoesBeforeAFolderOfItsName() throws Exception {
        Files.createDirectories(elsewhere.resolve("echo-all"));
        assertEquals(elsewhere + " [0]\nbye", run(launcher, "", "echo-all", "0").out());
    }

    @Test
    void anAliasWorksFromAnotherFolder() throws Exception {
        var ran = run(launcher, "", "echo-all", "0", "a b", "it's \"$x\"");
        assertEquals(elsewhere + " [0, a b, it's \"$x\"]\nbye", ran.out());
        assertEquals(0, ran.code());
    }

    @Test
    void anAliasWorksThroughASymlink() throws Exception {
        var link = Files.createSymbolicLink(elsewhere.resolve("link"), Path.of("../" + repo.getFileName() + "/jbang"));
        assertEquals(elsewhere + " [0]\nbye", run(link, "", "echo-all", "0").out());
    }

    /// So aliases share one build: what the catalog gives one stands before what a person types.
    @Test
    void whatTheCatalogGivesAnAliasComesFirst() throws Exception {
        assertEquals(elsewhere + " [7, x]\nbye", run(launcher, "", "seven", "x").out());
        Files.createDirectories(elsewhere.resolve("seven"));
        assertEquals(elsewhere + " [7, y]\nbye", run(launcher, "", "seven", "y").out());
    }

    // --- what is kept of an alias ---

    @Test
    void theSecondTimeJBangIsNotAsked() throws Exception {
        assertEquals(
                elsewhere + " [0, a]\nbye",
                run(launcher, "", "echo-all", "0", "a").out());
        Files.delete(cache.resolve(jar.getFileName())); // no JBang is here any more that could be asked
        path.add(script(folder.resolve("bin/mvn"), "exit 1").getParent());
        var ran = run(launcher, "piped\n", "echo-all", "7", "it's \"$x\"", "");
        assertEquals(elsewhere + " [7, it's \"$x\", ]\npiped\nbye", ran.out());
        assertEquals(7, ran.code());
    }

    @Test
    void aChangedSourceIsSeen() throws Exception {
        run(launcher, "", "echo-all", "0");
        var source = repo.resolve("Echo.java");
        var asBefore = Files.getLastModifiedTime(source);
        Files.writeString(source, Files.readString(source).replace("bye", "farewell"));
        Files.setLastModifiedTime(source, asBefore); // as a copy that keeps times leaves it
        assertEquals(
                elsewhere + " [0]\nfarewell", run(launcher, "", "echo-all", "0").out());
    }

    @Test
    void aBuildThatIsGoneIsMadeAgain() throws Exception {
        run(launcher, "", "echo-all", "0");
        List<Path> kept;
        try (var files = Files.list(cache.resolve("commands"))) {
            kept = files.toList();
        }
        assertEquals(1, kept.size(), kept::toString);
        var built = Files.readString(kept.getFirst()).replaceAll("(?s).* -classpath '?([^: ']*\\.jar).*", "$1");
        Files.delete(Path.of(built));
        assertEquals(elsewhere + " [0]\nbye", run(launcher, "", "echo-all", "0").out());
    }

    /// Behind a new build of rekey's own script; a file of an earlier build is not given to a later one.
    @Test
    @Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // at a low priority
    void theClassesOfRekeyAreKept() throws Exception {
        Files.writeString(repo.resolve("jbang-catalog.json"), """
            {"aliases": {"rekey": {"script-ref": "scripts/Rekey.java", "description": "all commands"},
                         "plan": {"script-ref": "scripts/Rekey.java", "description": "one", "arguments": ["plan"]}}}
            """);
        var script = Files.createDirectories(repo.resolve("scripts")).resolve("Rekey.java");
        var before = new ArrayList<Path>();
        for (var said : List.of("one", "two")) {
            Files.writeString(script, """
                //JAVA 25+
                void main(String... args) {
                    var options = java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments();
                    if (List.of(args).equals(List.of("rehearsed"))) {
                        // halted, it makes no file: a report of a crash would be left where the user stands
                        if (!options.toString().contains("ErrorFile=")) Runtime.getRuntime().halt(1);
                        return;
                    }
                    IO.println("%s " + List.of(args)
                            + options.stream().filter(a -> a.contains("SharedArchiveFile")).toList());
                }
                """.formatted(said));
            assertEquals(said + " [plan, x][]", runRekey("plan", "x").out());
            Scene.await("the file", Duration.ofMinutes(4), () -> kept().size() == 1 && !kept().equals(before));
            var jsa = kept().getFirst();
            before.clear();
            before.add(jsa);
            assertTrue(Files.size(jsa) > 100_000, jsa::toString);
            assertEquals(
                    said + " [plan, x][-XX:SharedArchiveFile=" + jsa + "]",
                    runRekey("plan", "x").out());
        }
    }

    private List<Path> kept() {
        try (var files = Files.list(cache.resolve("commands"))) {
            return files.filter(f -> f.toString().endsWith(".jsa")).toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private Ran runRekey(String... args) throws Exception {
        var builder = start(launcher, args);
        builder.environment().remove("JBANG_JAVA_OPTIONS");
        return run(builder, "");
    }

    // --- a word that nobody knows ---

    @Test
    void anUnknownWordIsAnsweredByRekey() throws Exception {
        installed("newer", "0.140.0");
        Files.writeString(repo.resolve("jbang-catalog.json"), """
            {"aliases": {"rekey": {"script-ref": "Echo.java", "description": "all commands"},
                         "demo": {"script-ref": "Demo.java", "description": "a build of its own"},
                         "plan": {"script-ref": "Echo.java", "description": "one of all", "arguments": ["plan"]}}}
            """);
        var catalog = "--catalog=" + repo.resolve("jbang-catalog.json") + " ";
        run(launcher, "", "stauts", "--json");
        assertEquals(catalog + "rekey stauts --json", calls().getLast());
        for (var words : List.of("rekey plan --json", "plan --json")) {
            run(launcher, "", words.split(" "));
            assertEquals(catalog + "rekey plan --json", calls().getLast());
        }
        run(launcher, "", "rekey", "demo", "--seed", "7");
        assertEquals(catalog + "demo --seed 7", calls().getLast());
        Files.writeString(elsewhere.resolve("jbang-catalog.json"), """
            {"aliases": {"mine": {"script-ref": "Mine.java"}}}
            """);
        run(launcher, "", "mine", "x");
        assertEquals("mine x", calls().getLast());
        run(launcher, "", "cache", "list");
        assertEquals("cache list", calls().getLast());
    }

    @Test
    void jbangsOwnHelpSaysWhereOursIs() throws Exception {
        installed("newer", "0.140.0");
        Files.writeString(repo.resolve("jbang-catalog.json"), """
            {"aliases": {"help": {"script-ref": "Echo.java", "description": "lists", "arguments": ["--help"]}}}
            """);
        var ran = run(launcher, "", "--help");
        assertEquals("--help", calls().getLast());
        assertTrue(ran.said().contains("./jbang help"), ran.said());
        assertEquals("", run(launcher, "", "jdk").said());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "echo-all x y,               CATALOG echo-all x y",
        "--verbose echo-all,         --verbose CATALOG echo-all",
        "run -Dx=y echo-all,         run -Dx=y CATALOG echo-all",
        "--java 25 echo-all,         --java 25 CATALOG echo-all",
        "info classpath echo-all,    info classpath CATALOG echo-all",
        "--catalog=mine echo-all,    --catalog=mine echo-all",
        "Other.java echo-all,        Other.java echo-all",
        "init echo-all,              init echo-all",
        "- echo-all,                 - echo-all",
        "aliases,                    aliases"
    })
    void onlyAnAliasIsGivenTheCatalog(String asked, String passedOn) throws Exception {
        installed("newer", "0.140.0");
        run(launcher, "", asked.split(" "));
        assertEquals(passedOn.replace("CATALOG", "--catalog=" + repo.resolve("jbang-catalog.json")), calls().getLast());
    }

    // --- what passes through ---

    @Test
    void stdinAndExitCodePassThrough() throws Exception {
        var ran = run(launcher, "line 1\nline 2\n", "echo-all", "7");
        assertEquals(elsewhere + " [7]\nline 1\nline 2\nbye", ran.out());
        assertEquals(7, ran.code());
    }

    @Test
    void aSignalReachesTheScript() throws Exception {
        var process = start(launcher, "echo-all").start();
        try (var out = process.inputReader()) {
            assertEquals(elsewhere + " []", out.readLine());
            process.toHandle().destroy(); // Process.destroy would close our end of the pipe, too
            assertEquals("bye", out.readLine());
        }
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        assertEquals(143, process.exitValue());
    }
}
