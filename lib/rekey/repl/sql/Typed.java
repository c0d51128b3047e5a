package rekey.repl.sql;

import java.util.List;
import java.util.regex.Pattern;
import org.jline.reader.CompletingParsedLine;

/// What has been typed, as completion sees it: the word is the name that has been begun before the cursor, or an option
/// with its dashes; behind a dot only what follows it.
///
/// @param word   before and behind the cursor
/// @param cursor in the line
/// @param inside the cursor within the word
public record Typed(String line, int cursor, String word, int inside) implements CompletingParsedLine {
    private static final Pattern SQL = Pattern.compile("`[^`]*$|[\\p{L}\\p{N}_$]+$"), COMMAND = Pattern.compile("\\S+$"), REST = Pattern.compile("^[\\p{L}\\p{N}_$]*");

    /// @param command whether the line is a command: its words are parted by blanks alone
    public static Typed of(String line, int cursor, boolean command) {
        var before = (command ? COMMAND : SQL).matcher(line.substring(0, cursor));
        var begun = before.find() ? before.group() : "";
        var rest = REST.matcher(line.substring(cursor));
        var behind = rest.find() ? rest.group() : "";
        return new Typed(line, cursor, begun + behind, begun.length());
    }

    @Override public int wordCursor() { return inside; }

    @Override public int wordIndex() { return words().size() - 1; }

    /// The words before the one that has been begun, and that one.
    @Override public List<String> words() {
        var all = new java.util.ArrayList<>(List.of(line.substring(0, cursor - inside).strip().split("\\s+")));
        all.removeIf(String::isEmpty);
        all.add(word);
        return all;
    }

    /// Names come quoted where they need it.
    @Override public CharSequence escape(CharSequence candidate, boolean complete) { return candidate; }

    @Override public int rawWordCursor() { return inside; }

    @Override public int rawWordLength() { return word.length(); }
}
