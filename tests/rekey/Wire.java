package rekey;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// A wire to ClickHouse that loses answers: the statement arrives and is carried out to its end, and then the
/// connection breaks.
public final class Wire implements AutoCloseable {
    private static final Set<String> OWN =
            Set.of("connection", "content-length", "host", "upgrade", "expect", "transfer-encoding", "http2-settings");

    private static final Pattern QUESTION = Pattern.compile("\\s*(SELECT|DESCRIBE|EXISTS|SHOW|CHECK|EXPLAIN)\\b");

    private final HttpServer listening;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String url;
    private final Consumer<String> sends;
    private final Predicate<String> loses;
    public final Set<String> lost = ConcurrentHashMap.newKeySet();

    /// @param loses told each statement that changes something: whether its answer is lost
    public Wire(String url, Predicate<String> loses) throws IOException {
        this(url, sql -> {}, loses);
    }

    /// @param sends told each statement, questions too, before the server is
    public Wire(String url, Consumer<String> sends, Predicate<String> loses) throws IOException {
        this.url = url;
        this.sends = sends;
        this.loses = loses;
        listening = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        listening.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        listening.createContext("/", this::pass);
        listening.start();
    }

    public String url() {
        return "http://127.0.0.1:" + listening.getAddress().getPort();
    }

    private void pass(HttpExchange exchange) throws IOException {
        var body = exchange.getRequestBody().readAllBytes();
        var sql = new String(body, java.nio.charset.StandardCharsets.UTF_8);
        var request = HttpRequest.newBuilder(URI.create(url + exchange.getRequestURI()))
                .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (!OWN.contains(name.toLowerCase())) values.forEach(v -> request.header(name, v));
        });
        try (exchange) {
            sends.accept(sql);
            var answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            if (!QUESTION.matcher(sql).lookingAt() && answer.statusCode() == 200 && loses.test(sql)) {
                lost.add(sql);
                return;
            }
            answer.headers().map().forEach((name, values) -> {
                if (!OWN.contains(name.toLowerCase()))
                    values.forEach(v -> exchange.getResponseHeaders().add(name, v));
            });
            exchange.sendResponseHeaders(answer.statusCode(), answer.body().length == 0 ? -1 : answer.body().length);
            exchange.getResponseBody().write(answer.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        listening.stop(0);
        client.shutdownNow();
    }
}
