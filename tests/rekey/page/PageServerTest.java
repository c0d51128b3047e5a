package rekey.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import rekey.Labs;
import rekey.cli.Job;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.migration.Migration;
import rekey.migration.Migrations;
import rekey.model.TableName;
import rekey.run.FrozenPlan;
import rekey.run.Runner;
import rekey.run.Status;
import rekey.session.Limits;
import rekey.session.Session;
import rekey.step.Steps;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The page's server, asked as a browser asks and as those ask who have no business there.
@Tag("page")
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a stream of events has no end
class PageServerTest {
    private final ClickHouse server = Labs.connect();
    private final TableName table = new TableName(Labs.database(), "hits");
    private final HttpClient http = HttpClient.newHttpClient();
    private Migration migration;

    /// A migration up to its copy.
    @BeforeEach
    void half() {
        server.execute("CREATE DATABASE IF NOT EXISTS " + TableName.quote(table.database()));
        server.execute("CREATE TABLE " + table.sql() + " (site UInt32, at DateTime, visitor String) ENGINE = MergeTree"
                + " PARTITION BY toYYYYMM(at) ORDER BY (site, at)");
        server.execute("INSERT INTO " + table.sql() + " SELECT number % 7, toDateTime('2026-01-01 00:00:00') +"
                + " number * 2592, toString(number) FROM numbers(3000)");
        migration = Migrations.find(
                server,
                new Migrations.Wanted(
                        null, table.toString(), "by_visitor", "site, visitor, at", null, null, null, null));
        new Runner(session(), false, List.of()).run(frozen(), Optional.of("backfill"));
    }

    private Session session() {
        return Job.session(server, migration, Map.of(), Limits.DEFAULT);
    }

    private Migration frozen() {
        return new Migration(
                migration.rewrite(),
                migration.lowestVersion(),
                migration.after(),
                Steps.sequence(new FrozenPlan(migration, null), migration.steps()));
    }

    @AfterEach
    void drop() {
        server.execute("DROP DATABASE " + TableName.quote(table.database()) + " SYNC");
        server.close();
    }

    private PageServer pages(boolean control) {
        var words = new ArrayList<>(List.of("--url", server.endpoint().url(), "--database", table.database()));
        if (control) words.add("--control");
        var options = PageOptions.of(words.toArray(String[]::new));
        return new PageServer(options.connect(), options);
    }

    @Test
    void whoHasTheAddressSeesAllMigrations() throws Exception {
        try (var pages = pages(false)) {
            var page = get(pages.address());
            assertEquals(200, page.statusCode());
            assertTrue(page.body().contains("EventSource"), page.body());
            // self-contained: it asks nobody else
            assertFalse(
                    page.body().replace("http://www.w3.org/2000/svg", "").matches("(?s).*https?://.*"), page.body());
            var sights = await(pages, s -> true);
            assertEquals(table.database(), sights.path("database").asString());
            var one = sights.path("migrations").path(0);
            assertEquals("by_visitor", one.path("status").path("migration").asString());
            assertEquals(3000, one.path("status").path("rowsDone").asLong());
            assertEquals("done", one.path("steps").path(1).path("phase").asString(), one::toPrettyString);
            assertTrue(one.path("partitions").size() >= 3, one::toPrettyString);
            for (var p : one.path("partitions"))
                assertEquals(p.path("of").asLong(), p.path("done").asLong());
            assertTrue(one.path("journal").size() > 2, one::toPrettyString);
            assertFalse(one.path("back").isEmpty(), one::toPrettyString);
        }
    }

