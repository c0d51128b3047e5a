package rekey.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rekey.Repo;
import rekey.Scene;
import rekey.cli.Scripts;
import rekey.cli.text.Metrics;
import rekey.model.Trouble;
import rekey.run.Lag;
import rekey.run.SomeStatus;
import rekey.run.Status;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a scraper gets, and what the dashboard asks of it.
@Tag("cli")
class MetricsServerTest {
    private static final Pattern NAME = Pattern.compile("rekey_[a-z_]+"), VARIABLE = Pattern.compile("\\$([a-z]+)");

    private static HttpResponse<String> get(String address) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void aScraperIsAnsweredAnewEachTime() throws Exception {
        var said = new AtomicReference<>("");
        try (var scene = Scene.live(Scene.PLAIN);
                var scrapes = new MetricsServer(
                        "0",
                        () -> {
                            var session = scene.session();
                            return Metrics.of(List.of(Status.of(session, scene.migration, Lag.of(session))));
                        },
                        said::set)) {
            var before = get(scrapes.address());
            assertEquals(200, before.statusCode());
            assertTrue(before.headers().firstValue("Content-Type").orElse("").startsWith("text/plain; version=0.0.4"));
            assertTrue(before.body().contains("\nrekey_up 1\n"), before::body);
            assertTrue(before.body().contains("state=\"not begun\""), before::body);
            scene.migrate("create");
            assertTrue(get(scrapes.address()).body().contains("step=\"backfill\""));
            assertEquals(404, get(scrapes.address().replace("/metrics", "/")).statusCode());
        }
        assertEquals("", said.get());
    }

