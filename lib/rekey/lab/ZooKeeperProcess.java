package rekey.lab;

import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import rekey.model.Trouble;

/// The ZooKeeper of a lab's cluster, on 127.0.0.1, in a process of its own, which ends with this one however this
/// one ends. With a ClickHouse of the user's own it is that one's Keeper instead.
///
/// ZooKeeper takes 110 to 145 MB. After a kill and a new start on its folder all is there that it
/// acknowledged; hosts that had a session get it back within its 10 s, and are read-only meanwhile.
public final class ZooKeeperProcess implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);

    private final Path home;
    private final int port;
    private final ClickHouseBinary binary;
    private Process process;

    private ZooKeeperProcess(Path home, int port, ClickHouseBinary binary) {
        this.home = home;
        this.port = port;
        this.binary = binary;
    }

    /// Starts one and returns when it listens.
    ///
    /// @param home   its folder, new or one where a Keeper has been
    /// @param binary the user's own ClickHouse, or null for a ZooKeeper
    static ZooKeeperProcess start(Path home, int port, ClickHouseBinary binary) {
        var keeper = new ZooKeeperProcess(home, port, binary);
        keeper.start();
        return keeper;
    }

    /// `127.0.0.1:PORT`.
    public String address() {
        return "127.0.0.1:" + port;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /// SIGKILL; returns when the process is gone. Nothing happens when it is not running.
    public synchronized void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.onExit().join();
    }

    /// Starts on the same folder and port after [#kill()].
    public synchronized void start() {
        if (process != null && process.isAlive())
            throw new IllegalStateException("the Keeper runs already, as process " + process.pid());
        try {
            Files.createDirectories(home);
            var output = home.resolve("output.log").toFile();
            process = new ProcessBuilder(command())
                    .directory(home.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output)
                    .start();
            await(output);
        } catch (IOException e) {
            throw new Trouble.Failed(
                    "The lab's Keeper could not be started in " + home + " (" + e.getMessage()
                            + "): check that the folder is writable.",
                    e);
        }
    }

    @Override
    public void close() {
        kill();
    }

    private List<String> command() throws IOException {
        if (binary != null) return binary.keeper(home, port);
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-cp",
                classPath(),
                ZooKeeperMain.class.getName(),
                "" + port,
                home.resolve("data").toString());
    }

    private void await(File output) throws IOException {
        for (long end = System.nanoTime() + START.toNanos(); !listens(); ) {
            if (!process.isAlive() || System.nanoTime() > end) {
                kill();
                var said = Files.readString(output.toPath()).strip();
                if (said.contains("Address already in use"))
                    throw new ClickHouseProcess.PortTaken("Port " + port + " of the lab's Keeper is in use: end the"
                            + " program that has it and start again.");
                throw new Trouble.Failed("The lab's Keeper did not start ("
                        + said.lines().reduce((a, b) -> b).orElse("no word") + "): see " + output + ".");
            }
            try {
                process.waitFor(20, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                kill();
                Thread.currentThread().interrupt();
                throw new Trouble.Stopped("Waiting for the lab's Keeper was interrupted: its process was ended.");
            }
        }
    }

    private boolean listens() {
        try (var tcp = new Socket()) {
            tcp.connect(new InetSocketAddress("127.0.0.1", port), 1000);
            return process.isAlive();
        } catch (IOException e) {
            return false; // not yet
        }
    }

    /// Of all that this process has loaded only what ZooKeeper needs.
    private static String classPath() {
        return Stream.of(
                        ZooKeeperMain.class,
                        org.apache.zookeeper.server.ZooKeeperServer.class,
                        org.apache.jute.Record.class,
                        com.codahale.metrics.Reservoir.class,
                        org.xerial.snappy.Snappy.class,
                        org.slf4j.Logger.class)
                .map(ZooKeeperProcess::source)
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String source(Class<?> loaded) {
        try {
            return Path.of(loaded.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
