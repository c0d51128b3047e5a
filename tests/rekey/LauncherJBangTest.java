package rekey;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Which JBang the launcher uses: an installed one that is new enough, else its own, fetched by Maven.
@Tag("launcher")
class LauncherJBangTest extends SmallRepository {
    @Test
    void aNewerInstalledOneIsUsed() throws Exception {
        installed("newer", "0.140.0");
        var ran = run(launcher, "piped", "alias", "list");
        assertEquals("installed 0.140.0 read piped", ran.out());
        assertEquals(9, ran.code());
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
        assertEquals(OWN, run(launcher, "", "--version").said().lines().toList().getLast());
        assertEquals(List.of("--version"), calls());
    }

    @Test
    void anUpdateIsNoticed() throws Exception {
        var file = installed("jbang", "0.131.0");
        run(launcher, "", "--version");
        Files.delete(file);
        installed("jbang", "0.140.0");
        assertEquals(9, run(launcher, "", "jdk").code());
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
        assertEquals(OWN, run(launcher, "", "--version").said().lines().toList().getLast());
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
}
