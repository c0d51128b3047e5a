package rekey.maintainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rekey.Repo;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The kernel that `./jbang notebooks --install` installs, spoken to as Jupyter speaks to it: it knows the library's
/// words.
@Tag("notebooks")
@Tag("slow")
class KernelTest {
    private static final byte[] KEY = "a key".getBytes(StandardCharsets.UTF_8);
    private static final int TRIES = 3, PATIENCE_MILLIS = 60_000;

    @TempDir
    Path folder;

    @Test
    void theInstalledKernelKnowsTheWords() throws Exception {
        var argv = new ArrayList<String>();
        for (var word : installed().path("argv")) argv.add(word.asString());
        for (int i = 1; ; i++)
            try {
                var told = ran(argv, "import static rekey.Rekey.*;\nevents0002(\"posthog.events\").name()");
                assertTrue(told.contains("0002_events_sample_by"), told);
                return;
            } catch (SocketTimeoutException e) {
                // now and then it hangs while it starts, as the notebooks' page says: then it is started again
                if (i == TRIES) throw e;
            }
    }

    /// With a home of its own, for the kernel goes to where Jupyter looks for a user's.
    private JsonNode installed() throws Exception {
        var home = Files.createDirectories(folder.resolve("home"));
        var process = new ProcessBuilder(
                        Repo.ROOT.resolve("jbang").toString(),
                        "run",
                        "--runtime-option=-Duser.home=" + home,
                        Repo.ROOT.resolve("scripts/maintainer/Notebooks.java").toString(),
                        "--install")
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        var said = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), said);
        try (var files = Files.walk(home)) {
            return JsonMapper.shared()
                    .readTree(files.filter(f -> f.endsWith("kernels/rekey/kernel.json"))
                            .findFirst()
                            .orElseThrow(() -> new AssertionError(said))
                            .toFile());
        }
    }

    /// What the kernel tells of a cell, up to its answer.
    private String ran(List<String> argv, String cell) throws Exception {
        var ports = ports();
        var connection = Files.writeString(
                folder.resolve("connection.json"),
                JsonMapper.shared()
                        .writeValueAsString(Map.of(
                                "transport",
                                "tcp",
                                "ip",
                                "127.0.0.1",
                                "signature_scheme",
                                "hmac-sha256",
                                "key",
                                new String(KEY, StandardCharsets.UTF_8),
                                "shell_port",
                                ports.get(0),
                                "iopub_port",
                                ports.get(1),
                                "control_port",
                                ports.get(2),
                                "stdin_port",
                                ports.get(3),
                                "hb_port",
                                ports.get(4))));
        var log = folder.resolve("kernel.log").toFile();
        var kernel = new ProcessBuilder(argv.stream()
                        .map(word -> word.equals("{connection_file}") ? connection.toString() : word)
                        .toList())
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        try (var shell = connected(kernel, ports.get(0), "DEALER");
                var told = connected(kernel, ports.get(1), "SUB")) {
            shell.send(asked(cell));
            var all = new StringBuilder();
            while (true) {
                var message = told.receive().stream()
                        .map(frame -> new String(frame, StandardCharsets.UTF_8))
                        .toList();
                all.append(String.join(" ", message)).append('\n');
                // the cell's answer, or what went wrong; both tell its whole
                if (message.stream().anyMatch(f -> f.matches("(?s).*\"msg_type\" ?: ?\"(execute_result|error)\".*")))
                    return all.toString();
            }
        } finally {
            kernel.destroyForcibly();
            kernel.waitFor(10, TimeUnit.SECONDS);
        }
    }

    /// As soon as it listens.
    private static ZmtpSocket connected(Process kernel, int port, String type) throws Exception {
        var until = Instant.now().plusMillis(PATIENCE_MILLIS);
        while (true)
            try {
                return new ZmtpSocket(port, type, PATIENCE_MILLIS);
            } catch (ConnectException e) {
                if (!kernel.isAlive()) throw new AssertionError("the kernel ended with " + kernel.exitValue(), e);
                if (Instant.now().isAfter(until)) throw new SocketTimeoutException("it does not listen");
                Thread.sleep(100);
            }
    }

    private static List<byte[]> asked(String cell) throws Exception {
        var json = JsonMapper.shared();
        var parts = new ArrayList<byte[]>();
        for (var part : List.of(
                Map.of(
                        "msg_id", UUID.randomUUID().toString(),
                        "session", "s",
                        "username", "u",
                        "date", Instant.now().toString(),
                        "msg_type", "execute_request",
                        "version", "5.3"),
                Map.of(),
                Map.of(),
                Map.of(
                        "code", cell,
                        "silent", false,
                        "store_history", true,
                        "user_expressions", Map.of(),
                        "allow_stdin", false,
                        "stop_on_error", true))) parts.add(json.writeValueAsBytes(part));
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
        parts.forEach(mac::update);
        parts.addFirst(HexFormat.of().formatHex(mac.doFinal()).getBytes(StandardCharsets.US_ASCII));
        parts.addFirst("<IDS|MSG>".getBytes(StandardCharsets.US_ASCII));
        return parts;
    }

    private static List<Integer> ports() throws IOException {
        var open = new ArrayList<ServerSocket>();
        try {
            for (int i = 0; i < 5; i++) open.add(new ServerSocket(0));
            return open.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (var s : open) s.close();
        }
    }
}
