package rekey.page;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import rekey.clickhouse.ClickHouse;
import rekey.copy.Peers;
import rekey.model.Trouble;
import rekey.run.MigrationState;
import rekey.run.Orders;
import tools.jackson.databind.json.JsonMapper;

/// Serves the page, and what is to be seen on it as it changes; see the rules of this room.
public final class PageServer implements AutoCloseable {
    private static final int AWHILE_MILLIS = 1000, ASKED_BYTES = 4096;
    private static final Set<String> ORDERS = Set.of("throttle", "no-throttle", "postpone", "unpostpone");

    private final HttpServer http;
    private final ClickHouse server;
    private final PageOptions options;
    private final MigrationsReader sights;
    private final boolean control;
    private final String token;
    /// What each is to be told next. Who does not read misses some: a suspended tab once held up all others.
    private final Set<BlockingQueue<byte[]>> onlookers = ConcurrentHashMap.newKeySet();
    private final Thread looking =
            Thread.ofPlatform().daemon().name("rekey-page").unstarted(this::look);
    private final Thread beating =
            Thread.ofPlatform().daemon().name("rekey-page-beat").unstarted(this::beat);
    private volatile byte[] seen = new byte[0];
    private volatile long answered = System.nanoTime();
    private volatile boolean closed;

    /// @param server to which these options lead
    public PageServer(ClickHouse server, PageOptions options) {
        this.server = server;
        this.options = options;
        control = options.control;
        sights = new MigrationsReader(server, options);
        var random = new byte[18];
        new SecureRandom().nextBytes(random);
        token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        try {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), options.port), 0);
        } catch (IOException e) {
            throw new Trouble.Failed(
                    "Port " + options.port + " of 127.0.0.1 can't be had (" + e.getMessage()
                            + "): give another --port.",
                    e);
        }
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/", this::answer);
        http.start();
        looking.start();
        beating.start();
    }

    /// For a script: until Ctrl-C.
    public static int run(PageOptions options) {
        try (var server = options.connect();
                var pages = new PageServer(server, options)) {
            options.text(pages.address());
            options.say("Open it in a browser of this machine"
                    + (options.control ? "; its buttons work." : "; it only shows. With --control it has buttons.")
                    + "\nFrom another machine: ssh -L " + pages.port() + ":127.0.0.1:" + pages.port()
                    + " THIS-MACHINE\nCtrl-C closes it, and ends nothing else.");
            new CountDownLatch(1).await();
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    /// With the token, for the one who opened it.
    public String address() {
        return "http://127.0.0.1:" + port() + "/" + token + "/";
    }

    int port() {
        return http.getAddress().getPort();
    }

    // --- who may ask ---

    private void answer(HttpExchange x) throws IOException {
        try (x) {
            var headers = x.getResponseHeaders();
            headers.set("Cache-Control", "no-store");
            headers.set("Referrer-Policy", "no-referrer");
            headers.set("X-Content-Type-Options", "nosniff");
            headers.set("X-Frame-Options", "DENY");
            headers.set(
                    "Content-Security-Policy",
                    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self';"
                            + " img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
            if (!ours(x.getRequestHeaders().getFirst("Host")) || foreign(x)) {
                say(x, 403, "text/plain", "");
                return;
            }
            var path = x.getRequestURI().getPath().split("/", 3);
            if (path.length < 3 || !same(path[1])) {
                say(x, 404, "text/plain", "");
                return;
            }
            switch (x.getRequestMethod() + " " + path[2]) {
                case "GET " -> say(x, 200, "text/html; charset=utf-8", page());
                case "GET events" -> events(x);
                case "POST order" -> order(x);
                default -> say(x, 404, "text/plain", "");
            }
        }
    }

    private boolean ours(String host) {
        return host != null && (host.equals("127.0.0.1:" + port()) || host.equals("localhost:" + port()));
    }

    private boolean foreign(HttpExchange x) {
        var origin = x.getRequestHeaders().getFirst("Origin");
        return origin != null
                && !origin.equals("http://" + x.getRequestHeaders().getFirst("Host"));
    }

    /// In a time that tells nothing of how much of it was right.
    private boolean same(String given) {
        return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
    }

    private static void say(HttpExchange x, int code, String type, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        x.getResponseHeaders().set("Content-Type", type);
        x.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) x.getResponseBody().write(bytes);
    }

    private String page() throws IOException {
        try (var in = PageServer.class.getResourceAsStream("/page.html")) {
            if (in == null) throw new IOException("this build of rekey has no page.html");
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    // --- what is seen ---

    private void events(HttpExchange x) throws IOException {
        x.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
        x.sendResponseHeaders(200, 0);
        var out = x.getResponseBody();
        var told = new ArrayBlockingQueue<byte[]>(16);
        onlookers.add(told);
        try {
            for (var event = seen; !closed; event = told.poll(AWHILE_MILLIS, TimeUnit.MILLISECONDS)) {
                if (event == null || event.length == 0) continue;
                out.write(event); // to a closed tab it throws, with the next beat at the latest
                out.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            onlookers.remove(told);
        }
    }

    /// Only while somebody looks on; half as often where nothing runs.
    private void look() {
        while (!closed) {
            long millis = AWHILE_MILLIS;
            boolean asked = !onlookers.isEmpty() || seen.length == 0;
            if (!asked) answered = System.nanoTime();
            else {
                try {
                    var all = sights.look();
                    answered = System.nanoTime();
                    seen = event(
                            "sights",
                            Map.of(
                                    "database",
                                    server.endpoint().database(),
                                    "host",
                                    server.endpoint().host(),
                                    "user",
                                    server.endpoint().user(),
                                    "control",
                                    control,
                                    "at",
                                    System.currentTimeMillis(),
                                    "migrations",
                                    all));
                    tell(seen);
                    if (all.stream().noneMatch(s -> s.status().state() == MigrationState.RUNNING)) millis *= 2;
                } catch (RuntimeException e) {
                    tell(event("trouble", Map.of("says", String.valueOf(e.getMessage()))));
                }
            }
            try {
                Thread.sleep(millis);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void beat() {
        while (!closed) {
            tell(event("beat", Map.of("silentMs", (System.nanoTime() - answered) / 1_000_000)));
            try {
                Thread.sleep(AWHILE_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static byte[] event(String name, Object data) {
        return ("event: " + name + "\ndata: " + JsonMapper.shared().writeValueAsString(data) + "\n\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private void tell(byte[] event) {
        for (var told : onlookers) told.offer(event);
    }

    // --- what is ordered ---

    private void order(HttpExchange x) throws IOException {
        if (!control || x.getRequestHeaders().getFirst("X-Rekey") == null) {
            say(x, 403, "text/plain", "This page only shows: open it with --control.");
            return;
        }
        var asked = JsonMapper.shared().readTree(x.getRequestBody().readNBytes(ASKED_BYTES));
        var order = asked.path("order").asString("");
        try {
            var session = sights.session(asked.path("migration").asString(""));
            if (order.equals("stop")) Orders.stop(session);
            else if (order.equals("rollback")) {
                new Peers(session).mustBeAll("rollback"); // its process could tell nobody
                RollbackProcess.begin(options, asked.path("migration").asString(""));
            } else if (ORDERS.contains(order)) Orders.send(session, order, "");
            else {
                say(x, 400, "text/plain", "There is no order '" + order + "'.");
                return;
            }
            say(x, 200, "text/plain", "Told.");
        } catch (Trouble e) {
            say(x, 409, "text/plain", e.getMessage());
        }
    }

    @Override
    public void close() {
        closed = true;
        looking.interrupt();
        beating.interrupt();
        onlookers.clear();
        http.stop(0);
    }
}
