package rekey.repl.line;

import org.jline.reader.EOFError;
import org.jline.reader.ParsedLine;
import org.jline.reader.impl.DefaultParser;

/// A line goes on until its end has been typed.
public final class Whole extends DefaultParser {
    private final Lines lines;
    private volatile Assistance assistance;

    public Whole(Lines lines) {
        this.lines = lines;
        setEscapeChars(null);
        setQuoteChars(new char[] {'\'', '"'});
        setEofOnUnclosedQuote(false);
    }

    /// From now on words to complete are parted by it.
    public void assist(Assistance by) {
        assistance = by;
    }

    @Override public ParsedLine parse(String line, int cursor, ParseContext context) {
        if (context == ParseContext.ACCEPT_LINE) lines.awaits(line).ifPresent(awaited -> { throw new EOFError(-1, -1, "more is to come", awaited); });
        return context == ParseContext.COMPLETE && assistance != null ? assistance.typed(line, cursor) : super.parse(line, cursor, context);
    }
}
