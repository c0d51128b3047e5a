package rekey.repl.screen;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jline.builtins.Less;
import org.jline.builtins.Source;
import org.jline.reader.Completer;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.CompletionMatcher;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.Highlighter;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.history.DefaultHistory;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.Status;
import org.jline.widget.AutosuggestionWidgets;
import rekey.cli.Job;
import rekey.model.Trouble;
import rekey.repl.line.LineParser;
import rekey.run.DrawingThread;
import rekey.sheet.Secrets;
import rekey.sheet.TextWidth;

/// A terminal with a person before it, by JLine.
public final class TerminalScreen implements Screen {
    private final Terminal terminal;
    private final PromptDisplay reader;
    private final Whole whole;
    private final PrintWriter out;
    private final DrawingThread pen = new DrawingThread();
    private final Thread session = Thread.currentThread();
    private volatile Runnable interrupt = () -> {};
    private volatile boolean closed;

    private TerminalScreen(Terminal terminal, PromptDisplay reader, Whole whole) {
        this.whole = whole;
        this.terminal = terminal;
        this.reader = reader;
        out = new PrintWriter(reader.output());
        terminal.handle(Terminal.Signal.INT, s -> interrupt.run());
        // else the terminal throws away at a Ctrl-C what was typed ahead
        var attributes = terminal.getAttributes();
        attributes.setLocalFlag(Attributes.LocalFlag.NOFLSH, true);
        terminal.setAttributes(attributes);
    }

    public static TerminalScreen open(LineParser lines) {
        try {
            return on(TerminalBuilder.builder().system(true).dumb(true).build(), lines);
        } catch (IOException e) {
            throw new Trouble.Failed(
                    "The terminal can't be used (" + e.getMessage() + "): set TERM, or pipe the commands in.", e);
        }
    }

    /// On any terminal; the session is this thread's.
    public static TerminalScreen on(Terminal terminal, LineParser lines) {
        var whole = new Whole(lines);
        var reader = new PromptDisplay(terminal, "rekey");
        reader.setParser(whole);
        reader.setHistory(new Remembered());
        reader.setVariable(LineReader.HISTORY_FILE, Job.state().resolve("history"));
        reader.setVariable(LineReader.SECONDARY_PROMPT_PATTERN, "%P  -> ");
        reader.setVariable(LineReader.HISTORY_IGNORE, "*--password*:*IDENTIFIED*:*identified*:*\\:\\/\\/*@*");
        reader.option(LineReader.Option.DISABLE_EVENT_EXPANSION, true);
        reader.option(LineReader.Option.HISTORY_TIMESTAMPED, false);
        reader.option(LineReader.Option.CASE_INSENSITIVE, true);
        return new TerminalScreen(terminal, reader, whole);
    }

    /// Help while one types.
    ///
    /// @param parted cuts a line for completion, at the cursor's place
    public record Assistance(
            Completer completer,
            CompletionMatcher matcher,
            Highlighter colours,
            BiFunction<String, Integer, CompletingParsedLine> parted) {}

    /// From now on completes, colours, and suggests in grey what was typed before.
    public void assist(Assistance assistance) {
        whole.assistance = assistance;
        reader.setCompletionMatcher(assistance.matcher);
        reader.setCompleter(assistance.completer);
        if (System.getenv("NO_COLOR") == null && able(terminal)) reader.setHighlighter(assistance.colours);
        if (able(terminal)) new AutosuggestionWidgets(reader).enable();
    }

    @Override
    public boolean interactive() {
        return true;
    }

    @Override
    public int width() {
        try {
            int columns = closed ? 0 : terminal.getSize().getColumns();
            return columns <= 0 ? 80 : columns;
        } catch (IllegalStateException e) {
            return 80; // closed in this moment
        }
    }

    @Override
    public int height() {
        return able(terminal) ? terminal.getSize().getRows() : 0;
    }

    @Override
    public String read(String prompt) {
        try {
            return reader.line(prompt);
        } catch (EndOfFileException e) {
            return null;
        }
    }

    @Override
    public List<String> history(int lines) {
        var all = new ArrayList<String>();
        reader.getHistory().forEach(e -> all.add(e.line()));
        return all.subList(Math.max(0, all.size() - lines), all.size());
    }

    @Override
    public PrintWriter out() {
        return out;
    }

