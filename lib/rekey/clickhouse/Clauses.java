package rekey.clickhouse;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads the text that the server itself formatted: `engine_full` and `create_table_query` of `system.tables`, whose
/// clauses stand in one known order. Words inside quotes or parentheses are no clauses.
final class Clauses {
    private static final List<String> WORDS =
            List.of("PARTITION BY", "PRIMARY KEY", "ORDER BY", "UNIQUE KEY", "SAMPLE BY", "TTL", "SETTINGS", "COMMENT");

    private Clauses() {}

    /// The clauses of an engine text by their words; the engine itself under `ENGINE`.
    static Map<String, String> of(String engineFull) {
        return of(engineFull, "ENGINE", WORDS);
    }

    /// The clauses of any text by some words; what stands before the first of them under a name for it.
    static Map<String, String> of(String text, String first, List<String> words) {
        var out = new LinkedHashMap<String, String>();
        var word = first;
        int start = 0;
        for (int i = 0; i < text.length(); i = next(text, i)) {
            if (text.charAt(i) != ' ') continue;
            for (var w : words) {
                if (!text.startsWith(w + " ", i + 1)) continue;
                out.put(word, text.substring(start, i).strip());
                word = w;
                start = i + 1 + w.length();
            }
        }
        out.put(word, text.substring(start).strip());
        return out;
    }

    /// `a = 1, b = 'x'` as a map, values as written.
    static Map<String, String> settings(String text) {
        var out = new LinkedHashMap<String, String>();
        for (var s : split(text)) {
            int eq = s.indexOf('=');
            if (eq > 0) out.put(s.substring(0, eq).strip(), s.substring(eq + 1).strip());
        }
        return out;
    }

    /// What stands in the outermost parentheses of a CREATE TABLE: columns, indices, constraints, projections.
    static String columns(String createQuery) {
        int open = opening(createQuery);
        return createQuery.substring(open + 1, next(createQuery, open) - 1);
    }

    /// What stands behind the columns of a CREATE TABLE: the engine and its clauses.
    static Map<String, String> ofCreate(String createQuery) {
        return of(createQuery.substring(next(createQuery, opening(createQuery))));
    }

    private static int opening(String createQuery) {
        int open = 0;
        while (createQuery.charAt(open) != '(') open = nextQuote(createQuery, open);
        return open;
    }

    /// Without one pair of parentheses around the whole, so that `(a, b)` and `a, b` are one.
    static String unwrapped(String expression) {
        var e = expression.strip();
        while (e.startsWith("(") && next(e, 0) == e.length())
            e = e.substring(1, e.length() - 1).strip();
        return e.equals("tuple()") ? "" : e;
    }

    /// What stands behind a word and the parentheses that may follow it.
    static String behind(String text) {
        int i = 0;
        while (i < text.length() && (Character.isLetterOrDigit(text.charAt(i)) || text.charAt(i) == '_')) i++;
        if (i < text.length() && text.charAt(i) == '(') i = next(text, i);
        return text.substring(i).strip();
    }

    /// The same behind a text in quotes.
    static String behindQuotes(String text) {
        return text.substring(nextQuote(text, 0)).strip();
    }

    /// The same without the word by which the server writes a sorting key with directions: `tuple(a, b DESC)`.
    static String untupled(String key) {
        var e = unwrapped(key);
        return e.startsWith("tuple(") && next(e, 5) == e.length() ? unwrapped(e.substring(5)) : e;
    }

    /// The pieces between top-level commas.
    static List<String> split(String text) {
        var out = new ArrayList<String>();
        int start = 0;
        for (int i = 0; i < text.length(); i = next(text, i))
            if (text.charAt(i) == ',') {
                out.add(text.substring(start, i).strip());
                start = i + 1;
            }
        if (!text.substring(start).isBlank()) out.add(text.substring(start).strip());
        return out;
    }

    /// The place after the character at i, or after the quotes or parentheses that open there.
    private static int next(String s, int i) {
        if (s.charAt(i) != '(') return nextQuote(s, i);
        int depth = 0;
        for (int k = i; k < s.length(); k = nextQuote(s, k)) {
            if (s.charAt(k) == '(') depth++;
            if (s.charAt(k) == ')' && --depth == 0) return k + 1;
        }
        return s.length();
    }

    private static int nextQuote(String s, int i) {
        char quote = s.charAt(i);
        if (quote != '\'' && quote != '`' && quote != '"') return i + 1;
        for (int k = i + 1; k < s.length(); k++) {
            if (s.charAt(k) == '\\') k++;
            else if (s.charAt(k) == quote) return k + 1;
        }
        return s.length();
    }
}
