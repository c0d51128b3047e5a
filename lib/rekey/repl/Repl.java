package rekey.repl;

import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import rekey.model.Trouble;
import rekey.repl.line.Assistance;
import rekey.repl.line.Line;
import rekey.repl.line.Lines;
import rekey.repl.screen.PlainScreen;
import rekey.repl.screen.SayingWriter;
import rekey.repl.screen.Screen;
import rekey.repl.screen.TerminalScreen;
import rekey.repl.sql.Console;
import rekey.run.Amounts;
import rekey.run.RunLock;
import rekey.run.Status;

/// The loop: read, run, say. Before a terminal an error is told and the next line read; in a pipe the first failure ends
/// the session with its exit code.
public final class Repl {
    /// So often in a row a line can't be read before the terminal is given up.
    private static final int FAILURES = 5;

    private final Shell shell;
    private final Lines lines;
    private final SqlConsole sql;

    static {
        // JLine's pager would draw the lines of tables in an alternate character set that tmux and screen show as letters; so by + - |
        System.setProperty("org.jline.utils.disableAlternateCharset", "true");
    }

    private Repl(Shell shell, Lines lines, SqlConsole sql) {
        this.shell = shell;
        this.lines = lines;
        this.sql = sql;
    }

    // The hooks: the console that runs SQL is made here; completer, highlighter and suggestions are set in TerminalScreen.
    private static SqlConsole console() {
        return new Console();
    }

    private static Lines lines(SqlConsole sql) {
        return new Lines(name -> Commands.find(name).isPresent(), sql);
    }

    /// Over this process' own terminal, or the pipe that it reads from.
    ///
    /// @return an exit code
    public static int run(ReplOptions options) {
        if (System.console() == null || !System.console().isTerminal())
            return piped(options, new InputStreamReader(System.in), new PrintWriter(System.out), new PrintWriter(System.err));
        return run(options, TerminalScreen.open(lines(console())));
    }

    /// Over a pipe.
    static int piped(ReplOptions options, Reader in, PrintWriter out, PrintWriter err) {
        return run(options, new PlainScreen(in, out, err, lines(console())));
    }

    /// Over any terminal.
    static int run(ReplOptions options, Terminal terminal) {
        return run(options, TerminalScreen.on(terminal, lines(console())));
    }

    /// Over any screen; it is closed at the end.
    private static int run(ReplOptions options, Screen screen) {
        var sql = console();
        try (screen; var shell = new Shell(options, screen)) {
            if (screen instanceof TerminalScreen terminal) terminal.assist(new Assistance(shell, lines(sql)));
            return new Repl(shell, lines(sql), sql).loop();
        }
    }

    private int loop() {
        int code = opened();
        if (shell.verbose()) shell.say("ready " + (System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime()) + " ms after the JVM's start");
        int failures = 0;
        while (!shell.ended() && (code == 0 || shell.screen().interactive())) {
            try {
                var line = shell.screen().read(shell.screen().interactive() ? shell.prompt().text() : "");
                if (line == null) {
                    shell.leave();
                    if (shell.screen().interactive()) continue;
                    break;
                }
                failures = 0;
                code = each(line);
            } catch (UserInterruptException e) {
                if (e.getPartialLine().isEmpty()) interrupted();
            } catch (RuntimeException e) {
                // what fails while one types must not end a session that may have a run under way
                if (++failures == FAILURES) throw e;
                code = shell.told(e);
            }
        }
        return shell.screen().interactive() ? 0 : code;
    }

    /// Without a server there is still a prompt, for \c.
    private int opened() {
        return told(() -> {
            shell.asked(shell::server);
            if (shell.migration().isPresent()) {
                Status.standstill(shell.session()).ifPresent(s -> shell.say(s.sentence(Instant.now())));
                if (shell.screen().interactive() && RunLock.holder(shell.server(), shell.session().rewrite().source()).isPresent()) shell.follow();
            }
            if (shell.screen().interactive()) shell.say("help lists the commands; SQL ends with a semicolon; exit or Ctrl-D leaves.");
            return 0;
        });
    }

    /// A line, or the lines of a paste up to the first that fails.
    private int each(String text) {
        var all = lines.single(text);
        for (int i = 0; i < all.size() && !shell.ended(); i++) {
            int code = one(all.get(i));
            if (code == 0) continue;
            if (i + 1 < all.size()) shell.say("Of what was pasted the lines after that are not run.");
            return code;
        }
        return 0;
    }

    /// One line, its errors told.
    int one(String text) {
        return told(() -> switch (lines.of(text)) {
            case Line.Empty e -> 0;
            case Line.Words w when w.words().isEmpty() -> 0;
            case Line.Words w -> shell.redirect().to(w.file(), w.append(), () -> Commands.run(w.words(), shell, shell.out(), complaints()));
            case Line.Sql s -> sql.run(s.text(), shell);
            case Line.Watch w -> watch(w);
            case Line.Open o -> throw new Trouble.Usage("The statement does not end: " + o.awaits() + " is awaited.");
        });
    }

    /// Again and again, until Ctrl-C or a failure. Each answer has its time above it, and no more lines than fit.
    private int watch(Line.Watch watch) {
        var line = lines.of(watch.line()) instanceof Line.Open ? watch.line() + ";" : watch.line();
        var over = new CountDownLatch(1);
        try (var _ = shell.onInterrupt(over::countDown); var _ = shell.redirect().watching()) {
            while (true) {
                shell.say("-- " + LocalTime.now().truncatedTo(ChronoUnit.SECONDS) + ", every " + Amounts.time(watch.every()) + "; Ctrl-C ends it --");
                int code = one(line);
                if (code != 0) return code;
                if (over.await(watch.every().toMillis(), TimeUnit.MILLISECONDS)) break;
            }
            shell.say("Watched no longer.");
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 4;
        }
    }

    private void interrupted() {
        shell.underway().ifPresent(u -> {
            if (shell.screen().ask("Stop " + u.what() + "?")) one("stop");
        });
    }

    private interface Work {
        int run();
    }

    private int told(Work work) {
        try {
            return work.run();
        } catch (RuntimeException e) {
            return shell.told(e);
        }
    }

    /// What picocli has to say goes where complaints go.
    private PrintWriter complaints() {
        return new PrintWriter(new SayingWriter(shell::say), true);
    }
}
