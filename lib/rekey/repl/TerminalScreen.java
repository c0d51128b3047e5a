package rekey.repl;

import java.io.IOException;
import java.io.PrintWriter;
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
import rekey.cli.Job;
import rekey.model.Trouble;

/// A terminal with a person before it, by JLine.
public final class TerminalScreen implements Screen {
    private final Terminal terminal;
    private final LineReaderImpl reader;
    private volatile Runnable interrupt = () -> { };
    private volatile boolean asking;

    private TerminalScreen(Terminal terminal, LineReaderImpl reader) {
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
        var reader = LineReaderBuilder.builder().terminal(terminal).appName("rekey")
                .parser(new Whole(lines))
                .variable(LineReader.HISTORY_FILE, Job.state().resolve("history"))
                .variable(LineReader.SECONDARY_PROMPT_PATTERN, "%P  -> ")
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .variable(LineReader.HISTORY_IGNORE, "*--password*:*IDENTIFIED*:*identified*:*\\:\\/\\/*@*")
                .option(LineReader.Option.HISTORY_TIMESTAMPED, false)
                .build();
        return new TerminalScreen(terminal, (LineReaderImpl) reader);
    }

    /// A line goes on until its end has been typed.
    private static final class Whole extends DefaultParser {
        private final Lines lines;

        Whole(Lines lines) {
            this.lines = lines;
            setEscapeChars(null);
            setQuoteChars(new char[] {'\'', '"'});
            setEofOnUnclosedQuote(false);
        }

        @Override public org.jline.reader.ParsedLine parse(String line, int cursor, Parser.ParseContext context) {
            if (context == ParseContext.ACCEPT_LINE && lines.of(line) instanceof Line.Open open) throw new EOFError(-1, -1, "more is to come", open.awaits());
            return super.parse(line, cursor, context);
        }
    }

    @Override public boolean interactive() { return true; }

    @Override public int width() {
        return terminal.getSize().getColumns() <= 0 ? 80 : terminal.getSize().getColumns();
    }

    @Override public int height() {
        return terminal.getSize().getRows();
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
        } else Pager.show(terminal, new java.io.ByteArrayInputStream(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    @Override public void say(String text) {
        if (reader.isReading()) reader.printAbove(text);
        else {
            terminal.writer().println(text);
            terminal.flush();
        }
    }

    @Override public void status(List<String> lines) {
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

    @Override public void prompt(String prompt) {
        if (!reader.isReading() || asking) return;
        reader.setPrompt(prompt);
        reader.callWidget(LineReader.REDISPLAY);
    }

    @Override public void onInterrupt(Runnable handler) {
        interrupt = handler;
    }

    @Override public void close() {
        try {
            terminal.close();
        } catch (IOException e) {
            throw new Trouble.Failed("The terminal can't be given back: type 'reset'.", e);
        }
    }
}
