package rekey;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Another process of the same classes, to be killed without a word.
public final class ChildProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader said;

    private ChildProcess(Process process) {
        this.process = process;
        this.said = process.inputReader();
    }

    /// Runs a class' `main`.
    public static ChildProcess start(Class<?> main, String... arguments) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        return new ChildProcess(
                new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    /// Waits until it has printed a line.
    public void await(String line) throws IOException {
        var all = new StringBuilder();
        for (String s = said.readLine(); s != null; s = said.readLine()) {
            if (s.equals(line)) return;
            all.append(s).append('\n');
        }
        fail("the process ended without '" + line + "': " + all);
    }

    /// SIGKILL; returns when it is gone.
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    /// SIGTERM, as of a terminal that is closed; returns when it is gone.
    public void end() {
        process.destroy();
        process.onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
