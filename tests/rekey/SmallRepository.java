package rekey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The launcher, copied into a small repository of its own with one script, and called from elsewhere. An installed
/// JBang is played by a script on the PATH that writes down how it was called.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a read from a process can't be interrupted
abstract class SmallRepository {
    static final String OWN = "0.132.1";

    static Path jar;

    @TempDir
    Path folder;

    Path repo, elsewhere, cache, launcher, calls;
    final List<Path> path = new ArrayList<>();

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

    record Ran(int code, String out, String said) {}

    Ran run(Path launcher, String stdin, String... args) throws Exception {
        return run(start(launcher, args), stdin);
    }

    Ran run(ProcessBuilder builder, String stdin) throws Exception {
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

    ProcessBuilder start(Path launcher, String... args) {
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
    static String path(List<Path> first) {
        return Stream.concat(first.stream(), machine())
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    static Stream<Path> machine() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(Path::of)
                .filter(dir -> !Files.exists(dir.resolve("jbang")));
    }

    Path installed(String name, String version) throws Exception {
        var file = script(folder.resolve(name + "/jbang"), """
            echo "$@" >> '%s'
            [ "$1" = --version ] && { echo %2$s; exit; }
            echo "installed %2$s read $(cat)"; exit 9
            """.formatted(calls, version));
        path.add(file.getParent());
        return file;
    }

    List<String> calls() throws Exception {
        return Files.readAllLines(calls);
    }

    static Path script(Path file, String text) throws Exception {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + text + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    static void assertOneSentence(Ran ran, String word) {
        var sentences =
                ran.said.lines().filter(line -> line.startsWith("jbang: ")).toList();
        assertEquals(1, ran.code);
        assertEquals(1, sentences.size(), ran.said);
        assertTrue(sentences.getFirst().contains(word), ran.said);
    }
}
