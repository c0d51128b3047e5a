package rekey.repl;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;

/// A real terminal, once: a session in a tmux of its own.
@Tag("repl")
class TmuxTest {
    private final String socket = "rekey-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime();

    @Test
    void aSessionInTmux() throws Exception {
        Assumptions.assumeTrue(there(), "tmux is not installed: apt-get install tmux");
        try (var bed = new Bed(100)) {
            open(bed, "");
            try {
                awaitOnScreen(" create>");
                tmux("send-keys", "next", "Enter");
                awaitOnScreen("Run create? [y/N]");
                tmux("send-keys", "y", "Enter");
                awaitOnScreen("backfill>");
                // tmux takes a bare semicolon at the end for its own
                tmux("resize-window", "-x", "120", "-y", "40");
                tmux("send-keys", "SELECT concat('resized', '-ok')\\;", "Enter");
                awaitOnScreen("resized-ok");
                Scene.await("the next prompt", this::waits);
                tmux("send-keys", "SELECT number FROM numbers(90)\\;", "Enter");
                awaitOnScreen("+-number-+");
                tmux("send-keys", "G");
                awaitOnScreen("90. |");
                tmux("send-keys", "q");
                awaitOnScreen("90 rows in set");
                // what is typed while no line is read, the terminal takes for its own
                Scene.await("the next prompt", this::waits);
                tmux("send-keys", "C-d");
                Scene.await("the session to end", () -> !tmux("list-sessions").contains("windows"));
            } finally {
                tmux("kill-server");
            }
        }
    }

    /// The terminal itself throws away at a Ctrl-C what was typed ahead, unless it is told not to.
    @Test
    void whatIsTypedWhileAStatementRunsIsKept() throws Exception {
        Assumptions.assumeTrue(there(), "tmux is not installed: apt-get install tmux");
        try (var bed = new Bed(100)) {
            open(bed, "");
            try {
                awaitOnScreen(" create>");
                tmux(
                        "send-keys",
                        "SELECT sum(sleepEachRow(1)) FROM numbers(3000) SETTINGS max_block_size = 1\\;",
                        "Enter");
                // no row of it comes, for an answer that fills the screen is shown by a pager, which takes the keys
                Scene.await(
                        "the statement to run",
                        () -> bed.server
                                        .one("SELECT count() AS n FROM system.processes WHERE query LIKE"
                                                + " 'SELECT sum(sleepEachRow%' AND current_database = '"
                                                + bed.name.database() + "'")
                                        .number("n")
                                == 1);
                tmux("send-keys", "SELECT concat('typed', '-ahead')\\;", "Enter");
                tmux("send-keys", "C-c"); // behind it in the terminal's queue
                awaitOnScreen("typed-ahead");
            } finally {
                tmux("kill-server");
            }
        }
    }

    /// Its own run ends with it, whatever that does, and the next runner goes on.
    @Test
    void panicEndsTheProcess() throws Exception {
        Assumptions.assumeTrue(there(), "tmux is not installed: apt-get install tmux");
        try (var bed = new Bed(30_000)) {
            open(bed, " --chunk-rows 300 --threads 1");
            try {
                awaitOnScreen(" create>");
                tmux("send-keys", "run --yes", "Enter");
                awaitOnScreen("% ");
                tmux("send-keys", "panic", "Enter");
                awaitOnScreen("stop is the clean way. [y/N]");
                tmux("send-keys", "y", "Enter");
                Scene.await("the process to end", () -> !tmux("list-sessions").contains("windows"));
            } finally {
                tmux("kill-server");
            }
            var piped = bed.piped("run --until verify --take-over\nstatus\n", "--yes");
            assertTrue(piped.exitCode() == 0 && piped.output().contains("verify"), piped::toString);
        }
    }

    private void open(Bed bed, String options) {
        var java = Path.of(System.getProperty("java.home"), "bin", "java");
        tmux(
                "new-session",
                "-d",
                "-x",
                "80",
                "-y",
                "24",
                java + " --enable-native-access=ALL-UNNAMED -Drekey.state='" + State.own() + "' -cp '"
                        + System.getProperty("java.class.path") + "' rekey.repl.SessionProcess --url " + bed.lab.url()
                        + " --database " + bed.name.database() + " --table hits --order-by '" + Bed.KEY + "'"
                        + options);
    }

    /// A prompt is the last line but for the one at the bottom.
    private boolean waits() {
        var rows = tmux("capture-pane", "-p").lines().filter(r -> !r.isBlank()).toList();
        return rows.reversed().stream().limit(2).anyMatch(r -> r.stripTrailing().endsWith(">"));
    }

    private void awaitOnScreen(String text) {
        Scene.await(
                "'" + text + "' on the screen", () -> tmux("capture-pane", "-p").contains(text));
    }

    private static boolean there() {
        try {
            return new ProcessBuilder("tmux", "-V").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private String tmux(String... arguments) {
        try {
            var command = new java.util.ArrayList<>(List.of("tmux", "-L", socket));
            command.addAll(List.of(arguments));
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            var said = new String(process.getInputStream().readAllBytes());
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), said);
            return said;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
