package rekey.maintainer.fault;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;

/// The wire between the tool and ClickHouse's HTTP port. It sees each statement go by, and at the one that is waited
/// for something happens: before the server has it, while it works on it, or when its whole answer is there and the
/// tool does not have it yet.
final class HttpProxy implements AutoCloseable {
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\nContent-Length: *(\\d+)");
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final ServerSocket listening;
    private final int target;
    private final Consumer<String> log;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile Function<String, Strike> watch = sql -> null;
    private volatile String settings = "";
    private volatile byte[] kept;
    private volatile String refusal = "";
    private volatile boolean refused;

    /// What happens at a statement.
    ///
    /// @param act tells whether the statement, or its answer, goes on its way afterwards
    record Strike(Moment.When when, int delayMs, BooleanSupplier act) {}

    HttpProxy(int target, Consumer<String> log) throws IOException {
        this.target = target;
        this.log = log;
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listening.getLocalPort();
    }

    /// Is shown each statement, and says what happens at it; null for nothing.
    void watch(Function<String, Strike> statements) {
        watch = statements;
    }

    /// Breaks every connection; new ones are taken.
    void cut() {
        open.forEach(HttpProxy::close);
        open.clear();
    }

    /// Settings that every statement is sent with from now on, as in a URL.
    void settings(String urlParameters) {
        settings = urlParameters;
    }

    /// From now on it notes whether a statement is refused with an error.
    void awaitRefusal(int code) {
        refusal = "Code: " + code;
    }

    /// Whether one was.
    boolean refused() {
        return refused;
    }

    /// Sends the statement that was kept back, if there is one.
    void release() {
        var late = kept;
        kept = null;
        if (late == null) return;
        try (var server = new Socket(InetAddress.getLoopbackAddress(), target)) {
            server.setSoTimeout(30_000);
            server.getOutputStream().write(late);
            var answer = new ByteArrayOutputStream();
            var buffer = new byte[1 << 16];
            for (int n; !ended(answer) && (n = server.getInputStream().read(buffer)) > 0; ) answer.write(buffer, 0, n);
            var text = answer.toString(StandardCharsets.UTF_8);
            int error = text.indexOf("DB::Exception");
            log.accept("--- the late statement arrived: "
                    + (error < 0
                            ? "done"
                            : text.substring(error).lines().findFirst().orElseThrow()));
        } catch (IOException e) {
            log.accept("--- the late statement arrived, no answer: " + e);
        }
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                var client = listening.accept();
                open.add(client);
                Thread.ofVirtual().start(() -> connect(client));
            } catch (IOException e) {
                if (!listening.isClosed()) throw new java.io.UncheckedIOException(e);
            }
        }
    }

    private void connect(Socket client) {
        try {
            var server = new Socket(InetAddress.getLoopbackAddress(), target);
            open.add(server);
            new Connection(client, server).run();
        } catch (IOException e) {
            close(client); // the server is away: the tool sees a broken connection, as it would without the wire
        }
    }

    private final class Connection {
        private final Socket client, server;
        private volatile BooleanSupplier atAnswer;

        Connection(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void run() {
            Thread.ofVirtual().start(() -> both(this::requests));
            both(this::answers);
        }

        /// An end that closes ends the other: that is how a broken connection is passed on.
        private void both(Pump pump) {
            try {
                pump.run();
            } catch (IOException e) {
                close(client);
            } finally {
                close(client);
                close(server);
                open.remove(client);
                open.remove(server);
            }
        }

        private void requests() throws IOException {
            var in = new BufferedInputStream(client.getInputStream(), 1 << 16);
            for (byte[] head; (head = head(in)) != null; ) {
                var length = LENGTH.matcher(new String(head, StandardCharsets.ISO_8859_1));
                var body = length.find() ? in.readNBytes(Integer.parseInt(length.group(1))) : new byte[0];
                var strike = watch.apply(new String(body, StandardCharsets.UTF_8));
                if (strike != null && strike.when() == Moment.When.BEFORE) {
                    kept = whole(head, body);
                    if (!strike.act().getAsBoolean()) return;
                    kept = null;
                }
                if (strike != null && strike.when() == Moment.When.AFTER) atAnswer = strike.act();
                server.getOutputStream().write(whole(head, body));
                if (strike != null && strike.when() == Moment.When.DURING) {
                    sleep(strike.delayMs());
                    strike.act().getAsBoolean();
                }
            }
        }

        private void answers() throws IOException {
            var held = new ByteArrayOutputStream();
            var buffer = new byte[1 << 16];
            for (int n; (n = server.getInputStream().read(buffer)) > 0; ) {
                held.write(buffer, 0, n);
                if (!refusal.isEmpty() && new String(buffer, 0, n, StandardCharsets.ISO_8859_1).contains(refusal))
                    refused = true;
                var act = atAnswer;
                if (act != null && !ended(held)) continue;
                if (act != null) {
                    atAnswer = null;
                    if (!act.getAsBoolean()) return;
                }
                client.getOutputStream().write(held.toByteArray());
                held.reset();
            }
        }
    }

    private interface Pump {
        void run() throws IOException;
    }

    /// A request with the settings of the moment.
    private byte[] whole(byte[] head, byte[] body) {
        var text = new String(head, StandardCharsets.ISO_8859_1);
        if (!settings.isEmpty()) text = text.replaceFirst("\\?", "?" + settings + "&");
        var out = Arrays.copyOf(text.getBytes(StandardCharsets.ISO_8859_1), text.length() + body.length);
        System.arraycopy(body, 0, out, text.length(), body.length);
        return out;
    }

    /// The lines up to the empty one; null at the end.
    private static byte[] head(InputStream in) throws IOException {
        var out = new ByteArrayOutputStream();
        for (int c, ends = 0; (c = in.read()) >= 0; ) {
            out.write(c);
            ends = c == '\n' ? ends + 1 : c == '\r' ? ends : 0;
            if (ends == 2) return out.toByteArray();
        }
        return null;
    }

    private static boolean ended(ByteArrayOutputStream answer) {
        var all = answer.toByteArray();
        return all.length > LAST_CHUNK.length
                && Arrays.equals(all, all.length - LAST_CHUNK.length, all.length, LAST_CHUNK, 0, LAST_CHUNK.length);
    }

    private static void sleep(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        cut();
    }
}
