package rekey.lab.fault;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.migration.Events0002;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Orders;
import rekey.run.Runner;
import rekey.session.Control;
import rekey.session.Journal;
import rekey.session.Limits;
import rekey.session.Progress;
import rekey.session.Session;

/// The tool in a process of its own, so that it can be killed: runs the guide's migration, or its rollback, and prints each
/// line of its journal as `step EVENT` in the moment it was written.
final class Tool implements AutoCloseable {
    private final Process process;

    /// @param memoryBytes what one query may use, 0 for no bound
    Tool(String url, TableName events, boolean rollback, Duration deadline, long memoryBytes, Consumer<String> lines) throws IOException {
        process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx200m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), Tool.class.getName(),
                url, events.database(), events.table(), rollback ? "rollback" : "migrate", "" + deadline.toMillis(), "" + memoryBytes).start();
        Thread.ofPlatform().daemon().start(() -> read(process.inputReader(), lines));
        Thread.ofPlatform().daemon().start(() -> read(process.errorReader(), line -> lines.accept("! " + line)));
    }

    private static void read(BufferedReader from, Consumer<String> to) {
        from.lines().forEach(to);
    }

    void kill() {
        process.destroyForcibly();
    }

    boolean alive() {
        return process.isAlive();
    }

    /// Its exit code; empty when it has not ended in time.
    Optional<Integer> await(Duration patience) throws InterruptedException {
        return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS) ? Optional.of(process.exitValue()) : Optional.empty();
    }

    @Override public void close() {
        process.destroyForcibly();
    }

    static void main(String... args) {
        var events = new TableName(args[1], args[2]);
        var endpoint = new Endpoint(args[0], "default", "", args[1], args[5].equals("0") ? Map.of() : Map.of("clickhouse_setting_max_memory_usage", args[5]));
        try (var server = ClickHouse.connect(endpoint)) {
            var migration = Events0002.of(events);
            var journal = new Journal(server, migration.rewrite().journal(), migration.name(), UUID.randomUUID().toString().substring(0, 8), Optional.empty());
            journal.listen(e -> IO.println(e.step() + " " + e.event()));
            var limits = Limits.DEFAULT.withDeadline(Duration.ofMillis(Long.parseLong(args[4]))).withMaxHeld(Duration.ofSeconds(10)).withChunkRows(20_000);
            var session = new Session(server, migration.rewrite(), Map.of(), journal, new Control(limits), new Progress());
            var runner = new Runner(session, false, List.of(new Orders()));
            if (args[3].equals("rollback")) runner.rollback(migration);
            else runner.run(migration, Optional.empty());
        } catch (Trouble e) {
            System.err.println(e.getMessage());
            System.exit(e.exitCode());
        }
        System.exit(0);
    }
}
