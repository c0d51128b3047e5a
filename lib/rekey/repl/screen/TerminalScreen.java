package rekey.repl.screen;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.widget.AutosuggestionWidgets;
import rekey.cli.Job;
import rekey.model.Trouble;
import rekey.repl.line.Assistance;
import rekey.repl.line.Lines;
import rekey.repl.line.Whole;
import rekey.repl.sql.Names;
import rekey.sheet.Words;

/// A terminal with a person before it, by JLine.
public final class TerminalScreen implements Screen {
    private final Terminal terminal;
    private final Drawn reader;
    private final Whole whole;
    private final PrintWriter out;
    private final Pen pen = new Pen();
    private final Thread session = Thread.currentThread();
    private volatile Runnable interrupt = () -> { };
    private volatile boolean closed;

    private TerminalScreen(Terminal terminal, Drawn reader, Whole whole) {
        this.whole = whole;
        this.terminal = terminal;
        this.reader = reader;
        out = new PrintWriter(reader.output());
        terminal.handle(Terminal.Signal.INT, s -> interrupt.run());
    }

    public static TerminalScreen open(Lines lines) {
        try {
            return on(TerminalBuilder.builder().system(true).dumb(true).build(), lines);
        } catch (IOException e) {
            throw new Trouble.Failed("The terminal can't be used (" + e.getMessage() + "): set TERM, or pipe the commands in.", e);
        }
    }

    /// On any terminal; the session is this thread's.
    public static TerminalScreen on(Terminal terminal, Lines lines) {
        var whole = new Whole(lines);
        var reader = new Drawn(terminal, "rekey");
        reader.setParser(whole);
        reader.setCompletionMatcher(new Names());
        reader.setHistory(new Remembered());
        reader.setVariable(LineReader.HISTORY_FILE, Job.state().resolve("history"));
        reader.setVariable(LineReader.SECONDARY_PROMPT_PATTERN, "%P  -> ");
        reader.setVariable(LineReader.HISTORY_IGNORE, "*--password*:*IDENTIFIED*:*identified*:*\\:\\/\\/*@*");
        reader.option(LineReader.Option.DISABLE_EVENT_EXPANSION, true);
        reader.option(LineReader.Option.HISTORY_TIMESTAMPED, false);
        reader.option(LineReader.Option.CASE_INSENSITIVE, true);
        return new TerminalScreen(terminal, reader, whole);
    }

    /// From now on completes, colours, and suggests in grey what was typed before.
    public void assist(Assistance assistance) {
        whole.assist(assistance);
        reader.setCompleter(assistance);
        if (System.getenv("NO_COLOR") == null && Pager.able(terminal)) reader.setHighlighter(assistance.colours());
        if (Pager.able(terminal)) new AutosuggestionWidgets(reader).enable();
    }

    @Override public boolean interactive() { return true; }

    @Override public int width() {
        try {
            int columns = closed ? 0 : terminal.getSize().getColumns();
            return columns <= 0 ? 80 : columns;
        } catch (IllegalStateException e) {
            return 80;    // closed in this moment
        }
    }

    @Override public int height() {
        return Pager.able(terminal) ? terminal.getSize().getRows() : 0;
    }

    @Override public String read(String prompt) {
        try {
            return reader.readLine(prompt);
        } catch (EndOfFileException e) {
            return null;
        }
    }

    @Override public List<String> history(int lines) {
        var all = new ArrayList<String>();
        reader.getHistory().forEach(e -> all.add(e.line()));
        return all.subList(Math.max(0, all.size() - lines), all.size());
    }

    @Override public PrintWriter out() {
        return out;
    }

    @Override public void page(String text) {
        if (!Pager.pages(terminal, text)) {
            out.println(text);
            out.flush();
        } else page(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Override public void page(InputStream text) {
        try (var _ = pen.pause()) {
            Pager.show(terminal, text);
        }
    }

    /// The session's own thread goes on when it stands there, so that it comes in its place among the answers.
    @Override public void say(String sentence) {
        if (closed) return;
        var text = Words.fitted(sentence, width());
        if (reader.drawsHere()) reader.above(text);
        else if (Thread.currentThread() == session) pen.now(() -> reader.above(text));
        else pen.later(() -> reader.above(text));
    }

    @Override public void status(List<String> lines) {
        var fitting = lines.stream().map(l -> l.length() >= width() ? l.substring(0, width() - 1) : l).toList();
        if (!closed) pen.later(() -> reader.bottom(fitting));
    }

    @Override public boolean ask(String question) {
        try {
            return reader.answer(question + " [y/N] ", null).strip().toLowerCase().startsWith("y");
        } catch (UserInterruptException | EndOfFileException e) {
            return false;
        }
    }

    /// Not kept in the history.
    @Override public String secret(String question) {
        try {
            return reader.answer(question, '*');
        } catch (UserInterruptException | EndOfFileException e) {
            throw new Trouble.Stopped("Nothing was done.");
        }
    }

    @Override public void prompt(String prompt) {
        pen.later(() -> reader.changed(prompt));
    }

    @Override public void onInterrupt(Runnable handler) {
        interrupt = handler;
    }

    @Override public void close() {
        if (closed) return;
        closed = true;
        pen.close();
        reader.over();
        try {
            terminal.close();
        } catch (IOException e) {
            throw new Trouble.Failed("The terminal can't be given back: type 'reset'.", e);
        }
    }
}
