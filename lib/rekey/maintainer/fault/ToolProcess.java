package rekey.maintainer.fault;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.clickhouse.Topology;
import rekey.migration.Events0002;
import rekey.migration.Migration;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Orders;
import rekey.run.Runner;
import rekey.session.Control;
import rekey.session.CopyingHost;
import rekey.session.Journal;
import rekey.session.Limits;
import rekey.session.Progress;
import rekey.session.Session;
import rekey.step.Finalize;

/// The tool in a process of its own, so that it can be killed: runs the guide's migration, its rollback, or several
/// of these one after the other, and prints each line of its journal as `step EVENT` when it was written. Before
/// each it sends the server a statement that says so, by which whoever watches the wire knows.
final class ToolProcess implements AutoCloseable {
    private static final String BEGIN = "SELECT 'the tool begins: %s'";
    /// Where the JVM keeps the classes it has loaded, so that the next start is quicker; of all labs of this
    /// process.
    private static final Path ARCHIVE = archive();

    private final Process process;
    private volatile Consumer<String> heard = line -> {};

    ToolProcess(String url, TableName events, List<String> commands, Duration deadline, Consumer<String> lines)
            throws IOException {
        this(url, events, commands, deadline, Hosts.ONE, lines);
    }

    /// Which hosts it works on.
    enum Hosts {
        ONE,
        /// All that have the table; the same one copies as for the last command, or the first.
        ALL,
        /// All, and of each shard another host copies than for the last command.
        ANOTHER_COPIES
    }

    /// @param hosts on which it works
    ToolProcess(
            String url, TableName events, List<String> commands, Duration deadline, Hosts hosts, Consumer<String> lines)
            throws IOException {
        var builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx200m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                ToolProcess.class.getName(),
                url,
                events.database(),
                events.table(),
                String.join(",", commands),
                "" + deadline.toMillis(),
                hosts.name());
        // the guard that it starts, too
        builder.environment()
                .put(
                        "JDK_JAVA_OPTIONS",
                        "-Xshare:auto -Xlog:disable -XX:+AutoCreateSharedArchive -XX:SharedArchiveFile=" + ARCHIVE);
        process = builder.start();
        Thread.ofPlatform()
                .daemon()
                .start(() -> read(process.inputReader(), line -> {
                    heard.accept(line);
                    lines.accept(line);
                }));
        Thread.ofPlatform()
                .daemon()
                .start(() -> read(process.errorReader(), line -> {
                    if (!line.startsWith("NOTE: Picked up")) lines.accept("! " + line);
                }));
    }

    private static Path archive() {
        var file = Path.of(
                System.getProperty("java.io.tmpdir"),
                "rekey-faults-" + ProcessHandle.current().pid() + ".jsa");
        file.toFile().deleteOnExit();
        return file;
    }

    private static void read(BufferedReader from, Consumer<String> to) {
        try {
            from.lines().forEach(to);
        } catch (UncheckedIOException e) {
            to.accept("! its output ended: " + e.getCause().getMessage()); // as when it is killed
        }
    }

    /// Whether a statement says that a run begins.
    static boolean begins(String sql) {
        return sql.startsWith(BEGIN.substring(0, BEGIN.indexOf('%')));
    }

    /// @return whether it still ran
    boolean kill() {
        boolean ran = process.isAlive();
        process.destroyForcibly();
        return ran;
    }

    /// Starts one.
    interface Start {
        ToolProcess start(List<String> commands) throws IOException;
    }

    /// Runs a command until it ends well, again and again, as its operator would.
    ///
    /// @return what is stuck; empty where it ended
    static String insist(Start tool, String command, int tries, Duration patience, CaseLog log)
            throws IOException, InterruptedException {
        for (int i = 1; i <= tries; i++) {
            log.add("--- " + command + ", try " + i);
            try (var running = tool.start(List.of(command))) {
                var code = running.await(patience);
                if (code.isEmpty()) return command + " did not end, nor get on for " + patience;
                if (code.equals(Optional.of(0))) return "";
                log.add("--- exit code " + code.get());
            }
            Thread.sleep(500);
        }
        return command + " has not ended after " + tries + " tries: " + log.lastError();
    }

    /// Its exit code; empty when it has not ended though it has got no further for so long.
    Optional<Integer> await(Duration length) throws InterruptedException {
        var patience = new Patience(length, System.nanoTime());
        heard = line -> patience.heard(line, System.nanoTime());
        while (!process.waitFor(1, TimeUnit.SECONDS)) if (patience.isOver(System.nanoTime())) return Optional.empty();
        return Optional.of(process.exitValue());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    static void main(String... args) {
        var events = new TableName(args[1], args[2]);
        try (var server = ClickHouse.connect(new Endpoint(args[0], "default", "", args[1], Map.of()))) {
            for (var command : args[3].split(",")) {
                server.query(BEGIN.formatted(command));
                run(
                        command,
                        Events0002.of(events),
                        server,
                        Duration.ofMillis(Long.parseLong(args[4])),
                        Hosts.valueOf(args[5]));
            }
        } catch (Trouble e) {
            var said = new ArrayList<>(List.of(e.getMessage()));
            for (var suppressed : e.getSuppressed()) said.add("and then: " + suppressed.getMessage());
            System.err.println(String.join(" | ", said));
            System.exit(e.exitCode());
        }
        System.exit(0);
    }

    private static void run(String command, Migration migration, ClickHouse server, Duration deadline, Hosts hosts) {
        var runner = UUID.randomUUID().toString().substring(0, 8);
        var limits = Limits.DEFAULT
                .withDeadline(deadline)
                .withMaxHeld(Duration.ofSeconds(10))
                .withChunkRows(200_000);
        var control = new Control(limits);
        if (hosts == Hosts.ONE) {
            run(command, migration, session(server, migration, runner, control));
            return;
        }
        try (var session = Session.of(
                topology(server, migration, hosts == Hosts.ANOTHER_COPIES),
                Set.of(),
                host -> ClickHouse.connect(Endpoint.of(host.url())),
                copier -> session(copier, migration, runner, control),
                sql -> {})) {
            run(command, migration, session);
        }
    }

    private static Topology topology(ClickHouse server, Migration migration, boolean another) {
        var rewrite = migration.rewrite();
        var told = CopyingHost.LastRun.in(
                new Journal(server, rewrite.journal(), migration.name(), "looks", Optional.empty()));
        var now = told.first(Topology.of(server, rewrite.source(), "", Map.of(), Set.of()));
        if (!another || told.copiers().isEmpty()) return now;
        return now.copiedBy(now.shards().stream()
                .map(shard -> shard.get(shard.size() > 1 ? 1 : 0).name())
                .toList());
    }

    private static Session session(ClickHouse server, Migration migration, String runner, Control control) {
        var rewrite = migration.rewrite();
        var journal = new Journal(server, rewrite.journal(), migration.name(), runner, Optional.empty());
        journal.listen(e -> IO.println(e.step() + " " + e.event()));
        return new Session(server, rewrite, Map.of(), journal, control, new Progress());
    }

    private static void run(String command, Migration migration, Session session) {
        var runner = new Runner(session, false, List.of(new Orders()));
        switch (command) {
            case "migrate" -> runner.run(migration, Optional.of("resume"));
            case "backfill" -> runner.run(migration, Optional.of("backfill"));
            case "optimize" -> runner.run(migration, Optional.empty());
            case "rollback" -> runner.rollback(migration);
            case "finalize" -> runner.run(new Finalize());
            default -> throw new IllegalArgumentException(command);
        }
    }
}
