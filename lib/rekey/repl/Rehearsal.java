package rekey.repl;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import org.jline.utils.ScreenTerminal;
import rekey.cli.Program;
import rekey.kafka.KafkaAdmin;

/// Everything of rekey's loaded once, so that Java keeps it. The launcher has this done behind a new build, and
/// gives the file that comes of it to every command. Nothing is asked of any server, and nothing is written. To read
/// and check these classes anew was a third of the work of `status`.
public final class Rehearsal {
    /// One row of one column, as ClickHouse sends it: `1 UInt8`.
    private static final byte[] ANSWER = {1, 1, '1', 5, 'U', 'I', 'n', 't', '8', 1};

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private Rehearsal() {}

    /// @param program whose commands they are
    /// @return an exit code
    public static int of(Program program) {
        try {
            System.setProperty(
                    "rekey.state", Files.createTempDirectory("rekey-rehearsal").toString());
            load(program.script(), "");
            load(KafkaAdmin.driver(), "org/apache/kafka/c");
            var nobody = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            nobody.createContext("/", Rehearsal::answer);
            nobody.start();
            var url = "http://127.0.0.1:" + nobody.getAddress().getPort();
            for (var line : List.of(
                    "--help",
                    "completion bash",
                    "page --help",
                    "status --url " + url,
                    "plan --table a.b --order-by c --url " + url)) program.caught(line.split(" "));
            prompt(url);
            nobody.stop(0);
            KafkaAdmin.connect("127.0.0.1:1", Map.of("default.api.timeout.ms", "10", "request.timeout.ms", "5"))
                    .close();
        } catch (IOException | RuntimeException e) {
            // what was loaded by then is kept
        }
        return 0;
    }

    private static void answer(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().set("X-ClickHouse-Format", "RowBinaryWithNamesAndTypes");
        exchange.sendResponseHeaders(200, ANSWER.length);
        exchange.getResponseBody().write(ANSWER);
        exchange.close();
    }

    /// A session on a screen without a pty, left after its first line.
    private static void prompt(String url) throws IOException {
        var virtual = ScreenTerminal.withTerminal("rekey", "xterm-256color", 80, 24);
        var session = Thread.ofPlatform()
                .daemon()
                .start(() -> Repl.run(ReplOptions.parse(new String[] {"--url", url}), virtual.terminal()));
        try {
            for (var line : List.of("help\r", "SELECT 1;\r", "exit\r")) {
                Thread.sleep(PATIENCE);
                virtual.terminal().processInputBytes(line.getBytes(StandardCharsets.UTF_8));
            }
            session.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The classes of a jar. Of Kafka's own a thousand are loaded for the first answer of a broker, and here no
    /// broker answers: they were half of the work of `status`.
    ///
    /// @param one   a class of that jar
    /// @param begin of the names that are wanted, as they stand in it
    /// @return how many there are
    static int load(Class<?> one, String begin) throws IOException {
        var jar =
                Path.of(one.getProtectionDomain().getCodeSource().getLocation().getPath());
        int loaded = 0;
        try (var file = new JarFile(jar.toFile())) {
            for (var entry : file.stream().toList())
                if (entry.getName().startsWith(begin) && entry.getName().endsWith(".class"))
                    try {
                        Class.forName(
                                entry.getName().replace('/', '.').replaceFirst("\\.class$", ""),
                                false,
                                one.getClassLoader());
                        loaded++;
                    } catch (ClassNotFoundException | LinkageError e) {
                        // a page of a room is no class, and some of Kafka's want a library that is not here
                    }
        }
        return loaded;
    }
}
