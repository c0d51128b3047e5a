package rekey.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rekey.Rekey;
import rekey.Repo;
import rekey.model.Trouble;

/// Scripts away from the repository, which is served over HTTP here as it would be at GitHub.
@Tag("runbook")
class RunbookScriptsTest {
    @TempDir
    Path folder;

    private HttpServer web;
    private String base;

    @BeforeEach
    void serve() throws Exception {
        web = HttpServer.create(new InetSocketAddress(InetAddress.getByName("localhost"), 0), 0);
        web.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        web.createContext("/", exchange -> {
            var file = Repo.ROOT
                    .resolve(exchange.getRequestURI().getPath().substring(1))
                    .normalize();
            boolean there = file.startsWith(Repo.ROOT) && Files.isRegularFile(file);
            exchange.sendResponseHeaders(there ? 200 : 404, 0);
            try (var out = exchange.getResponseBody()) {
                if (there) Files.copy(file, out);
            }
        });
        web.start();
        base = "http://localhost:" + web.getAddress().getPort();
    }

    @AfterEach
    void end() {
        web.stop(0);
    }

    @Test
    void aCopiedScriptRunsFromAnEmptyFolder() throws Exception {
        Rekey.scripts(base + "/").write(folder.resolve("copies"));
        var copy = folder.resolve("copies/IsRequired.java");
        assertTrue(Files.readString(copy).contains("\n//SOURCES " + base + "/lib/Rekey.java\n"));
        var here = Files.createDirectories(folder.resolve("empty"));
        assertSays(
                "No ClickHouse answers at localhost:1",
                1,
                jbang(
                        here,
                        Files.move(copy, here.resolve("IsRequired.java")).toString(),
                        "--url",
                        "http://localhost:1",
                        "--migration",
                        "0002_events_sample_by"));
    }

    @Test
    void anAliasRunsFromAUrlCatalog() throws Exception {
        assertSays("Example: ./jbang plan", 0, jbang(folder, "plan@" + base, "--help"));
    }

    @Test
    void noScriptIsLeftWithARelativeSource() {
        var scripts = Rekey.scripts(Repo.ROOT.toString()).scripts();
        var operators = Repo.javaFiles("scripts").stream()
                .filter(file -> !file.startsWith("scripts/maintainer"))
                .toList();
        assertEquals(operators.size(), scripts.size());
        for (var text : scripts.values()) {
            assertFalse(text.contains("//SOURCES ../"));
            assertTrue(text.contains("//SOURCES " + Repo.ROOT + "/lib/"));
        }
    }

    @Test
    void whereThereIsNoRekeyItSaysSo() {
        assertTrue(assertThrows(
                        Trouble.Failed.class,
                        () -> Rekey.scripts(base + "/nowhere").text())
                .getMessage()
                .contains("--base"));
        assertTrue(assertThrows(
                        Trouble.Failed.class,
                        () -> Rekey.scripts(folder.toString()).text())
                .getMessage()
                .contains("--base"));
    }

    private record Ran(int code, String said) {}

    private static void assertSays(String words, int code, Ran ran) {
        assertTrue(ran.said.contains(words) && ran.code == code, ran::toString);
    }

    private Ran jbang(Path where, String... args) throws Exception {
        var command = new ArrayList<>(List.of(Repo.ROOT.resolve("jbang").toString()));
        command.addAll(List.of(args));
        var builder = new ProcessBuilder(command)
                .directory(where.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(
                        Files.createFile(folder.resolve("stdin")).toFile()));
        builder.environment().put("JBANG_CACHE_DIR", folder.resolve("cache").toString());
        var process = builder.start();
        var said = new String(process.getInputStream().readAllBytes());
        return new Ran(process.waitFor(), said);
    }
}
