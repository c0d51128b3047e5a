package rekey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The launcher, copied into a small repository of its own with one script, and called from elsewhere. An installed
/// JBang is played by a script on the PATH that writes down how it was called.
@Tag("launcher")
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a read from a process can't be interrupted
@Order(4)
class LauncherTest {
    private static final String OWN = "0.132.1";

    private static Path jar;

    @TempDir
    Path folder;

    private Path repo, elsewhere, cache, launcher, calls;
    private final List<Path> path = new ArrayList<>();

    /// A jar fetched earlier is lent to the test's own caches, so that nothing here changes this machine's.
    @BeforeAll
    static void jar() throws Exception {
        var home = System.getenv("XDG_CACHE_HOME") instanceof String xdg
                ? Path.of(xdg)
                : Path.of(System.getenv("HOME"), ".cache");
        jar = (System.getenv("REKEY_CACHE") instanceof String own ? Path.of(own) : home.resolve("rekey"))
                .resolve("jbang-cli-" + OWN + "-all.jar");
        if (!Files.exists(jar)) {
            var fetch = new ProcessBuilder(Repo.ROOT.resolve("jbang").toString(), "--version").inheritIO();
            fetch.environment().put("PATH", path(List.of()));
            fetch.start().waitFor();
        }
    }

    @BeforeEach
    void smallRepository() throws Exception {
        cache = Files.createDirectories(folder.resolve("cache"));
        Files.copy(jar, cache.resolve(jar.getFileName()));
        repo = Files.createDirectories(folder.toRealPath().resolve("it's a repo@home"));
        elsewhere = Files.createDirectories(folder.toRealPath().resolve("else where"));
        calls = folder.resolve("calls");
        launcher = Files.copy(Repo.ROOT.resolve("jbang"), repo.resolve("jbang"));
        Files.writeString(repo.resolve("jbang-catalog.json"), """
            {"aliases": {
              "echo-all": {"script-ref": "Echo.java", "description": "echoes"},
              "seven": {"script-ref": "Echo.java", "description": "exits with 7", "arguments": ["7"]}}}
            """);
        Files.writeString(repo.resolve("Echo.java"), """
            //JAVA 25+
            void main(String... args) throws Exception {
                Runtime.getRuntime().addShutdownHook(new Thread(() -> IO.println("bye")));
                IO.println(Path.of("").toAbsolutePath() + " " + List.of(args));
                System.in.transferTo(System.out);
                System.exit(args.length == 0 ? 0 : Integer.parseInt(args[0]));
            }
            """);
    }

    // --- its catalog ---

    /// As `notebooks` in this repository, or the folder that a report was written to.
    @Test
    void anAliasGoesBeforeAFolderOfItsName() throws Exception {
        Files.createDirectories(elsewhere.resolve("echo-all"));
        assertEquals(elsewhere + " [0]\nbye", run(launcher, "", "echo-all", "0").out);
    }

    @Test
    void anAliasWorksFromAnotherFolder() throws Exception {
        var ran = run(launcher, "", "echo-all", "0", "a b", "it's \"$x\"");
        assertEquals(elsewhere + " [0, a b, it's \"$x\"]\nbye", ran.out);
        assertEquals(0, ran.code);
    }

    @Test
    void anAliasWorksThroughASymlink() throws Exception {
        var link = Files.createSymbolicLink(elsewhere.resolve("link"), Path.of("../" + repo.getFileName() + "/jbang"));
        assertEquals(elsewhere + " [0]\nbye", run(link, "", "echo-all", "0").out);
    }

    /// So aliases share one build: what the catalog gives one stands before what a person types.
    @Test
    void whatTheCatalogGivesAnAliasComesFirst() throws Exception {
        assertEquals(elsewhere + " [7, x]\nbye", run(launcher, "", "seven", "x").out);
        Files.createDirectories(elsewhere.resolve("seven"));
        assertEquals(elsewhere + " [7, y]\nbye", run(launcher, "", "seven", "y").out);
    }

    // --- what is kept of an alias ---

