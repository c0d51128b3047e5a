package rekey.repl.line;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import rekey.cli.text.NearestWord;
import rekey.model.Trouble;

/// Tells commands from SQL. A text that ends in `;` or `\G` is SQL, unless its first word is a command's name and
/// begins no statement; one that begins with a command's name is that command, unless the second word makes a
/// statement of it (`create table`, `explain select`); one that begins like SQL goes on until its end; anything else
/// is taken for a mistyped command.
///
/// @param commands the names of all
public record LineParser(Collection<String> commands) {
    private static final Set<String> SQL = Set.of(
            "select",
            "with",
            "insert",
            "show",
            "describe",
            "desc",
            "explain",
            "alter",
            "create",
            "drop",
            "optimize",
            "system",
            "kill",
            "set",
            "use",
            "truncate",
            "rename",
            "exchange",
            "attach",
            "detach",
            "grant",
            "revoke",
            "check",
            "exists",
            "delete",
            "update",
            "from",
            "values",
            "undrop",
            "backup",
            "restore",
            "watch",
            "move",
            "execute",
            "begin",
            "commit",
            "replace");

    /// Commands that are also the first word of a statement, and what follows there.
    private static final Map<String, Pattern> BOTH = Map.of(
            "create",
                    Pattern.compile(
                            "(?i)or|table|temporary|view|materialized|database|dictionary|function|user|role|row|"
                                    + "quota|settings|profile|named|live|resource|workload|index"),
            "optimize", Pattern.compile("(?i)table"),
            "kill", Pattern.compile("(?i)query|mutation|transaction"),
            "check", Pattern.compile("(?i)table|grant|all|database"),
            "explain",
                    Pattern.compile(
                            "(?i)ast|syntax|query|plan|pipeline|estimate|table|current|select|with|insert|\\(.*"),
            "describe", Pattern.compile("(?i)table|\\(.*"),
            "attach", Pattern.compile("(?i)table|view|materialized|database|dictionary"),
            "detach", Pattern.compile("(?i)table|view|materialized|database|dictionary"),
            "use", Pattern.compile("$^"));

    private static final Duration EVERY = Duration.ofSeconds(2);

    private static final Pattern WATCH = Pattern.compile("(?s)\\\\watch\\s+(\\d{1,6})(ms|s|m)?\\s+(.+)");

    /// What may stand behind a statement's end.
    private static final Pattern INTO = Pattern.compile("(>>?)\\s*([^\\n]*)"),
            AGAIN = Pattern.compile("\\\\watch(?:\\s+(\\d{1,6})(ms|s|m)?)?");

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
        var behind = behind(stripped);
        if (behind.isPresent()) return behind.get();
        boolean ended = Statement.whole(stripped);
        if (ended) return command(stripped).orElseGet(() -> new Line.Sql(stripped));
        if (commands.contains(first) && !statement(first, stripped)) return words(stripped);
        if (SQL.contains(first) || stripped.startsWith("(") || stripped.startsWith("--") || stripped.startsWith("/*"))
            return new Line.Open(";");
        return words(stripped);
    }

    /// `SELECT 1; > file` and `SELECT 1; \watch 2`, as psql has them; a semicolon behind that means nothing.
    private Optional<Line> behind(String text) {
        for (var end : Token.of(text).stream().filter(Token::ends).toList().reversed()) {
            var found = behind(
                    text.substring(0, end.end()),
                    text.substring(end.end()).replaceFirst(";\\s*$", "").strip());
            if (found.isPresent()) return found;
        }
        return Optional.empty();
    }

    private Optional<Line> behind(String line, String rest) {
        var again = AGAIN.matcher(rest);
        if (again.matches())
            return Optional.of(
                    new Line.Watch(again.group(1) == null ? EVERY : every(again.group(1), again.group(2)), line));
        var into = INTO.matcher(rest);
        if (!into.matches()) return Optional.empty();
        if (into.group(2).isBlank()) throw noFile();
        var file = unquoted(into.group(2).strip());
        boolean append = into.group(1).length() == 2;
        return Optional.of(
                switch (of(line)) {
                    case Line.Sql s -> new Line.Sql(s.text(), file, append);
                    case Line.Words w -> new Line.Words(w.words(), file, append);
                    case Line other -> other;
                });
    }

    private static Trouble.Usage noFile() {
        return new Trouble.Usage("After > a file is missing: write it as in  parts > parts.txt.");
    }

    /// Who has just typed SQL ends a command like that, too: the semicolon means nothing, `\G` a value a line.
    private Optional<Line> command(String text) {
        boolean vertical = text.endsWith("\\G");
        var bare = text.substring(0, text.length() - (vertical ? 2 : 1)).strip();
        var first = bare.split("\\s", 2)[0].toLowerCase();
        return commands.contains(bare) || commands.contains(first) && !SQL.contains(first)
                ? Optional.of(words(vertical ? bare + " -G" : bare))
                : Optional.empty();
    }

    /// Commands' names that are a few keystrokes apart from a word, the nearest first.
    public List<String> nearest(String word) {
        return NearestWord.of(word, commands.stream());
    }

    /// The same, first words of statements among them.
    public List<String> nearestOfAll(String word) {
        return NearestWord.of(word, Stream.concat(SQL.stream(), commands.stream()));
    }

    /// What is still awaited; nothing where the text is whole, be it wrong.
    public Optional<String> awaits(String text) {
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
        return "ms".equals(unit)
                ? Duration.ofMillis(number)
                : "m".equals(unit) ? Duration.ofMinutes(number) : Duration.ofSeconds(number);
    }

    /// Words are parted by blanks; quotes of either kind hold a word together, and backticks too, which stay, for
    /// they are part of a table's name.
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
                if (c == '\\'
                        && quote != '`'
                        && i + 1 < text.length()
                        && (text.charAt(i + 1) == quote || text.charAt(i + 1) == '\\')) word.append(text.charAt(++i));
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
                if (file.isEmpty()) throw noFile();
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
        return file.length() > 1
                        && (file.startsWith("'") && file.endsWith("'") || file.startsWith("\"") && file.endsWith("\""))
                ? file.substring(1, file.length() - 1)
                : file;
    }
}
