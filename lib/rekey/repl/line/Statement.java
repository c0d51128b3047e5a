package rekey.repl.line;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// One statement of a text, without its end.
///
/// @param text     as typed
/// @param words    its tokens without blanks and comments
/// @param vertical whether it ended in `\G`
public record Statement(String text, List<Token> words, boolean vertical) {
    /// First words of statements that only look, or that change no more than this session.
    private static final Set<String> LOOKING = Set.of(
            "SELECT",
            "WITH",
            "SHOW",
            "DESCRIBE",
            "DESC",
            "EXPLAIN",
            "EXISTS",
            "SET",
            "USE",
            "CHECK",
            "FROM",
            "VALUES",
            "(");

    /// The statements of a text in their order; empty ones are left out.
    ///
    /// The data of an `INSERT ... FORMAT x` go on to the text's end, as they do in clickhouse-client.
    public static List<Statement> of(String text) {
        var out = new ArrayList<Statement>();
        var words = new ArrayList<Token>();
        int start = 0;
        for (var t : Token.of(text)) {
            if (t.start() < start) continue;
            if (t.ends()) {
                add(out, text.substring(start, t.start()), words, t.kind() == Token.Kind.VERTICAL);
                words.clear();
                start = t.end();
            } else if (!t.blank()) {
                words.add(t);
                if (hasData(words)) {
                    var rest = text.substring(start).stripTrailing();
                    add(out, rest.endsWith(";") ? rest.substring(0, rest.length() - 1) : rest, words, false);
                    return out;
                }
            }
        }
        add(out, text.substring(start), words, false);
        return out;
    }

    private static void add(List<Statement> out, String text, List<Token> words, boolean vertical) {
        if (!words.isEmpty()) out.add(new Statement(text.strip(), List.copyOf(words), vertical));
    }

    /// Whether data of another format than Values follow behind the last word.
    private static boolean hasData(List<Token> words) {
        int n = words.size();
        return n > 3
                && words.getFirst().is("INSERT")
                && words.get(n - 2).is("FORMAT")
                && words.get(n - 1).kind() == Token.Kind.WORD
                && !words.get(n - 1).is("Values")
                && words.stream().noneMatch(w -> w.is("SELECT"));
    }

    /// Whether a text ends where a statement ends.
    public static boolean whole(String text) {
        Token last = null;
        for (var t : Token.of(text)) {
            if (t.open()) return false;
            if (!t.blank()) last = t;
        }
        return last != null && last.ends();
    }

    /// In capitals; empty where the statement has no such word.
    public String word(int i) {
        return i < words.size() ? words.get(i).text().toUpperCase(Locale.ROOT) : "";
    }

    /// Whether it may change something that others see.
    public boolean writes() {
        if (word(0).equals("KILL")) return false;
        return !LOOKING.contains(word(0))
                || word(0).equals("WITH") && words.stream().anyMatch(w -> w.is("INSERT"));
    }

    /// The word after one, as an identifier or a string has it; empty where there is none.
    public String after(String first, String second) {
        for (int i = 0; i + 2 < words.size(); i++)
            if (words.get(i).is(first) && words.get(i + 1).is(second)) return unquoted(words.get(i + 2));
        return "";
    }

    /// The format it names; empty where it names none.
    public String format() {
        for (int i = words.size() - 2; i > 0; i--)
            if (words.get(i).is("FORMAT")
                    && words.get(i + 1).kind() == Token.Kind.WORD
                    && !words.get(i - 1).is("(")
                    && !words.get(i - 1).is(",")
                    && !words.get(i - 1).is(".")) return words.get(i + 1).text();
        return "";
    }

    public static String unquoted(Token t) {
        if (t.kind() != Token.Kind.STRING) return t.name();
        var inside = t.text().substring(1, Math.max(1, t.text().length() - 1));
        return inside.replace("\\'", "'").replace("''", "'").replace("\\\\", "\\");
    }
}