    /// As it is typed, in a process of its own: it tells where it is, is scraped while the migration goes on, and
    /// ends with Ctrl-C, and with it nothing else.
    @Test
    void theCommandServesUntilItIsEnded() throws Exception {
        try (var scene = Scene.live(Scene.PLAIN)) {
            var process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            Scripts.classPath(),
                            "Status",
                            "--metrics",
                            "--serve",
                            "0",
                            "--url",
                            scene.server.endpoint().url(),
                            "--database",
                            scene.events().database(),
                            "--migration",
                            "0002_events_sample_by")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (var said = process.inputReader()) {
                var address = said.readLine();
                assertTrue(address != null && address.matches("http://127\\.0\\.0\\.1:\\d+/metrics"), address);
                var before = get(address).body();
                assertTrue(before.contains("\nrekey_up 1\n"), before);
                assertTrue(before.contains("state=\"not begun\""), before);
                scene.migrate("resume");
                var after = get(address).body();
                assertTrue(after.contains("state=\"swapped\""), after);
                assertEquals(
                        Status.of(scene.session(), scene.migration, null).rowsDone(),
                        figure(after, "rekey_rows_carried"),
                        after);
                assertTrue(figure(after, "rekey_lag_messages") >= 0, after);
                assertTrue(figure(after, "rekey_held_seconds") > 0, after);
                process.toHandle().destroy(); // Process.destroy would close our end of the pipe, too
                assertEquals(143, process.waitFor()); // 128 and the signal's number
                assertThrows(ConnectException.class, () -> get(address));
                assertEquals(null, said.readLine());
            } finally {
                process.destroyForcibly();
            }
        }
    }

    private static double figure(String metrics, String name) {
        return metrics.lines()
                .filter(l -> l.startsWith(name + "{"))
                .mapToDouble(l -> Double.parseDouble(l.substring(l.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not in " + metrics));
    }

    /// No old figure is taken for a new one.
    @Test
    void aServerThatIsAwayIsSaid() throws Exception {
        var said = new AtomicReference<>("");
        try (var scrapes = new MetricsServer(
                "127.0.0.1:0",
                () -> {
                    throw new Trouble.Failed("It is away.");
                },
                said::set)) {
            var got = get(scrapes.address());
            assertEquals(200, got.statusCode());
            assertTrue(got.body().endsWith("\nrekey_up 0\n"), got::body);
            assertEquals("It is away.", said.get());
        }
    }

    @Test
    void whatMakesNoSenseIsSaid() {
        assertThrows(Trouble.Usage.class, () -> new MetricsServer("nine", () -> "", s -> {}));
        Scripts.run("status", "--serve", "0").exits(2).complains("--metrics");
    }

    /// The dashboard asks for what there is, and for all of it.
    @Test
    void theDashboardShowsEveryMetric() throws Exception {
        var dashboard = dashboard();
        var asked = new TreeSet<String>();
        var places = new ArrayList<String>();
        for (var panel : dashboard.path("panels")) {
            places.add(panel.path("gridPos").toString());
            for (var target : panel.path("targets"))
                NAME.matcher(target.path("expr").asString()).results().forEach(m -> asked.add(m.group()));
        }
        var told = NAME.matcher(Metrics.of(List.of(SomeStatus.of("one", "db.t", 7L, 1L, 1L))))
                .results()
                .map(m -> m.group())
                .collect(Collectors.toCollection(TreeSet::new));
        told.add("rekey_up");
        assertEquals(told, asked);
        assertEquals(places.size(), new TreeSet<>(places).size(), places::toString);
    }

    /// By a Prometheus of this machine that scrapes a migration; skipped, and said to be, where there is none.
    @Test
    void aPrometheusAnswersEveryPanel(@TempDir Path folder) throws Exception {
        Assumptions.assumeTrue(
                Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .anyMatch(dir -> Files.isExecutable(Path.of(dir, "prometheus"))),
                "prometheus is not on the PATH, so none has scraped this");
        try (var scene = Scene.live(Scene.PLAIN);
                var scrapes = new MetricsServer(
                        "0",
                        () -> {
                            var session = scene.session();
                            return Metrics.of(List.of(Status.of(session, scene.migration, Lag.of(session))));
                        },
                        said -> {})) {
            scene.migrate("resume");
            var config = Files.writeString(folder.resolve("prometheus.yml"), """
                scrape_configs:
                  - job_name: rekey
                    scrape_interval: 1s
                    static_configs: [{targets: ['%s']}]
                """.formatted(
                            URI.create(scrapes.address()).getAuthority()));
            int port;
            try (var free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
            var process = new ProcessBuilder(
                            "prometheus",
                            "--config.file=" + config,
                            "--storage.tsdb.path=" + folder.resolve("data"),
                            "--web.listen-address=127.0.0.1:" + port)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("said").toFile())
                    .start();
            try {
                Scene.await(
                        "Prometheus to have scraped twice",
                        () -> ready(port) && found(port, "count_over_time(rekey_up[1m]) > 1") > 0);
                var empty = new ArrayList<String>();
                for (var panel : dashboard().path("panels"))
                    for (var target : panel.path("targets")) {
                        var asked = target.path("expr").asString().replace("$migration", ".+");
                        if (found(port, asked) == 0) empty.add(asked);
                    }
                // the copy has ended: no time is left
                assertEquals(List.of("rekey_eta_seconds{migration=~\".+\"}"), empty);
            } finally {
                process.destroy();
                process.waitFor();
            }
        }
    }

    private static boolean ready(int port) {
        try {
            return get("http://127.0.0.1:" + port + "/-/ready").statusCode() == 200;
        } catch (ConnectException e) {
            return false;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /// How many series an expression has.
    private static int found(int port, String expression) {
        try {
            var answer = JsonMapper.shared()
                    .readTree(get("http://127.0.0.1:" + port + "/api/v1/query?query="
                                    + URLEncoder.encode(expression, StandardCharsets.UTF_8))
                            .body());
            assertEquals("success", answer.path("status").asString(""), answer::toString);
            return answer.path("data").path("result").size();
        } catch (Exception e) {
            throw new AssertionError(expression, e);
        }
    }

    private static JsonNode dashboard() throws IOException {
        return JsonMapper.shared().readTree(Files.readString(Repo.ROOT.resolve("notebooks/grafana.json")));
    }

    /// What Grafana needs of a dashboard that is imported elsewhere: every panel asks the data source that one
    /// chooses there, by variables that the dashboard has, and stands on a place of its own within 24 columns.
    @Test
    void theDashboardIsWhole() throws Exception {
        var dashboard = dashboard();
        var variables = new TreeMap<String, String>();
        for (var v : dashboard.path("templating").path("list"))
            variables.put(v.path("name").asString(), v.path("type").asString());
        assertEquals("datasource", variables.get("source"));
        var ids = new ArrayList<Integer>();
        var taken = new TreeSet<String>();
        for (var panel : dashboard.path("panels")) {
            var title = panel.path("title").asString("");
            ids.add(panel.path("id").asInt());
            assertTrue(
                    !title.isEmpty() && !panel.path("description").asString("").isEmpty(), panel::toString);
            assertTrue(
                    List.of("stat", "gauge", "timeseries")
                            .contains(panel.path("type").asString("")),
                    title);
            asksWhatIsChosen(panel.path("datasource"), title);
            var refs = new ArrayList<String>();
            for (var target : panel.path("targets")) {
                asksWhatIsChosen(target.path("datasource"), title);
                refs.add(target.path("refId").asString(""));
                VARIABLE.matcher(target.path("expr").asString(""))
                        .results()
                        .forEach(m -> assertTrue(variables.containsKey(m.group(1)), title + " asks by " + m.group()));
            }
            assertTrue(!refs.isEmpty() && refs.size() == new TreeSet<>(refs).size(), title + " " + refs);
            var at = panel.path("gridPos");
            assertTrue(at.path("x").asInt() + at.path("w").asInt() <= 24, title);
            for (int x = at.path("x").asInt();
                    x < at.path("x").asInt() + at.path("w").asInt();
                    x++)
                for (int y = at.path("y").asInt();
                        y < at.path("y").asInt() + at.path("h").asInt();
                        y++) assertTrue(taken.add(x + " " + y), title + " stands upon another");
        }
        assertEquals(ids.size(), new TreeSet<>(ids).size(), ids::toString);
    }

    private static void asksWhatIsChosen(JsonNode source, String panel) {
        assertEquals(
                "prometheus ${source}",
                source.path("type").asString("") + " " + source.path("uid").asString(""),
                panel);
    }
}
