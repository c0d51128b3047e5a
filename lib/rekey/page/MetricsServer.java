package rekey.page;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Supplier;
import rekey.cli.Job;
import rekey.cli.text.Metrics;
import rekey.model.Trouble;

/// What `status --metrics` says, for a scraper that comes by itself. Each visit asks the server anew, one after the
/// other; where it gives no answer, `rekey_up` is 0 and nothing else is said, so that no old figure is taken for a
/// new one.
public final class MetricsServer implements AutoCloseable {
    private static final String UP = "# HELP rekey_up 1 where the server answered.\n# TYPE rekey_up gauge\nrekey_up ";

    private final HttpServer http;
    private final Supplier<String> metrics;
    private final Consumer<String> trouble;

    /// @param where   `port` or `address:port`
    /// @param metrics asked for at each visit
    /// @param trouble is told why there are none
    MetricsServer(String where, Supplier<String> metrics, Consumer<String> trouble) {
        this.metrics = metrics;
        this.trouble = trouble;
        var at = address(where);
        try {
            http = HttpServer.create(at, 0);
        } catch (IOException e) {
            throw new Trouble.Failed(
                    "Metrics can't be served at " + at.getHostString() + ":" + at.getPort() + " (" + e.getMessage()
                            + "): give another --serve.",
                    e);
        }
        http.createContext("/", this::answer);
        http.start();
    }

    /// For a script: until Ctrl-C.
    public static int run(MetricsOptions options) {
        if (!options.metrics) throw new Trouble.Usage("--serve is for --metrics: give both.");
        try (var scrapes = new MetricsServer(options.serve, () -> Metrics.of(Job.statuses(options)), options::say)) {
            options.text(scrapes.address());
            options.say("A scraper finds the metrics there. Ctrl-C ends it, and nothing else.");
            new CountDownLatch(1).await();
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    /// Where a scraper finds them.
    String address() {
        var at = http.getAddress();
        return "http://" + at.getHostString() + ":" + at.getPort() + "/metrics";
    }

    private static InetSocketAddress address(String where) {
        int colon = where.lastIndexOf(':');
        try {
            int port = Integer.parseInt(where.substring(colon + 1));
            return new InetSocketAddress(colon < 1 ? "127.0.0.1" : where.substring(0, colon), port);
        } catch (IllegalArgumentException e) {
            throw new Trouble.Usage("'" + where + "' of --serve is no port: give one such as 9464, or 0.0.0.0:9464.");
        }
    }

    private void answer(HttpExchange x) throws IOException {
        try (x) {
            if (!x.getRequestMethod().equals("GET")
                    || !x.getRequestURI().getPath().equals("/metrics")) {
                x.sendResponseHeaders(404, -1);
                return;
            }
            var bytes = body().getBytes(StandardCharsets.UTF_8);
            x.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            x.sendResponseHeaders(200, bytes.length);
            x.getResponseBody().write(bytes);
        }
    }

    private String body() {
        try {
            return UP + "1\n" + metrics.get() + "\n";
        } catch (Trouble e) {
            trouble.accept(e.getMessage());
            return UP + "0\n";
        }
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
