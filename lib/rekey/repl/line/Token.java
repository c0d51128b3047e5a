package rekey.repl.line;

import java.util.ArrayList;
import java.util.List;

/// A piece of SQL as ClickHouse's lexer cuts it.
///
/// @param start its place in the text
/// @param end   the place behind it
/// @param open  whether its end is missing: a quote, a comment or a heredoc that is not closed
public record Token(Kind kind, String text, int start, int end, boolean open) {

    /// END is `;`, VERTICAL `\G`. QUOTED is an identifier in backticks or double quotes.
    public enum Kind {
        SPACE,
        COMMENT,
        WORD,
        QUOTED,
        STRING,
        NUMBER,
        OPERATOR,
        END,
        VERTICAL
    }

    public boolean is(String word) {
        return (kind == Kind.WORD || kind == Kind.OPERATOR) && text.equalsIgnoreCase(word);
    }

    public boolean blank() {
        return kind == Kind.SPACE || kind == Kind.COMMENT;
    }

    public boolean ends() {
        return kind == Kind.END || kind == Kind.VERTICAL;
    }

    /// An identifier as it is stored: without quotes.
    public String name() {
        if (kind != Kind.QUOTED) return text;
        var inside = text.substring(1, open ? text.length() : text.length() - 1);
        var q = text.substring(0, 1);
        return inside.replace("\\" + q, q).replace(q + q, q).replace("\\\\", "\\");
    }

    /// All tokens of a text, blanks and comments among them: put together they are the text.
    public static List<Token> of(String text) {
        var out = new ArrayList<Token>();
        for (int i = 0; i < text.length(); ) {
            var t = at(text, i);
            out.add(t);
            i = t.end;
        }
        return out;
    }

    private static Token at(String s, int i) {
        char c = s.charAt(i);
        if (Character.isWhitespace(c)) return run(Kind.SPACE, s, i, Character::isWhitespace);
        if (s.startsWith("--", i)
                || c == '#' && i + 1 < s.length() && (s.charAt(i + 1) == ' ' || s.charAt(i + 1) == '!'))
            return comment(s, i, "\n");
        if (s.startsWith("/*", i)) return comment(s, i, "*/");
        if (c == '\'') return quoted(Kind.STRING, s, i);
        if (c == '`' || c == '"') return quoted(Kind.QUOTED, s, i);
        if (c == '$') return heredoc(s, i);
        if (s.startsWith("\\G", i)) return token(Kind.VERTICAL, s, i, i + 2, false);
        if (c == ';') return token(Kind.END, s, i, i + 1, false);
        if (Character.isDigit(c))
            return run(Kind.NUMBER, s, i, d -> Character.isLetterOrDigit(d) || d == '.' || d == '_');
        if (Character.isLetter(c) || c == '_') return run(Kind.WORD, s, i, Token::inWord);
        return token(Kind.OPERATOR, s, i, i + Character.charCount(s.codePointAt(i)), false);
    }

    private static boolean inWord(int c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '$';
    }

    private static Token run(Kind kind, String s, int i, java.util.function.IntPredicate in) {
        int end = i + 1;
        while (end < s.length() && in.test(s.charAt(end))) end++;
        return token(kind, s, i, end, false);
    }

    /// A comment to the line's end is closed by the text's end, too.
    private static Token comment(String s, int i, String closing) {
        int end = s.indexOf(closing, i + 2);
        if (closing.equals("\n")) return token(Kind.COMMENT, s, i, end < 0 ? s.length() : end, false);
        return end < 0 ? token(Kind.COMMENT, s, i, s.length(), true) : token(Kind.COMMENT, s, i, end + 2, false);
    }

    /// Within quotes a backslash takes the next character, and the quote doubled is one.
    private static Token quoted(Kind kind, String s, int i) {
        char quote = s.charAt(i);
        for (int k = i + 1; k < s.length(); k++) {
            if (s.charAt(k) == '\\') k++;
            else if (s.charAt(k) == quote) {
                if (k + 1 < s.length() && s.charAt(k + 1) == quote) k++;
                else return token(kind, s, i, k + 1, false);
            }
        }
        return token(kind, s, i, s.length(), true);
    }

    /// `$tag$ ... $tag$`.
    private static Token heredoc(String s, int i) {
        int k = i + 1;
        while (k < s.length() && (Character.isLetterOrDigit(s.charAt(k)) || s.charAt(k) == '_')) k++;
        if (k >= s.length() || s.charAt(k) != '$') return token(Kind.OPERATOR, s, i, i + 1, false);
        var tag = s.substring(i, k + 1);
        int end = s.indexOf(tag, k + 1);
        return end < 0
                ? token(Kind.STRING, s, i, s.length(), true)
                : token(Kind.STRING, s, i, end + tag.length(), false);
    }

    private static Token token(Kind kind, String s, int start, int end, boolean open) {
        return new Token(kind, s.substring(start, end), start, end, open);
    }
}
