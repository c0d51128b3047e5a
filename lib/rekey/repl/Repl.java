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
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import rekey.model.Amounts;
import rekey.model.Trouble;
import rekey.repl.command.Commands;
import rekey.repl.context.Dialogue;
import rekey.repl.context.SessionRuns;
import rekey.repl.context.Target;
import rekey.repl.line.Line;
import rekey.repl.line.LineParser;
import rekey.repl.screen.PlainScreen;
import rekey.repl.screen.Screen;
import rekey.repl.screen.TerminalScreen;
import rekey.repl.sql.Console;
import rekey.run.RunLock;
import rekey.run.Standstill;

/// The loop: read, run, say. Before a terminal an error is told and the next line read; in a pipe the first failure
/// ends the session with its exit code.
public final class Repl {
    /// So often in a row a line can't be read before the terminal is given up.
    private static final int FAILURES = 5;

    private final LineParser lines;
    private final Dialogue dialogue;
    private final SessionRuns runs;
    private final Target target;
    private final Console sql;
    private final Commands commands;
    private final Prompt prompt;
    private boolean ended;

    static {
        // JLine's pager would draw the lines of tables in an alternate character set that tmux and screen show as
        // letters; so by + - |
        System.setProperty("org.jline.utils.disableAlternateCharset", "true");
    }

    private Repl(ReplOptions options, Screen screen, LineParser lines) {
        this.lines = lines;
        dialogue = new Dialogue(screen, options.yes(), options.verbose());
        runs = new SessionRuns(dialogue);
        target = new Target(options, dialogue, runs);
        sql = new Console(target, dialogue, lines);
        commands = new Commands(target, runs, dialogue, this::leave);
        prompt = new Prompt(target, runs, dialogue);
        runs.whenChanged(prompt::refresh);
    }

    /// Knows every command by its name.
    static LineParser lines() {
        return new LineParser(Commands.names().collect(Collectors.toSet()));
    }

    /// Over this process' own terminal, or the pipe that it reads from.
    ///
    /// @return an exit code
    public static int run(ReplOptions options) {
        if (System.console() == null || !System.console().isTerminal())
            return piped(
                    options,
                    new InputStreamReader(System.in),
                    new PrintWriter(System.out),
                    new PrintWriter(System.err));
        var lines = lines();
        return run(options, TerminalScreen.open(lines), lines);
    }

    /// Over a pipe.
    static int piped(ReplOptions options, Reader in, PrintWriter out, PrintWriter err) {
        var lines = lines();
        return run(options, new PlainScreen(in, out, err, lines), lines);
    }

    /// Over any terminal.
    public static int run(ReplOptions options, Terminal terminal) {
        var lines = lines();
        return run(options, TerminalScreen.on(terminal, lines), lines);
    }

    /// Over any screen; it is closed at the end.
    private static int run(ReplOptions options, Screen screen, LineParser lines) {
        try (screen) {
            var repl = new Repl(options, screen, lines);
            try (var _ = repl.target;
                    var _ = repl.prompt.opened()) {
                if (screen instanceof TerminalScreen terminal) terminal.assist(Assistance.of(lines, repl.commands));
                return repl.loop();
            }
        }
    }

    private int loop() {
        int code = opened();
        if (dialogue.verbose())
            dialogue.say("ready "
                    + (System.currentTimeMillis()
                            - ManagementFactory.getRuntimeMXBean().getStartTime()) + " ms after the JVM's start");
        int failures = 0;
        while (!ended && (code == 0 || dialogue.interactive())) {
            try {
                var line = dialogue.screen().read(dialogue.interactive() ? prompt.next() : "");
                if (line == null) {
                    leave();
                    if (dialogue.interactive()) continue;
                    break;
                }
                failures = 0;
                code = each(line);
            } catch (UserInterruptException e) {
                if (e.getPartialLine().isEmpty()) interrupted();
            } catch (RuntimeException e) {
                // what fails while one types must not end a session that may have a run under way
                if (++failures == FAILURES) throw e;
                code = dialogue.failed(e);
            }
        }
        return dialogue.interactive() ? 0 : code;
    }

    /// Without a server there is still a prompt, for \c.
    private int opened() {
        return exitCode(() -> {
            dialogue.asked(() -> {
                target.server();
                return target.migration().isPresent() && found();
            });
            if (dialogue.interactive())
                dialogue.say("help lists the commands; SQL ends with a semicolon; exit or Ctrl-D leaves.");
            return 0;
        });
    }

    /// What is out of the ordinary is said first, and a run that goes on is shown.
    private boolean found() {
        var session = target.session();
        Standstill.of(session).ifPresent(s -> dialogue.say(s.sentence(Instant.now())));
        return dialogue.interactive() && RunLock.holder(session).isPresent() && runs.follow(session, target.chosen());
    }

    /// A line, or the lines of a paste up to the first that fails.
    private int each(String text) {
        var all = lines.single(text);
        for (int i = 0; i < all.size() && !ended; i++) {
            int code = one(all.get(i));
            if (code == 0) continue;
            if (i + 1 < all.size()) dialogue.say("Of what was pasted the lines after that are not run.");
            return code;
        }
        return 0;
    }

    /// One line, its errors told.
    int one(String text) {
        return exitCode(() -> switch (lines.of(text)) {
            case Line.Empty e -> 0;
            case Line.Words w when w.words().isEmpty() -> 0;
            case Line.Words w -> dialogue.to(w.file(), w.append(), () -> commands.run(w.words(), lines));
            case Line.Sql s -> dialogue.to(s.file(), s.append(), () -> sql.run(s.text()));
            case Line.Watch w -> watch(w);
            case Line.Open o -> throw new Trouble.Usage("The statement does not end: " + o.awaits() + " is awaited.");
        });
    }

    /// Again and again, until Ctrl-C or a failure. Each answer has its time above it, and no more lines than fit.
    private int watch(Line.Watch watch) {
        var line = lines.of(watch.line()) instanceof Line.Open ? watch.line() + ";" : watch.line();
        var over = new CountDownLatch(1);
        try (var _ = dialogue.onInterrupt(over::countDown);
                var _ = dialogue.watching()) {
            while (true) {
                dialogue.say("-- " + LocalTime.now().truncatedTo(ChronoUnit.SECONDS) + ", every "
                        + Amounts.time(watch.every()) + "; Ctrl-C ends it --");
                int code = one(line);
                if (code != 0) return code;
                if (over.await(watch.every().toMillis(), TimeUnit.MILLISECONDS)) break;
            }
            dialogue.say("Watched no longer.");
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 4;
        }
    }

    private void interrupted() {
        runs.own().ifPresent(u -> {
            if (dialogue.screen().ask("Stop " + u.what() + "?")) one("stop");
        });
    }

    /// The session is over when this line is, unless a run goes on that is not to be stopped.
    private void leave() {
        ended = runs.leave(target::session);
    }

    private int exitCode(IntSupplier work) {
        try {
            return work.getAsInt();
        } catch (RuntimeException e) {
            return dialogue.failed(e);
        }
    }
}
