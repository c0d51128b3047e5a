package rekey.maintainer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import rekey.model.Trouble;

/// `./jbang` as a person types it, in a process of its own that becomes the command's.
///
/// @param repo  whose launcher it is
/// @param words behind it
record TypedCommand(Path repo, List<String> words) {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    /// So often the memory of the process is looked at.
    private static final long EVERY_NANOS = 5_000_000;

    /// How far it goes.
    enum Until {
        /// The launcher hands over to Java.
        LAUNCHED("exec() { builtin exit 0; }"),
        /// And that Java has started, and ended.
        STARTED("exec() { builtin exec \"$1\" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable -version; }"),
        ANSWERED("");

        /// By which bash, before it reads the launcher, learns another meaning of its last word.
        private final String otherwise;

        Until(String otherwise) {
            this.otherwise = otherwise;
        }
    }

    /// @param ms        from its start to its end
    /// @param peakBytes the most memory that its process had; 0 where this machine does not tell
    record Ran(long ms, long peakBytes) {}

    /// @param environment beside that of this process
    /// @throws Trouble.Failed when it ends otherwise than with 0
    Ran run(Until until, Map<String, String> environment) {
        try {
            var said = Files.createTempFile("rekey-typed", ".out");
            var otherwise = Files.writeString(Files.createTempFile("rekey-typed", ".bash"), until.otherwise);
            try {
                return run(said, otherwise, until, environment);
            } finally {
                Files.delete(said);
                Files.delete(otherwise);
            }
        } catch (IOException e) {
            throw new Trouble.Failed(this + " can't be run: " + e.getMessage(), e);
        }
    }

    private Ran run(Path said, Path otherwise, Until until, Map<String, String> environment) throws IOException {
        var command = new ArrayList<>(List.of(repo.resolve("jbang").toString()));
        command.addAll(words);
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
        builder.environment().putAll(environment);
        if (until != Until.ANSWERED) builder.environment().put("BASH_ENV", otherwise.toString());
        long begun = System.nanoTime(), peak = 0;
        var process = builder.start();
        process.getOutputStream().close();
        while (process.isAlive()) {
            peak = Math.max(peak, peak(process.pid()));
            if (System.nanoTime() - begun > PATIENCE.toNanos()) {
                process.destroyForcibly();
                throw new Trouble.Failed(this + " had not ended after " + PATIENCE.toMinutes() + " minutes.");
            }
            LockSupport.parkNanos(EVERY_NANOS);
        }
        long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        if (process.exitValue() != 0)
            throw new Trouble.Failed(this + " ended with exit code " + process.exitValue() + ": "
                    + Files.readString(said).strip());
        return new Ran(ms, peak);
    }

    /// What Linux remembers of it; none of a process that has just ended, nor elsewhere.
    private static long peak(long pid) {
        try (var lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return lines.filter(l -> l.startsWith("VmHWM:"))
                    .mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException | java.io.UncheckedIOException e) {
            return 0;
        }
    }

    @Override
    public String toString() {
        return "./jbang " + String.join(" ", words);
    }
}
