package rekey.repl.sql;

import java.util.regex.Pattern;
import org.jline.reader.Highlighter;
import org.jline.reader.LineReader;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;
import rekey.repl.line.Token;

/// Colours SQL as it is typed, in colours that are legible on light and dark. It never waits for the server.
public final class Colours implements Highlighter {
    private static final AttributedStyle PLAIN = AttributedStyle.DEFAULT,
            KEYWORD = PLAIN.foreground(AttributedStyle.BLUE).bold(),
            FUNCTION = PLAIN.foreground(AttributedStyle.CYAN),
            STRING = PLAIN.foreground(AttributedStyle.GREEN),
            NUMBER = PLAIN.foreground(AttributedStyle.MAGENTA),
            QUOTED = PLAIN.foreground(AttributedStyle.YELLOW),
            COMMENT = PLAIN.foreground(AttributedStyle.BLACK + AttributedStyle.BRIGHT),
            OPEN = PLAIN.foreground(AttributedStyle.RED);

    private final Vocabulary words;
    private final java.util.function.Predicate<String> command;

    /// @param command whether a line is a command and no SQL
    public Colours(Vocabulary words, java.util.function.Predicate<String> command) {
        this.words = words;
        this.command = command;
    }

    @Override
    public AttributedString highlight(LineReader reader, String buffer) {
        if (command.test(buffer)) return first(buffer);
        var out = new AttributedStringBuilder();
        var tokens = Token.of(buffer);
        for (int i = 0; i < tokens.size(); i++)
            out.styled(
                    style(tokens.get(i), i + 1 < tokens.size() ? tokens.get(i + 1) : null),
                    tokens.get(i).text());
        return out.toAttributedString();
    }

    /// A command's name.
    private static AttributedString first(String buffer) {
        int from = buffer.length() - buffer.stripLeading().length();
        int end = from;
        while (end < buffer.length() && !Character.isWhitespace(buffer.charAt(end))) end++;
        return new AttributedStringBuilder()
                .append(buffer.substring(0, from))
                .styled(KEYWORD, buffer.substring(from, end))
                .append(buffer.substring(end))
                .toAttributedString();
    }

    private AttributedStyle style(Token t, Token next) {
        if (t.open()) return OPEN;
        return switch (t.kind()) {
            case COMMENT -> COMMENT;
            case STRING -> STRING;
            case NUMBER -> NUMBER;
            case QUOTED -> QUOTED;
            case WORD ->
                next != null && next.is("(") && words.function(t.text())
                        ? FUNCTION
                        : words.keyword(t.text()) ? KEYWORD : PLAIN;
            case SPACE, OPERATOR, END, VERTICAL -> PLAIN;
        };
    }

    @Override
    public void setErrorPattern(Pattern pattern) {}

    @Override
    public void setErrorIndex(int index) {}
}