    @Override
    public void page(String text) {
        if (!pages(terminal, text)) {
            out.println(text);
            out.flush();
        } else page(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void page(InputStream text) {
        try (var _ = pen.pause()) {
            show(terminal, text);
        }
    }

    /// The session's own thread goes on when it stands there, so that it comes in its place among the answers.
    @Override
    public void say(String sentence) {
        if (closed) return;
        var text = TextWidth.fitted(sentence, width());
        if (reader.drawsHere()) reader.above(text);
        else if (Thread.currentThread() == session) pen.now(() -> reader.above(text));
        else pen.later(() -> reader.above(text));
    }

    @Override
    public void status(List<String> lines) {
        var fitting = lines.stream().map(l -> fitting(l, width() - 1)).toList();
        if (!closed) pen.later(() -> reader.bottom(fitting));
    }

    /// As many of its fields as have room, each whole: what matters most comes first. Two blanks stand between
    /// fields.
    static String fitting(String line, int width) {
        var out = line;
        for (int end = out.lastIndexOf("  "); out.length() > width && end > 0; end = out.lastIndexOf("  "))
            out = out.substring(0, end).stripTrailing();
        return out.length() > width ? out.substring(0, Math.max(0, width)) : out;
    }

    @Override
    public boolean ask(String question) {
        try {
            return reader.answer(question + " [y/N] ", null)
                    .strip()
                    .toLowerCase()
                    .startsWith("y");
        } catch (UserInterruptException | EndOfFileException e) {
            return false;
        }
    }

    /// Not kept in the history.
    @Override
    public String secret(String question) {
        try {
            return reader.answer(question, '*');
        } catch (UserInterruptException | EndOfFileException e) {
            throw new Trouble.Stopped("Nothing was done.");
        }
    }

    @Override
    public void prompt(String prompt) {
        pen.later(() -> reader.changed(prompt));
    }

    @Override
    public void onInterrupt(Runnable handler) {
        interrupt = handler;
    }

    @Override
    public void close() {
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

    // --- a page at a time ---

    /// Whether a text is too long for the screen, and the terminal can do more than print lines.
    private static boolean pages(Terminal terminal, String text) {
        return able(terminal) && text.lines().count() >= terminal.getSize().getRows();
    }

    /// Whether it can move a cursor.
    static boolean able(Terminal terminal) {
        return terminal.getSize().getRows() > 4 && !terminal.getType().startsWith(Terminal.TYPE_DUMB);
    }

    /// Shows a text a page at a time, as `less -S` does: arrows move, also to the sides, `/` searches, `q` leaves.
    /// Reads on as the person does, and no further. The lines at the bottom are away meanwhile.
    private static void show(Terminal terminal, InputStream text) {
        var less = new Less(terminal, Path.of("").toAbsolutePath());
        less.chopLongLines = true;
        var status = Status.getStatus(terminal, false);
        Attributes before = terminal.getAttributes();
        if (status != null) status.suspend();
        try {
            less.run(new Source.InputStreamSource(text, true, "answer: q leaves, h helps"));
        } catch (IOException e) {
            throw new Trouble.Failed("The answer could not be read to its end: " + e.getMessage() + ".", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            terminal.setAttributes(before);
            if (status != null) status.restore();
        }
    }

    /// A line goes on until its end has been typed.
    private static final class Whole extends DefaultParser {
        private final LineParser lines;
        private volatile Assistance assistance;

        Whole(LineParser lines) {
            this.lines = lines;
            setEscapeChars(null);
            setQuoteChars(new char[] {'\'', '"'});
            setEofOnUnclosedQuote(false);
        }

        @Override
        public ParsedLine parse(String line, int cursor, ParseContext context) {
            if (context == ParseContext.ACCEPT_LINE)
                lines.awaits(line).ifPresent(awaited -> {
                    throw new EOFError(-1, -1, "more is to come", awaited);
                });
            return context == ParseContext.COMPLETE && assistance != null
                    ? assistance.parted.apply(line, cursor)
                    : super.parse(line, cursor, context);
        }
    }

    /// The lines typed, but for those with a password in them.
    private static final class Remembered extends DefaultHistory {
        @Override
        public void add(Instant time, String line) {
            if (Secrets.untold(line).equals(line)) super.add(time, line);
        }
    }
}