    @Test
    void theSecondTimeJBangIsNotAsked() throws Exception {
        assertEquals(elsewhere + " [0, a]\nbye", run(launcher, "", "echo-all", "0", "a").out);
        Files.delete(cache.resolve(jar.getFileName())); // no JBang is here any more that could be asked
        path.add(script(folder.resolve("bin/mvn"), "exit 1").getParent());
        var ran = run(launcher, "piped\n", "echo-all", "7", "it's \"$x\"", "");
        assertEquals(elsewhere + " [7, it's \"$x\", ]\npiped\nbye", ran.out);
        assertEquals(7, ran.code);
    }

    @Test
    void aChangedSourceIsSeen() throws Exception {
        run(launcher, "", "echo-all", "0");
        var source = repo.resolve("Echo.java");
        var asBefore = Files.getLastModifiedTime(source);
        Files.writeString(source, Files.readString(source).replace("bye", "farewell"));
        Files.setLastModifiedTime(source, asBefore); // as a copy that keeps times leaves it
        assertEquals(elsewhere + " [0]\nfarewell", run(launcher, "", "echo-all", "0").out);
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
        assertEquals(elsewhere + " [0]\nbye", run(launcher, "", "echo-all", "0").out);
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
                    if (List.of(args).equals(List.of("rehearsed"))) return;
                    IO.println("%s " + List.of(args) + java.lang.management.ManagementFactory.getRuntimeMXBean()
                            .getInputArguments().stream().filter(a -> a.contains("SharedArchiveFile")).toList());
                }
                """.formatted(said));
            assertEquals(said + " [plan, x][]", runRekey("plan", "x").out);
            Scene.await("the file", Duration.ofMinutes(4), () -> kept().size() == 1 && !kept().equals(before));
            var jsa = kept().getFirst();
            before.clear();
            before.add(jsa);
            assertTrue(Files.size(jsa) > 100_000, jsa::toString);
            assertEquals(said + " [plan, x][-XX:SharedArchiveFile=" + jsa + "]", runRekey("plan", "x").out);
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
        assertEquals(elsewhere + " [7]\nline 1\nline 2\nbye", ran.out);
        assertEquals(7, ran.code);
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

    // --- which JBang ---

    @Test
    void aNewerInstalledOneIsUsed() throws Exception {
        installed("newer", "0.140.0");
        var ran = run(launcher, "piped", "alias", "list");
        assertEquals("installed 0.140.0 read piped", ran.out);
        assertEquals(9, ran.code);
        assertEquals(List.of("--version", "alias list"), calls());
    }

    @Test
    void itsVersionIsAskedOnlyOnce() throws Exception {
        installed("newer", "0.132.0");
        for (int i = 0; i < 3; i++) run(launcher, "", "jdk");
        assertEquals(List.of("--version", "jdk", "jdk", "jdk"), calls());
    }

    @Test
    void anOlderInstalledOneIsIgnored() throws Exception {
        installed("older", "0.131.0");
        assertEquals(OWN, run(launcher, "", "--version").said.lines().toList().getLast());
        assertEquals(List.of("--version"), calls());
    }

    @Test
    void anUpdateIsNoticed() throws Exception {
        var file = installed("jbang", "0.131.0");
        run(launcher, "", "--version");
        Files.delete(file);
        installed("jbang", "0.140.0");
        assertEquals(9, run(launcher, "", "jdk").code);
    }

    @Test
    void itIgnoresItselfOnThePath() throws Exception {
        path.add(Files.copy(
                        launcher,
                        Files.createDirectories(folder.resolve("copy")).resolve("jbang"))
                .getParent());
        path.add(Files.createSymbolicLink(
                        Files.createDirectories(folder.resolve("link")).resolve("jbang"), launcher)
                .getParent());
        path.add(script(
                        folder.resolve("wrapper/jbang"),
                        "exec '" + launcher.toString().replace("'", "'\\''") + "' \"$@\"")
                .getParent());
        path.add(repo);
        assertEquals(OWN, run(launcher, "", "--version").said.lines().toList().getLast());
    }

    // --- nothing there ---

    @Test
    void withoutMavenItSaysWhatToInstall() throws Exception {
        var bin = Files.createDirectories(folder.resolve("bin"));
        for (var tool :
                List.of("bash", "env", "readlink", "dirname", "mkdir", "mktemp", "grep", "head", "mv", "rm", "stat")) {
            var found = machine()
                    .map(dir -> dir.resolve(tool))
                    .filter(Files::isExecutable)
                    .findFirst()
                    .orElseThrow();
            script(bin.resolve(tool), "exec " + found + " \"$@\"");
        }
        Files.delete(cache.resolve(jar.getFileName()));
        var builder = start(launcher, "--version");
        builder.environment().put("PATH", bin.toString());
        assertOneSentence(run(builder, ""), "Maven");
    }

    @Test
    void whenMavenFailsItSaysWhy() throws Exception {
        path.add(script(folder.resolve("bin/mvn"), "echo '[ERROR] Unknown host a.host.example'; exit 1")
                .getParent());
        Files.delete(cache.resolve(jar.getFileName()));
        assertOneSentence(run(launcher, "", "--version"), "Unknown host a.host.example");
        assertEquals(List.of(), List.of(cache.toFile().list()), "nothing half fetched is left");
    }

    @Test
    void startsSideBySideShareOneFetch() throws Exception {
        Files.delete(cache.resolve(jar.getFileName()));
        path.add(script(folder.resolve("bin/mvn"), """
            for a in "$@"; do case $a in -DoutputDirectory=*) to=${a#*=}/%2$s ;; esac; done
            head -c 1000000 %1$s > "$to"; sleep 0.3; cat %1$s > "$to"
            """.formatted("'" + jar + "'", jar.getFileName()))
                .getParent());
        var builder = start(launcher, "--version");
        var all = List.of(builder.start(), builder.start(), builder.start());
        for (var one : all) assertEquals(0, one.waitFor());
        assertEquals(
                List.of(jar.getFileName().toString()), List.of(cache.toFile().list()));
    }

    // --- the stage ---

    private record Ran(int code, String out, String said) {}

    private Ran run(Path launcher, String stdin, String... args) throws Exception {
        return run(start(launcher, args), stdin);
    }

    private Ran run(ProcessBuilder builder, String stdin) throws Exception {
        var said = folder.resolve("stderr");
        var process = builder.redirectError(said.toFile()).start();
        try (var in = process.outputWriter()) {
            in.write(stdin);
        } catch (IOException e) {
            /* not all of them read it */
        }
        var out = new String(process.getInputStream().readAllBytes()).strip();
        return new Ran(process.waitFor(), out, Files.readString(said).strip());
    }

    private ProcessBuilder start(Path launcher, String... args) {
        var command =
                Stream.concat(Stream.of(launcher.toString()), Stream.of(args)).toList();
        var builder = new ProcessBuilder(command)
                .directory(elsewhere.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment()
                .putAll(Map.of(
                        "PATH",
                        path(path),
                        "REKEY_CACHE",
                        cache.toString(),
                        "JBANG_JAVA_OPTIONS",
                        "-Xshare:auto")); // with it the launcher makes no ahead-of-time cache: 3 s each
        return builder;
    }

    /// The folders put there by a test, then this machine's own but for those with a JBang.
    private static String path(List<Path> first) {
        return Stream.concat(first.stream(), machine())
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static Stream<Path> machine() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(Path::of)
                .filter(dir -> !Files.exists(dir.resolve("jbang")));
    }

    private Path installed(String name, String version) throws Exception {
        var file = script(folder.resolve(name + "/jbang"), """
            echo "$@" >> '%s'
            [ "$1" = --version ] && { echo %2$s; exit; }
            echo "installed %2$s read $(cat)"; exit 9
            """.formatted(calls, version));
        path.add(file.getParent());
        return file;
    }

    private List<String> calls() throws Exception {
        return Files.readAllLines(calls);
    }

    private static Path script(Path file, String text) throws Exception {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + text + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void assertOneSentence(Ran ran, String word) {
        var sentences =
                ran.said.lines().filter(line -> line.startsWith("jbang: ")).toList();
        assertEquals(1, ran.code);
        assertEquals(1, sentences.size(), ran.said);
        assertTrue(sentences.getFirst().contains(word), ran.said);
    }
}
