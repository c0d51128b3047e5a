package rekey.maintainer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.utils.ScreenTerminal;
import rekey.model.Trouble;
import rekey.repl.Repl;
import rekey.repl.ReplOptions;

/// Types at a session of the REPL on a screen without a pty, and reads what stands there: for tests, and for
/// recording a session. The session is the real one, in a thread of this process.
public final class ScriptedTerminal implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    /// What is typed where a password is asked for is not shown at all.
    private static final Duration ECHO = Duration.ofSeconds(5);

    private final ScreenTerminal.VirtualTerminal virtual;
    private final CompletableFuture<Integer> session;

    private ScriptedTerminal(ScreenTerminal.VirtualTerminal virtual, CompletableFuture<Integer> session) {
        this.virtual = virtual;
        this.session = session;
    }

    /// @param options as those of `./jbang rekey`
    public static ScriptedTerminal open(int columns, int rows, String... options) {
        return on("xterm-256color", columns, rows, options);
    }

    /// @param type of the terminal, as in TERM
    public static ScriptedTerminal on(String type, int columns, int rows, String... options) {
        try {
            var virtual = ScreenTerminal.withTerminal("rekey", type, columns, rows);
            var parsed = ReplOptions.parse(options);
            return new ScriptedTerminal(
                    virtual,
                    CompletableFuture.supplyAsync(
                            () -> Repl.run(parsed, virtual.terminal()),
                            work -> Thread.ofPlatform()
                                    .daemon()
                                    .name("rekey-typed-at")
                                    .start(work)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Keys as they are; `\r` is Enter, `\t` Tab, `\003` Ctrl-C.
    public ScriptedTerminal type(String keys) {
        try {
            virtual.terminal().processInputBytes(keys.getBytes(StandardCharsets.UTF_8));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A line and Enter. It stands on the screen, or its answer does, when this returns: the prompt that was there
    /// before is not taken for the one behind it.
    public ScriptedTerminal enter(String line) {
        var before = screen();
        type(line + "\r");
        for (var until = Instant.now().plus(ECHO);
                screen().equals(before) && !session.isDone() && Instant.now().isBefore(until); ) nap();
        return this;
    }

    /// Empties the screen but for the prompt, once there is one, so that what is awaited next is new. The bottom
    /// lines stay.
    public ScriptedTerminal clear() {
        awaitPrompt(); // what is typed before it stands is lost
        type("\f");
        for (var until = Instant.now().plus(PATIENCE); !session.isDone(); nap()) {
            var rows = rows();
            if (rows.subList(0, Math.min(3, rows.size())).stream().anyMatch(r -> !r.isBlank())
                    && rows.subList(Math.min(3, rows.size()), Math.max(3, rows.size() - 3)).stream()
                            .allMatch(String::isBlank)) break;
            if (Instant.now().isAfter(until))
                throw new Trouble.Failed("No prompt comes back on the screen:\n" + screen());
        }
        return this;
    }

    /// Waits until a text stands on the screen.
    public ScriptedTerminal await(String text) {
        return await(text, PATIENCE);
    }

    /// @throws Trouble.Failed with the screen, when it does not come
    public ScriptedTerminal await(String text, Duration patience) {
        for (var until = Instant.now().plus(patience); !stands(text); nap()) {
            if (session.isDone() && !stands(text))
                throw new Trouble.Failed("The session has ended without '" + text + "':\n" + screen());
            if (Instant.now().isAfter(until))
                throw new Trouble.Failed(
                        "No '" + text + "' within " + patience.toSeconds() + " s on the screen:\n" + screen());
        }
        return this;
    }

    /// Waits until the session asks for the next line, at the end of what stands on the screen but for the bottom
    /// lines.
    public ScriptedTerminal awaitPrompt() {
        for (var until = Instant.now().plus(PATIENCE); !session.isDone() && !waits(); nap())
            if (Instant.now().isAfter(until))
                throw new Trouble.Failed("No prompt within " + PATIENCE.toSeconds() + " s on the screen:\n" + screen());
        return this;
    }

    /// Whether the session asks for the next line.
    public boolean waits() {
        var rows = rows();
        return last(rows) || last(rows.subList(0, rows.size() - 1)) || last(rows.subList(0, rows.size() - 2));
    }

    /// Whether it does so at the top of a screen that is empty but for the bottom lines.
    public boolean empty() {
        var rows = rows();
        return rows.getFirst().stripTrailing().endsWith(">")
                && rows.subList(1, rows.size() - 2).stream().allMatch(String::isBlank);
    }

    private static boolean last(List<String> rows) {
        return rows.stream()
                .filter(r -> !r.isBlank())
                .reduce((a, b) -> b)
                .filter(r -> r.stripTrailing().endsWith(">"))
                .isPresent();
    }

    /// Waits until a text is no longer on the screen.
    public ScriptedTerminal awaitGone(String text) {
        for (var until = Instant.now().plus(PATIENCE); stands(text); nap())
            if (Instant.now().isAfter(until))
                throw new Trouble.Failed("Still '" + text + "' on the screen:\n" + screen());
        return this;
    }

    private static void nap() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Interrupted while looking at the screen.");
        }
    }

    /// As a person's window that is drawn larger or smaller.
    public ScriptedTerminal resize(int columns, int rows) {
        virtual.screen().setSize(Size.of(columns, rows));
        virtual.terminal().setSize(Size.of(columns, rows));
        virtual.terminal().raise(Terminal.Signal.WINCH);
        return this;
    }

    /// Blanks at the ends of lines count, for a prompt ends with one; and a line that is broken at the edge is one
    /// line.
    private boolean stands(String text) {
        return String.join("", rows()).contains(text);
    }

    /// What stands on the screen, without blanks at the ends of lines.
    public String screen() {
        return String.join("\n", rows().stream().map(String::stripTrailing).toList())
                .stripTrailing();
    }

    private List<String> rows() {
        return rows(virtual.screen());
    }

    /// The lines of a screen as they stand.
    public static List<String> rows(ScreenTerminal screen) {
        synchronized (screen) {
            long[] cells = new long[screen.getColumns() * screen.getRows()];
            screen.dump(cells, null);
            var out = new ArrayList<String>();
            for (int y = 0; y < screen.getRows(); y++)
                out.add(row(cells, y * screen.getColumns(), screen.getColumns()));
            return out;
        }
    }

    private static String row(long[] cells, int from, int columns) {
        var row = new StringBuilder();
        for (int x = 0; x < columns; x++) {
            int c = ScreenTerminal.cellCodePoint(cells[from + x]);
            row.appendCodePoint(c == 0 ? ' ' : c);
        }
        return row.toString();
    }

    /// Waits until the session is over.
    ///
    /// @return its exit code
    public int ended() {
        return session.orTimeout(PATIENCE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS)
                .join();
    }

    /// Whether it is over.
    public boolean over() {
        return session.isDone();
    }

    @Override
    public void close() {
        try {
            if (!session.isDone()) virtual.terminal().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
