package rekey.lab;

import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.model.Trouble;

/// A real ClickHouse server in a process of its own, which ends with this one however this one ends.
///
/// It listens on 127.0.0.1 only, on ports outside the range that the system gives to outgoing connections, so that
/// they are still free when the server starts again after a kill.
public final class ClickHouseProcess implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90), STOP = Duration.ofSeconds(20);
    private static final int PORT_TRIES = 20, DEATH_LINES = 120;

    private final LabOptions options;
    private final Path library, home;
    private final String temporaryRoot;
    private final Cluster.Host host;
    private Process process;
    /// Whether it was told to end.
    private volatile boolean ending;

    private ClickHouseProcess(LabOptions options, Path library, Path home, Path temporaryRoot, Cluster.Host host) {
        this.options = options;
        this.library = library;
        this.home = home;
        this.temporaryRoot = temporaryRoot == null ? "" : temporaryRoot.toString();
        this.host = host;
    }

    /// Starts a server and returns when it answers; in a folder where one has been, on its ports if they are free.
    ///
    /// @param home          its folder: config.xml, logs and data
    /// @param temporaryRoot a folder that the server removes if this process dies without stopping it, or null
    /// @throws Trouble.Failed with the server's own words, when it does not start within 90 s
    static ClickHouseProcess start(LabOptions options, Path library, Path home, Path temporaryRoot) {
        for (int attempt = 1; ; attempt++) {
            boolean kept = attempt == 1 && Files.exists(home.resolve("config.xml"));
            int http = kept ? keptPort(home, "http_port") : KafkaBroker.freePort();
            int tcp = kept ? keptPort(home, "tcp_port") : KafkaBroker.freePort();
            try {
                return start(options, library, home, temporaryRoot, Cluster.Host.alone(http, tcp));
            } catch (PortTaken e) {
                if (attempt == PORT_TRIES) throw e; // else another lab took it between the look and the start
            }
        }
    }

    /// Starts a server where its cluster says.
    ///
    /// @throws PortTaken when another program listens there
    static ClickHouseProcess start(LabOptions options, Path library, Path home, Path temporaryRoot, Cluster.Host host) {
        var server = new ClickHouseProcess(options, library, home, temporaryRoot, host);
        server.start();
        return server;
    }

    /// `http://ADDRESS:PORT`, as `--url` takes it.
    public String url() {
        return "http://" + host.address() + ":" + host.httpPort();
    }

    /// `127.0.0.1`, and in a cluster an address of its own: its `host_name` in `system.clusters`.
    public String address() {
        return host.address();
    }

    public int httpPort() {
        return host.httpPort();
    }

    /// The native protocol's port, for clickhouse-client and Distributed tables.
    public int tcpPort() {
        return host.tcpPort();
    }

    /// ClickHouse's own process.
    public long pid() {
        return options.binary() == null
                ? process.pid()
                : process.children().mapToLong(ProcessHandle::pid).findFirst().orElse(process.pid());
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /// The server's folder: `config.xml`, `users.xml`, `server.log`, `data`.
    public Path home() {
        return home;
    }

    /// A connection as `default`, who has no password; close it.
    public ClickHouse connect() {
        return ClickHouse.connect(Endpoint.of(url()));
    }

    /// SIGKILL: what a crash or the kernel's OOM killer does. Returns when the process is gone.
    public synchronized void kill() {
        ending = true;
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        await(STOP);
    }

    /// Stops cleanly, as SIGTERM does to a server; after 20 s by force. Nothing happens when it is not running.
    public synchronized void stop() {
        if (!process.isAlive()) return;
        ending = true;
        try (var input = process.outputWriter()) {
            input.write("stop\n");
        } catch (IOException e) {
            process.destroy(); // it is ending already: the pipe is closed
        }
        if (!await(STOP)) kill();
    }

    /// Starts on the same folder and the same ports after [#kill()] or [#stop()].
    ///
    /// The folder of the system tables is removed first, since today's server does not start on it: so `query_log`
    /// and `part_log` are empty afterwards.
    public synchronized void start() {
        if (process != null && process.isAlive())
            throw new IllegalStateException("the server runs already, as process " + pid());
        try {
            LabFolder.delete(home.resolve("data").resolve("data").resolve("system"));
            LabFolder.delete(home.resolve("data").resolve("metadata").resolve("system"));
            Files.deleteIfExists(home.resolve("data").resolve("metadata").resolve("system.sql"));
            Files.createDirectories(home);
            Files.writeString(home.resolve("config.xml"), options.configXml(home, host, disk().keepFreeBytes()));
            Files.writeString(home.resolve("users.xml"), options.usersXml());
            var output = home.resolve("output.log").toFile();
            process = new ProcessBuilder(command())
                    .directory(home.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output)
                    .start();
            awaitAnswer(output);
            var started = process;
            ending = false;
            // one that was killed may be told of when the next one runs already
            started.onExit().thenAccept(ended -> {
                if (!ending && process == started) System.err.println(death(ended.exitValue()));
            });
        } catch (IOException e) {
            throw new Trouble.Failed(
                    "The ClickHouse server could not be started in " + home + " (" + e.getMessage()
                            + "): check that the folder is writable.",
                    e);
        }
    }

    /// The disk of a lab with [LabOptions#roomBytes()], to be filled and freed.
    public SmallDisk disk() {
        return new SmallDisk(home, options.roomBytes());
    }

    /// [#stop()] and [#start()].
    public void restart() {
        stop();
        start();
    }

    @Override
    public void close() {
        stop();
    }

    private List<String> command() {
        var config = home.resolve("config.xml");
        if (options.binary() != null) return options.binary().server(config);
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx48m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-cp",
                classPath(),
                ServerMain.class.getName(),
                library.toString(),
                config.toString(),
                url(),
                temporaryRoot));
        if (host.inCluster())
            command.addAll(List.of("http://" + host.interserver() + ":" + host.interserverPort(), Cluster.DDL_QUEUE));
        return command;
    }

    private static int keptPort(Path home, String element) {
        try {
            var config = Files.readString(home.resolve("config.xml"));
            return Integer.parseInt(config.replaceFirst("(?s).*<" + element + ">(\\d+)<.*", "$1"));
        } catch (IOException | NumberFormatException e) {
            throw new Trouble.Failed(
                    "The lab's " + home.resolve("config.xml") + " can't be read (" + e.getMessage()
                            + "): name another folder.",
                    e);
        }
    }

    private void awaitAnswer(File output) throws IOException {
        long end = System.nanoTime() + START.toNanos();
        while (!answers(output)) {
            if (!process.isAlive() || System.nanoTime() > end) {
                boolean running = process.isAlive();
                kill();
                var said = Files.readString(output.toPath());
                if (said.lines().anyMatch(l -> l.startsWith(ServerMain.REFUSED)))
                    throw new Trouble.Refused(said.substring(said.indexOf(ServerMain.REFUSED))
                            .substring(ServerMain.REFUSED.length())
                            .strip());
                var last = said.lines()
                        .filter(l -> l.contains("Exception") || l.startsWith("Error"))
                        .reduce((a, b) -> b)
                        .orElse(said.lines().reduce((a, b) -> b).orElse("no word"));
                if (last.contains("Address already in use"))
                    throw new PortTaken("Port " + httpPort() + " or " + tcpPort()
                            + " of the lab's ClickHouse is in use: end the program that has it and start again.");
                if (last.contains("START LISTEN"))
                    throw new Trouble.Refused("This version of the ClickHouse library opens no port, so it is no"
                        + " server (26.5.0, 26.5.2 and 26.5.3 were tried): name a later one with --clickhouse-version,"
                        + " such as "
                            + ClickHouseLibrary.VERSION + ".");
                throw new Trouble.Failed("The ClickHouse server " + (running ? "does not answer" : "ended at once")
                        + " (" + last + "): see " + output + ".");
            }
            await(Duration.ofMillis(25));
        }
    }

    /// Whether this server listens on TCP, which it opens last, and it is this one, not another, that answers HTTP.
    private boolean answers(File output) {
        try (var tcp = new Socket()) {
            tcp.connect(new InetSocketAddress(host.address(), tcpPort()), 1000);
            var question =
                    URLEncoder.encode("SELECT path FROM system.disks WHERE name = 'default'", StandardCharsets.UTF_8);
            var http = (HttpURLConnection)
                    URI.create(url() + "/?query=" + question).toURL().openConnection();
            http.setReadTimeout(5000);
            try (var answer = http.getInputStream()) {
                return new String(answer.readAllBytes(), StandardCharsets.UTF_8)
                                .strip()
                                .equals(home.resolve("data") + "/")
                        && (!host.inCluster()
                                || options.binary() != null
                                || Files.readString(output.toPath()).contains(ServerMain.REPLICA_IS_UP));
            } finally {
                http.disconnect();
            }
        } catch (IOException e) {
            return false; // not yet
        }
    }

    /// What a server that nobody ended has left: its folder goes with the lab, and the reason with it. A host of a
    /// cluster died in two runs of the suite, and nothing told why.
    private String death(int code) {
        var out = new StringBuilder("The lab's ClickHouse at " + url() + " ended by itself with exit code " + code);
        try (var files = Files.list(home)) {
            for (var file : files.filter(f -> f.getFileName().toString().matches("hs_err.*|output\\.log"))
                    .sorted()
                    .toList()) {
                var lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
                boolean jvm = file.getFileName().toString().startsWith("hs_err");
                out.append("\n").append(file.getFileName()).append(":");
                (jvm ? lines.stream().limit(DEATH_LINES) : lines.stream().skip(Math.max(0, lines.size() - 20)))
                        .forEach(l -> out.append("\n  ").append(l));
            }
        } catch (IOException e) {
            out.append(" (").append(e.getMessage()).append(")");
        }
        return out.toString();
    }

    private boolean await(Duration time) {
        try {
            return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private Trouble interrupted() {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
        return new Trouble.Stopped("Waiting for the lab's ClickHouse was interrupted: its process was ended.");
    }

    /// Where this class was loaded from: [ServerMain] needs nothing else but the JDK.
    private static String classPath() {
        var source = ServerMain.class.getProtectionDomain().getCodeSource();
        try {
            return source == null
                    ? System.getProperty("java.class.path")
                    : Path.of(source.getLocation().toURI()).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static final class PortTaken extends Trouble.Failed {
        PortTaken(String sentence) {
            super(sentence);
        }
    }
}
