package rekey.repl;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.Parser;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.LineReaderImpl;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.Status;
import org.jline.widget.AutosuggestionWidgets;
import rekey.cli.Job;
import rekey.model.Trouble;
import rekey.repl.sql.Names;
import rekey.sheet.Words;

/// A terminal with a person before it, by JLine.
public final class TerminalScreen implements Screen {
    private final Terminal terminal;
    private final LineReaderImpl reader;
    private final Whole whole;
    private volatile Runnable interrupt = () -> { };
    private volatile boolean asking;
    private volatile boolean closed;

    private TerminalScreen(Terminal terminal, LineReaderImpl reader, Whole whole) {
        this.whole = whole;
        this.terminal = terminal;
        this.reader = reader;
        terminal.handle(Terminal.Signal.INT, s -> interrupt.run());
    }

    static TerminalScreen open(Lines lines) {
        try {
            return on(TerminalBuilder.builder().system(true).dumb(true).build(), lines);
        } catch (IOException e) {
            throw new Trouble.Failed("The terminal can't be used (" + e.getMessage() + "): set TERM, or pipe the commands in.", e);
        }
    }

    /// On any terminal. Here a completer, a highlighter and suggestions are set.
    static TerminalScreen on(Terminal terminal, Lines lines) {
        var whole = new Whole(lines);
        var reader = LineReaderBuilder.builder().terminal(terminal).appName("rekey")
                .parser(whole)
                .completionMatcher(new Names())
                .variable(LineReader.HISTORY_FILE, Job.state().resolve("history"))
                .variable(LineReader.SECONDARY_PROMPT_PATTERN, "%P  -> ")
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .variable(LineReader.HISTORY_IGNORE, "*--password*:*IDENTIFIED*:*identified*:*\\:\\/\\/*@*")
                .option(LineReader.Option.HISTORY_TIMESTAMPED, false)
                .option(LineReader.Option.CASE_INSENSITIVE, true)
                .build();
        return new TerminalScreen(terminal, (LineReaderImpl) reader, whole);
    }

    /// A line goes on until its end has been typed.
    private static final class Whole extends DefaultParser {
        private final Lines lines;
        private volatile Assistance assistance;

        Whole(Lines lines) {
            this.lines = lines;
            setEscapeChars(null);
            setQuoteChars(new char[] {'\'', '"'});
            setEofOnUnclosedQuote(false);
        }

        @Override public org.jline.reader.ParsedLine parse(String line, int cursor, Parser.ParseContext context) {
            if (context == ParseContext.ACCEPT_LINE) lines.awaits(line).ifPresent(awaited -> { throw new EOFError(-1, -1, "more is to come", awaited); });
            return context == ParseContext.COMPLETE && assistance != null ? assistance.typed(line, cursor) : super.parse(line, cursor, context);
        }
    }

    /// From now on completes, colours, and suggests in grey what was typed before.
    void assist(Assistance assistance) {
        whole.assistance = assistance;
        reader.setCompleter(assistance);
        if (System.getenv("NO_COLOR") == null && Pager.able(terminal)) reader.setHighlighter(assistance.colours());
        if (Pager.able(terminal)) new AutosuggestionWidgets(reader).enable();
    }

    @Override public boolean interactive() { return true; }

    /// Without the lock: the reader may ask in the middle of a key, while another thread that has it waits for the reader.
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
        var all = new java.util.ArrayList<String>();
        reader.getHistory().forEach(e -> all.add(e.line()));
        return all.subList(Math.max(0, all.size() - lines), all.size());
    }

    @Override public PrintWriter out() {
        return terminal.writer();
    }

    @Override public void page(String text) {
        if (!Pager.pages(terminal, text)) {
            terminal.writer().println(text);
            terminal.flush();
        } else page(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Override public void page(InputStream text) {
        Pager.show(terminal, text);
    }

    @Override public synchronized void say(String sentence) {
        if (closed) return;
        var text = Words.fitted(sentence, width());
        if (reader.isReading()) reader.printAbove(text);
        else {
            terminal.writer().println(text);
            terminal.flush();
        }
    }

    @Override public synchronized void status(List<String> lines) {
        if (closed) return;
        var status = Status.getStatus(terminal);
        if (status == null) return;
        status.update(lines.stream().map(l -> new AttributedString(l.length() >= width() ? l.substring(0, width() - 1) : l)).toList());
    }

    @Override public boolean ask(String question) {
        asking = true;
        try {
            reader.setVariable(LineReader.DISABLE_HISTORY, true);
            return reader.readLine(question + " [y/N] ").strip().toLowerCase().startsWith("y");
        } catch (UserInterruptException | EndOfFileException e) {
            return false;
        } finally {
            reader.setVariable(LineReader.DISABLE_HISTORY, false);
            asking = false;
        }
    }

    /// Not kept in the history.
    @Override public String secret(String question) {
        asking = true;
        try {
            reader.setVariable(LineReader.DISABLE_HISTORY, true);
            return reader.readLine(question, '*');
        } catch (UserInterruptException | EndOfFileException e) {
            throw new Trouble.Stopped("Nothing was done.");
        } finally {
            reader.setVariable(LineReader.DISABLE_HISTORY, false);
            asking = false;
        }
    }

    /// Of a thread that may come when the session is over.
    @Override public synchronized void prompt(String prompt) {
        if (closed || !reader.isReading() || asking) return;
        reader.setPrompt(prompt);
        reader.callWidget(LineReader.REDISPLAY);
    }

    @Override public void onInterrupt(Runnable handler) {
        interrupt = handler;
    }

    @Override public synchronized void close() {
        closed = true;
        try {
            terminal.close();
        } catch (IOException e) {
            throw new Trouble.Failed("The terminal can't be given back: type 'reset'.", e);
        }
    }
}