    /// As one that a newer version of rekey goes on with, in the same database.
    @Test
    void oneThatCantBeReadHidesNoOther() throws Exception {
        server.execute("INSERT INTO " + new TableName(table.database(), "rekey_journal").sql()
                + " SELECT now64(6), 'newer', 'r', 1, '', 'TELEPORTED', '{}'");
        try (var pages = pages(true)) {
            var all = await(pages, s -> true).path("migrations");
            assertEquals(
                    List.of("newer", "by_visitor"),
                    all.valueStream().map(m -> m.path("key").asString()).toList());
            var unreadable = all.path(0).path("status");
            assertEquals("unknown", unreadable.path("state").asString());
            assertTrue(unreadable.path("error").asString().contains("TELEPORTED"), unreadable::toPrettyString);
            assertEquals(3000, all.path(1).path("status").path("rowsDone").asLong());
            assertEquals(200, order(pages, "throttle").statusCode());
        }
        var told = Job.statuses(PageOptions.of("--url", server.endpoint().url(), "--database", table.database()));
        assertEquals(
                List.of("by_visitor", "newer"),
                told.stream().map(Status::migration).sorted().toList());
        for (var status : told)
            if (status.migration().equals("newer")) assertTrue(status.error().contains("TELEPORTED"), status::toString);
            else assertEquals(3000, status.rowsDone());
    }

    @Test
    void strangersGetNothing() throws Exception {
        try (var pages = pages(true)) {
            var root = "http://127.0.0.1:" + pages.port();
            for (var path :
                    List.of("/", "/events", "/wrong-token/", "/wrong-token/events", "/" + "A".repeat(24) + "/")) {
                var said = get(root + path);
                assertEquals(404, said.statusCode());
                assertEquals("", said.body());
            }
            var path = URI.create(pages.address()).getPath();
            // a name of somebody else's that points here, and a page of somebody else's
            assertTrue(raw(pages, "GET " + path, "Host: evil.example:" + pages.port())
                    .startsWith("HTTP/1.1 403"));
            assertTrue(raw(
                            pages,
                            "GET " + path + "events",
                            "Host: 127.0.0.1:" + pages.port(),
                            "Origin: http://evil.example")
                    .startsWith("HTTP/1.1 403"));
            assertTrue(
                    raw(pages, "GET " + path, "Host: 127.0.0.1:" + pages.port()).startsWith("HTTP/1.1 200"));
            // a form of a page of theirs can send no header of its own
            assertEquals(
                    403,
                    http.send(
                                    HttpRequest.newBuilder(URI.create(pages.address() + "order"))
                                            .POST(BodyPublishers.ofString(
                                                    "{\"migration\":\"by_visitor\",\"order\":\"stop\"}"))
                                            .build(),
                                    BodyHandlers.ofString())
                            .statusCode());
            assertEquals(0, orders());
        }
    }

    @Test
    void theAddressOfOnePageOpensNoOther() throws Exception {
        try (var one = pages(false);
                var other = pages(false)) {
            var path = URI.create(one.address()).getPath();
            assertNotEquals(path, URI.create(other.address()).getPath());
            assertEquals(404, get("http://127.0.0.1:" + other.port() + path).statusCode());
        }
    }

