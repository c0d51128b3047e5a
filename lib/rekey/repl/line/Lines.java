package rekey.repl.line;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import rekey.model.Trouble;
import rekey.repl.SqlConsole;

/// Tells commands from SQL. A text that ends in `;` or `\G` is SQL, unless its first word is a command's name and begins no
/// statement; one that begins with a command's name is that command, unless the second word makes a statement of it
/// (`create table`, `explain select`); one that begins like SQL goes on until its end; anything else is taken for a
/// mistyped command.
///
/// @param known whether there is a command of a name
/// @param sql   knows where a statement ends
public record Lines(Predicate<String> known, SqlConsole sql) {
    private static final Set<String> SQL = Set.of("select", "with", "insert", "show", "describe", "desc", "explain", "alter", "create", "drop", "optimize", "system",
            "kill", "set", "use", "truncate", "rename", "exchange", "attach", "detach", "grant", "revoke", "check", "exists", "delete", "update", "from", "values",
            "undrop", "backup", "restore", "watch", "move", "execute", "begin", "commit", "replace");

    /// Commands that are also the first word of a statement, and what follows there.
    private static final Map<String, Pattern> BOTH = Map.of(
            "create", Pattern.compile("(?i)or|table|temporary|view|materialized|database|dictionary|function|user|role|row|quota|settings|profile|named|live|resource|workload|index"),
            "optimize", Pattern.compile("(?i)table"),
            "kill", Pattern.compile("(?i)query|mutation|transaction"),
            "check", Pattern.compile("(?i)table|grant|all|database"),
            "explain", Pattern.compile("(?i)ast|syntax|query|plan|pipeline|estimate|table|current|select|with|insert|\\(.*"),
            "describe", Pattern.compile("(?i)table|\\(.*"),
            "attach", Pattern.compile("(?i)table|view|materialized|database|dictionary"),
            "detach", Pattern.compile("(?i)table|view|materialized|database|dictionary"),
            "use", Pattern.compile("$^"));

    private static final Pattern WATCH = Pattern.compile("(?s)\\\\watch\\s+(\\d{1,6})(ms|s|m)?\\s+(.+)");

    /// First words of statements, in small letters.
    public static Set<String> statements() {
        return SQL;
    }

    public Line of(String text) {
        var stripped = text.strip();
        if (stripped.isEmpty() || stripped.startsWith("#") || comments(stripped)) return new Line.Empty();
        var watch = WATCH.matcher(stripped);
        if (watch.matches()) return new Line.Watch(every(watch.group(1), watch.group(2)), watch.group(3));
        var first = stripped.split("[\\s;(]", 2)[0].toLowerCase();
        boolean ended = sql.whole(stripped);
        if (ended) return command(stripped).orElseGet(() -> new Line.Sql(stripped));
        if (known.test(first) && !statement(first, stripped)) return words(stripped);
        if (SQL.contains(first) || stripped.startsWith("(") || stripped.startsWith("--") || stripped.startsWith("/*")) return new Line.Open(";");
        return words(stripped);
    }

    /// Who has just typed SQL ends a command like that, too: the semicolon means nothing, `\G` a value a line.
    private Optional<Line> command(String text) {
        boolean vertical = text.endsWith("\\G");
        var bare = text.substring(0, text.length() - (vertical ? 2 : 1)).strip();
        var first = bare.split("\\s", 2)[0].toLowerCase();
        return known.test(bare) || known.test(first) && !SQL.contains(first) ? Optional.of(words(vertical ? bare + " -G" : bare)) : Optional.empty();
    }

    /// What is still awaited; nothing where the text is whole, be it wrong.
    Optional<String> awaits(String text) {
        try {
            return of(text) instanceof Line.Open open ? Optional.of(open.awaits()) : Optional.empty();
        } catch (Trouble.Usage wrong) {
            return Optional.empty();
        }
    }

    public boolean whole(String text) {
        return awaits(text).isEmpty();
    }

    /// The single lines and statements of a text that was pasted whole, in their order.
    public List<String> single(String text) {
        var out = new ArrayList<String>();
        var one = new StringBuilder();
        for (var line : text.lines().toList()) {
            one.append(one.isEmpty() ? "" : "\n").append(line);
            if (!whole(one.toString())) continue;
            out.add(one.toString());
            one.setLength(0);
        }
        if (!one.isEmpty()) out.add(one.toString());
        return out;
    }

    private static boolean comments(String text) {
        return text.lines().allMatch(l -> l.isBlank() || l.strip().startsWith("--"));
    }

    private static boolean statement(String first, String text) {
        var rest = text.substring(first.length()).strip();
        var second = rest.split("\\s+", 2)[0];
        return BOTH.containsKey(first) && BOTH.get(first).matcher(second).matches();
    }

    private static Duration every(String n, String unit) {
        long number = Long.parseLong(n);
        return "ms".equals(unit) ? Duration.ofMillis(number) : "m".equals(unit) ? Duration.ofMinutes(number) : Duration.ofSeconds(number);
    }

    /// Words are parted by blanks; quotes of either kind hold a word together, and backticks too, which stay, for they are
    /// part of a table's name.
    private static Line words(String text) {
        var all = new ArrayList<String>();
        var word = new StringBuilder();
        boolean inside = false;
        char quote = 0;
        String file = null;
        boolean append = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                if (c == '\\' && quote != '`' && i + 1 < text.length() && (text.charAt(i + 1) == quote || text.charAt(i + 1) == '\\')) word.append(text.charAt(++i));
                else if (c == quote && quote != '`') quote = 0;
                else {
                    word.append(c);
                    if (c == quote) quote = 0;
                }
            } else if (c == '\'' || c == '"' || c == '`') {
                quote = c;
                inside = true;
                if (c == '`') word.append(c);
            } else if (c == '>' && !inside && file == null) {
                append = i + 1 < text.length() && text.charAt(i + 1) == '>';
                file = text.substring(i + (append ? 2 : 1)).strip();
                if (file.isEmpty()) throw new Trouble.Usage("After > a file is missing: write it as in  parts > parts.txt.");
                break;
            } else if (Character.isWhitespace(c)) {
                if (inside) all.add(word.toString());
                word.setLength(0);
                inside = false;
            } else {
                word.append(c);
                inside = true;
            }
        }
        if (quote != 0) return new Line.Open(String.valueOf(quote));
        if (inside) all.add(word.toString());
        return new Line.Words(List.copyOf(all), file == null ? "" : unquoted(file), append);
    }

    private static String unquoted(String file) {
        return file.length() > 1 && (file.startsWith("'") && file.endsWith("'") || file.startsWith("\"") && file.endsWith("\"")) ? file.substring(1, file.length() - 1) : file;
    }
}
