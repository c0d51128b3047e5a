package rekey.maintainer;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import rekey.model.Trouble;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A headless Chromium of this machine with one page open, by its DevTools protocol: for the live page's picture,
/// and for a test that presses its buttons.
public final class Browser implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 240;

    private final Process process;
    private final Path profile;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
    private final AtomicInteger number = new AtomicInteger();
    private WebSocket socket;

    private Browser(Process process, Path profile) {
        this.process = process;
        this.profile = profile;
    }

    /// Where Chromium is, if this machine has it on its PATH.
    public static Optional<Path> program() {
        return Stream.of(System.getenv("PATH").split(java.io.File.pathSeparator))
                .flatMap(folder -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /// Opens an address in a window of a size.
    ///
    /// @throws Trouble.Failed where Chromium is not there, or does not start
    public static Browser open(String url, int width, int height) {
        var program = program()
                .orElseThrow(() -> new Trouble.Failed("There is no Chromium on the PATH: apt-get install chromium."));
        try {
            var profile = Files.createTempDirectory("rekey-browser");
            var process = new ProcessBuilder(
                            program.toString(),
                            "--headless=new",
                            "--no-sandbox",
                            "--disable-gpu",
                            "--disable-dev-shm-usage",
                            "--no-first-run",
                            "--hide-scrollbars",
                            "--remote-debugging-port=0",
                            "--window-size=" + width + "," + height,
                            "--user-data-dir=" + profile,
                            "about:blank")
                    .redirectErrorStream(true)
                    .redirectOutput(profile.resolve("said.log").toFile())
                    .start();
            var browser = new Browser(process, profile);
            try {
                browser.connect();
                browser.size(width, height);
                browser.ask("Page.navigate", Map.of("url", url));
                return browser;
            } catch (IOException | RuntimeException e) {
                browser.close();
                throw e;
            }
        } catch (IOException e) {
            throw new Trouble.Failed("Chromium can't be started (" + e.getMessage() + ").", e);
        }
    }

    private void connect() throws IOException {
        var ports = profile.resolve("DevToolsActivePort");
        for (var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
                !Files.exists(ports) || Files.readAllLines(ports).size() < 2;
                nap()) {
            if (!process.isAlive() || System.nanoTime() > end)
                throw new IOException("it said: "
                        + Files.readString(profile.resolve("said.log")).strip());
        }
        var base = "http://127.0.0.1:" + Files.readAllLines(ports).getFirst();
        try {
            JsonNode page = null;
            for (; page == null; nap())
                for (var target : JsonMapper.shared()
                        .readTree(http.send(
                                        HttpRequest.newBuilder(URI.create(base + "/json/list"))
                                                .build(),
                                        BodyHandlers.ofString())
                                .body())) if (target.path("type").asString().equals("page")) page = target;
            socket = http.newWebSocketBuilder()
                    .buildAsync(URI.create(page.path("webSocketDebuggerUrl").asString()), new Answers())
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Interrupted while Chromium was started.");
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(e);
        }
    }

    /// The value of an expression on the page, as text.
    public String tell(String expression) {
        var answer = ask("Runtime.evaluate", Map.of("expression", "String(" + expression + ")", "awaitPromise", true));
        if (answer.has("exceptionDetails"))
            throw new Trouble.Failed(answer.path("exceptionDetails").toString());
        return answer.path("result").path("value").asString("");
    }

    /// Waits until an expression is true on the page.
    public Browser await(String expression) {
        for (var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
                !tell("Boolean(" + expression + ")").equals("true");
                nap())
            if (System.nanoTime() > end)
                throw new Trouble.Failed("Not so within " + PATIENCE_SECONDS + " s: " + expression + ". The page has: "
                        + tell("document.body.innerText"));
        return this;
    }

    /// A press of the mouse in the middle of what a selector finds; nothing is pressed that another thing covers.
    public Browser press(String selector) {
        var found = "document.querySelector(" + JsonMapper.shared().writeValueAsString(selector) + ")";
        await(found);
        var at = tell("(() => { const e = " + found + "; e.scrollIntoView({ block: 'center', behavior: 'instant' });"
                        + " const b = e.getBoundingClientRect(), x = b.x + b.width / 2, y = b.y + b.height / 2;"
                        + " return e.contains(document.elementFromPoint(x, y)) ? x + ' ' + y : ''; })()")
                .split(" ");
        if (at.length < 2) throw new Trouble.Failed("Something covers " + selector + ".");
        for (var type : List.of("mousePressed", "mouseReleased"))
            ask(
                    "Input.dispatchMouseEvent",
                    Map.of(
                            "type",
                            type,
                            "x",
                            Double.valueOf(at[0]),
                            "y",
                            Double.valueOf(at[1]),
                            "button",
                            "left",
                            "clickCount",
                            1));
        return this;
    }

    /// As a window or a phone of a size.
    public Browser size(int width, int height) {
        ask(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        return this;
    }

    /// As one who likes it dark, or not.
    public Browser dark(boolean dark) {
        ask(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
        return this;
    }

    /// What is seen.
    public byte[] png() {
        return Base64.getDecoder()
                .decode(ask("Page.captureScreenshot", Map.of("format", "png"))
                        .path("data")
                        .asString());
    }

    private JsonNode ask(String method, Map<String, Object> parameters) {
        int id = number.incrementAndGet();
        var answer = new CompletableFuture<JsonNode>();
        asked.put(id, answer);
        socket.sendText(
                        JsonMapper.shared()
                                .writeValueAsString(Map.of("id", id, "method", method, "params", parameters)),
                        true)
                .join();
        try {
            var got = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (got.has("error"))
                throw new Trouble.Failed(
                        method + ": " + got.path("error").path("message").asString());
            return got.path("result");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Interrupted while Chromium answered.");
        } catch (ExecutionException | TimeoutException e) {
            throw new Trouble.Failed("Chromium does not answer to " + method + ".", e);
        }
    }

    private static void nap() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Interrupted while Chromium was awaited.");
        }
    }

    private final class Answers implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                var answer = JsonMapper.shared().readTree(text.toString());
                text.setLength(0);
                var waiting = asked.remove(answer.path("id").asInt(0));
                if (waiting != null) waiting.complete(answer);
            }
            from.request(1);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable e) {
            asked.values().forEach(a -> a.completeExceptionally(e));
        }
    }

    @Override
    public void close() {
        if (socket != null) socket.abort();
        http.shutdownNow();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor();
            try (var files = Files.walk(profile)) {
                for (var f : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(f);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new Trouble.Failed("The browser's folder " + profile + " can't be removed (" + e + ").", e);
        }
    }
}
