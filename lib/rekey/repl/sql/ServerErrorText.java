package rekey.repl.sql;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import rekey.clickhouse.ServerError;
import rekey.repl.line.LineParser;
import rekey.repl.line.Statement;
import rekey.repl.line.Token;

/// What the server says of a statement, with the place in it marked:
///
/// ```
/// SELECT 1 FROMM x y z
///                ^
/// ClickHouse says (62): Syntax error at 'x': expected one of FROM, WHERE, ... (SYNTAX_ERROR)
/// ```
final class ServerErrorText {
    /// As many of the tokens that it expected are shown.
    private static final int EXPECTED = 8, UNKNOWN_IDENTIFIER = 47, SYNTAX_ERROR = 62;
    private static final Pattern SECRET = Pattern.compile("(?i)password|secret|access_key|sasl");
    /// A shell's way to name a file, which SQL takes for a comparison.
    private static final Pattern INTO_FILE = Pattern.compile(">\\s*(~?[\\w-]*/[\\w./-]+|[\\w-]+\\.[a-z]{2,4})$");
    private static final Pattern POSITION = Pattern.compile("failed at position (\\d+)");
    private static final Pattern NAMED =
            Pattern.compile("(?:identifier|[Ff]unction|[Tt]able|[Dd]atabase|column|format|setting)\\s+(?:with"
                    + " name\\s+)?[`'\"]?([\\w.]+)[`'\"]?");
    private static final Pattern EXPECTATION = Pattern.compile(
            "(?s)Syntax error: failed at position \\d+ \\(([^)]*)\\)(?: \\(line \\d+, col \\d+\\))?:.*?\\. Expected"
                    + " one of: (.*?)\\. \\(SYNTAX_ERROR\\)");

    private ServerErrorText() {}

    /// Of a statement with a password in it nothing is repeated.
    static ServerError of(ServerError e, Statement statement, LineParser lines) {
        var sentence = shorter(e.getMessage());
        if (statement.word(1).equals("USER")
                || statement.words().stream()
                        .anyMatch(w -> w.is("IDENTIFIED")
                                || w.is("COLLECTION")
                                || SECRET.matcher(w.text()).find())) {
            for (var w : statement.words())
                if (w.kind() == Token.Kind.STRING && w.text().length() > 2)
                    sentence = sentence.replace(w.text(), "'[HIDDEN]'").replace(Statement.unquoted(w), "[HIDDEN]");
            return new ServerError(e.code(), sentence, null);
        }
        var sql = statement.text();
        if (mistyped(statement, e))
            return new ServerError(
                    e.code(),
                    marked(sql, 0) + "\n" + unknown(statement.words().getFirst().text(), lines),
                    e);
        if (INTO_FILE.matcher(sql).find())
            sentence += " To keep the answer in a file write  SELECT ...; > FILE  or INTO OUTFILE 'FILE'.";
        int at = position(e.getMessage(), sql);
        return new ServerError(e.code(), at < 0 ? sentence : marked(sql, at) + "\n" + sentence, e);
    }

    /// Without a SELECT the server takes what it can for an expression: `prats hits` is an unknown `prats` by
    /// another name.
    private static boolean mistyped(Statement statement, ServerError e) {
        var first = statement.words().getFirst();
        return first.kind() == Token.Kind.WORD
                && !LineParser.statements().contains(statement.word(0).toLowerCase(Locale.ROOT))
                && (e.code() == SYNTAX_ERROR
                        || e.code() == UNKNOWN_IDENTIFIER && e.getMessage().contains("`" + first.text() + "`"));
    }

    /// What the server would rather have read is of no use then.
    private static String unknown(String word, LineParser lines) {
        var near = lines.nearestOfAll(word);
        return "No statement begins with '" + word + "', and no command."
                + (near.isEmpty() ? "" : " Did you mean " + String.join(" or ", near) + "?") + " (" + SYNTAX_ERROR
                + ", SYNTAX_ERROR)";
    }

    /// Where in the text; -1 where it can't be told.
    private static int position(String message, String sql) {
        var m = POSITION.matcher(message);
        if (m.find()) return inChars(sql, Integer.parseInt(m.group(1)) - 1);
        var n = NAMED.matcher(message);
        while (n.find()) {
            var name = n.group(1).replaceFirst("^.*\\.(?=[^.]+$)", "");
            var found =
                    Token.of(sql).stream().filter(t -> t.name().equals(name)).findFirst();
            if (found.isPresent()) return found.get().start();
        }
        return -1;
    }

    /// The server counts bytes.
    private static int inChars(String sql, int bytes) {
        var all = sql.getBytes(StandardCharsets.UTF_8);
        return new String(all, 0, Math.max(0, Math.min(bytes, all.length)), StandardCharsets.UTF_8).length();
    }

    /// The line in question, and below it a mark.
    private static String marked(String sql, int at) {
        int begin = sql.lastIndexOf('\n', at - 1) + 1;
        int end = sql.indexOf('\n', at) < 0 ? sql.length() : sql.indexOf('\n', at);
        int from = Math.max(begin, at - 38), to = Math.min(end, at + 38);
        var lead = from > begin ? "…" : "";
        return lead + sql.substring(from, to).replace('\t', ' ') + (to < end ? "…" : "") + "\n"
                + " "
                        .repeat(lead.length()
                                + new org.jline.utils.AttributedString(
                                                sql.substring(from, at).replace('\t', ' '))
                                        .columnLength())
                + "^";
    }

    private static String shorter(String message) {
        var m = EXPECTATION.matcher(message);
        if (!m.find()) return message;
        var expected = List.of(m.group(2).split(", "));
        var shown = String.join(", ", expected.subList(0, Math.min(EXPECTED, expected.size())))
                + (expected.size() > EXPECTED ? ", ..." : "");
        return m.replaceFirst(java.util.regex.Matcher.quoteReplacement("Syntax error at '" + m.group(1) + "': expected "
                + (expected.size() == 1 ? "" : "one of ") + shown + ". (SYNTAX_ERROR)"));
    }
}