    /// All of 127.0.0.0/8 is this machine: who listens on every address answers at 127.0.0.2, too.
    @Test
    void itListensOnLoopbackAlone() throws Exception {
        var loopback = InetAddress.getByName("127.0.0.1");
        var others = Stream.concat(
                        Stream.of(InetAddress.getByName("127.0.0.2")),
                        NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses))
                .filter(a -> !a.equals(loopback))
                .toList();
        try (var pages = pages(true)) {
            assertEquals(200, get(pages.address()).statusCode());
            for (var address : others)
                assertThrows(IOException.class, () -> reach(address, pages.port()), address::toString);
        }
    }

    private static void reach(InetAddress address, int port) throws IOException {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), 5000);
        }
    }

    @Test
    void closingItEndsNoRun() throws Exception {
        var session = session();
        session.control().postpone(true);
        var run = CompletableFuture.runAsync(
                () -> new Runner(session, false, List.of()).run(frozen(), Optional.empty()),
                work -> Thread.ofPlatform().daemon().start(work));
        try (var pages = pages(true)) {
            await(pages, s -> state(s).equals("running"));
        }
        assertFalse(run.isDone(), "it ended with the page");
        session.control().postpone(false);
        run.get(150, TimeUnit.SECONDS); // it throws what ended it
        try (var pages = pages(false)) {
            await(pages, s -> state(s).equals("swapped"));
        }
    }

    @Test
    void withoutControlNothingIsOrdered() throws Exception {
        try (var pages = pages(false)) {
            assertEquals(403, order(pages, "stop").statusCode());
            assertEquals(0, orders());
        }
    }

    @Test
    void noPasswordIsInIt() throws Exception {
        var options = PageOptions.of(
                "--url",
                server.endpoint().url(),
                "--database",
                table.database(),
                "--user",
                Labs.READER,
                "--password=" + Labs.READER);
        try (var reader = options.connect();
                var pages = new PageServer(reader, options)) {
            var sights = await(pages, s -> true);
            assertEquals(Labs.READER, sights.path("user").asString());
            assertEquals(1, sights.path("migrations").size());
            // its name is its password, so it stands there once
            assertEquals(1, sights.toString().split("\"" + Labs.READER + "\"", -1).length - 1, sights::toPrettyString);
            assertFalse(sights.toString().contains("password"), sights::toPrettyString);
        }
    }

    @Test
    void theButtonsDoWhatTheySay() throws Exception {
        try (var pages = pages(true)) {
            assertTrue(await(pages, s -> true).path("control").asBoolean());
            assertEquals(200, order(pages, "throttle").statusCode());
            assertEquals(1, orders());
            assertEquals(400, order(pages, "panic").statusCode());
            assertEquals(1, orders());
            assertEquals(200, order(pages, "rollback").statusCode());
            await(pages, s -> state(s).equals("rolled back"));
            assertEquals(
                    List.of("hits", "rekey_journal"),
                    server
                            .query("SELECT name AS n FROM system.tables WHERE database = " + Sql.text(table.database())
                                    + " ORDER BY n")
                            .stream()
                            .map(r -> r.string("n"))
                            .toList());
        }
    }

    // --- as a browser asks ---

    private HttpResponse<String> get(String address) throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> order(PageServer pages, String order) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(pages.address() + "order"))
                        .header("X-Rekey", "1")
                        .POST(BodyPublishers.ofString("{\"migration\":\"by_visitor\",\"order\":\"" + order + "\"}"))
                        .build(),
                BodyHandlers.ofString());
    }

    /// The first sight of such a kind; the test's own time-out ends it where none comes.
    private JsonNode await(PageServer pages, Predicate<JsonNode> wanted) throws Exception {
        var answer = http.send(
                HttpRequest.newBuilder(URI.create(pages.address() + "events")).build(), BodyHandlers.ofLines());
        try (Stream<String> lines = answer.body()) {
            var event = new String[1];
            for (var i = lines.iterator(); i.hasNext(); ) {
                var line = i.next();
                if (line.startsWith("event: ")) event[0] = line.substring(7);
                if (!line.startsWith("data: ") || !"sights".equals(event[0])) continue;
                var sights = JsonMapper.shared().readTree(line.substring(6));
                if (wanted.test(sights)) return sights;
            }
        }
        throw new AssertionError("the stream of events has ended");
    }

    private static String state(JsonNode sights) {
        return sights.path("migrations").path(0).path("status").path("state").asString();
    }

    /// With headers that a client of Java's does not let one choose.
    private static String raw(PageServer pages, String line, String... headers) throws Exception {
        try (var socket = new Socket("127.0.0.1", pages.port())) {
            socket.getOutputStream()
                    .write((line + " HTTP/1.1\r\n" + String.join("\r\n", headers) + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
        }
    }

    private long orders() {
        return server.one("SELECT count() AS n FROM " + new TableName(table.database(), "rekey_journal").sql()
                        + " WHERE event = 'CONTROL'")
                .number("n");
    }
}
