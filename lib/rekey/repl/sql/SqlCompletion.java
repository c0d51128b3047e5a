package rekey.repl.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import rekey.model.TableName;
import rekey.repl.line.Token;

/// Completes SQL by the place in the statement: tables after FROM, columns of the tables that the statement names,
/// partitions, settings, formats, functions, keywords.
public final class SqlCompletion implements Completer {
    private static final List<String> CLAUSES = List.of(
            "FROM",
            "WHERE",
            "PREWHERE",
            "GROUP BY",
            "ORDER BY",
            "HAVING",
            "LIMIT",
            "SETTINGS",
            "FORMAT",
            "AS",
            "AND",
            "JOIN",
            "UNION ALL",
            "FINAL",
            "SAMPLE");

    private final Vocabulary words;
    private final Supplier<String> database;

    /// @param database of bare names
    public SqlCompletion(Vocabulary words, Supplier<String> database) {
        this.words = words;
        this.database = database;
    }

    @Override
    public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
        var place = CursorPlace.of(line.line(), line.cursor(), database.get());
        if (!place.qualifier().isEmpty()) behindADot(place, candidates);
        else if (place.last(1).equals("FORMAT")) add(candidates, words.formats(), "formats", " ");
        else if (place.last(1).equals("USE") || place.last(1).equals("DATABASE"))
            names(candidates, words.databases(), "databases", " ");
        else if (place.last(1).equals("=") && place.last(2).equals("ENGINE"))
            add(candidates, words.engines(), "engines", "");
        else if (place.last(1).equals("PARTITION")
                || place.last(1).equals("ID") && place.last(2).equals("PARTITION")) partitions(place, candidates);
        else if (place.wantsTable()) tables(place, candidates);
        else if (wantsSetting(place)) add(candidates, words.settings(), "settings", "");
        else anything(place, candidates);
    }

    private static boolean wantsSetting(CursorPlace place) {
        var last = place.last(1);
        return last.equals("SETTINGS")
                || last.equals("SET") && place.before().size() == 1
                || last.equals(",")
                        && (place.within("SETTINGS", "SELECT", "FROM") || place.within("SET", "UPDATE", "SELECT"));
    }

    /// A database's tables, or a table's columns by its name or alias.
    private void behindADot(CursorPlace place, List<Candidate> candidates) {
        var name = place.qualifier();
        for (var t : place.tables())
            if (t.alias().equals(name) || t.table().table().equals(name))
                names(candidates, words.columns(t.table()), "columns of " + t.table(), "");
        if (words.databases().contains(name)) names(candidates, words.tables(name), "tables of " + name, " ");
    }

    /// Table functions only where one has begun.
    private void tables(CursorPlace place, List<Candidate> candidates) {
        names(candidates, words.tables(database.get()), "tables", " ");
        for (var d : words.databases()) candidates.add(candidate(Console.typed(d) + ".", d + ".", "databases", ""));
        if (!place.begun().isEmpty())
            for (var f : words.tableFunctions()) candidates.add(candidate(f + "(", f + "(", "table functions", ""));
    }

    /// As a literal, for `PARTITION ID '202611'`; a partition's value is another thing than its id where the key is
    /// no number.
    private void partitions(CursorPlace place, List<Candidate> candidates) {
        boolean id = place.last(1).equals("ID");
        if (!id) candidates.add(candidate("ID", "ID", "partitions", " "));
        for (var t : tablesOf(place))
            for (var p : words.partitions(t))
                if (id || p.matches("\\d+"))
                    candidates.add(candidate(id ? "'" + p + "'" : p, p, "partitions of " + t, " "));
    }

    private static List<TableName> tablesOf(CursorPlace place) {
        return place.tables().stream().map(CursorPlace.Named::table).distinct().toList();
    }

    /// Columns first; with nothing begun only them and the clauses, for a thousand functions help nobody.
    private void anything(CursorPlace place, List<Candidate> candidates) {
        for (var t : place.tables()) {
            names(candidates, words.columns(t.table()), "columns of " + t.table(), "");
            if (!t.alias().isEmpty() && !words.keyword(t.alias()))
                candidates.add(candidate(t.alias() + ".", t.alias() + ".", "aliases", ""));
        }
        boolean lower =
                !place.begun().isEmpty() && place.begun().equals(place.begun().toLowerCase(Locale.ROOT));
        for (var k : place.begun().isEmpty() ? CLAUSES : words.keywords()) {
            var word = lower ? k.toLowerCase(Locale.ROOT) : k;
            candidates.add(candidate(word, word, "keywords", " "));
        }
        if (place.begun().isEmpty()) return;
        for (var f : words.functions()) candidates.add(candidate(f + "(", f + "(", "functions", ""));
        if (place.before().stream().anyMatch(w -> w.is("CREATE") || w.is("ALTER") || w.is("CAST") || w.is("::")))
            add(candidates, words.types(), "types", "");
    }

    private static void add(List<Candidate> candidates, List<String> words, String group, String suffix) {
        for (var w : words) candidates.add(candidate(w, w, group, suffix));
    }

    private static void names(List<Candidate> candidates, List<String> names, String group, String suffix) {
        for (var n : names) candidates.add(candidate(Console.typed(n), n, group, suffix));
    }

    static Candidate candidate(String value, String shown, String group, String suffix) {
        return new Candidate(value, shown, group, null, suffix.isEmpty() ? null : suffix, null, !suffix.isEmpty());
    }

    /// The place in a statement at which something is typed: what has been begun there, what stands before it, and
    /// which tables the statement names.
    ///
    /// @param begun  the part of a name that stands before the cursor
    /// @param before the words before it, of this statement
    /// @param tables those named anywhere in the statement, before the cursor or behind it
    record CursorPlace(String begun, List<Token> before, List<Named> tables) {

        /// A table, and what else it is called in the statement.
        record Named(TableName table, String alias) {}

        private static final List<String> BEFORE_TABLE = List.of(
                "FROM",
                "JOIN",
                "INTO",
                "TABLE",
                "UPDATE",
                "DESCRIBE",
                "DESC",
                "VIEW",
                "EXISTS",
                "TRUNCATE",
                "DICTIONARY");

        /// @param database of bare names
        static CursorPlace of(String text, int cursor, String database) {
            var all = Token.of(text);
            int first = 0;
            for (int i = 0; i < all.size() && all.get(i).end() <= cursor; i++)
                if (all.get(i).ends()) first = i + 1;
            var before = new ArrayList<Token>();
            var begun = "";
            var words = new ArrayList<Token>();
            for (var t : all.subList(first, all.size())) {
                if (t.ends()) break;
                if (t.blank()) continue;
                boolean here = t.start() < cursor
                        && cursor <= t.end()
                        && (t.kind() == Token.Kind.WORD || t.kind() == Token.Kind.QUOTED);
                if (here) begun = text.substring(t.start(), cursor);
                else {
                    words.add(t);
                    if (t.end() <= cursor) before.add(t);
                }
            }
            return new CursorPlace(begun, before, tables(words, database));
        }

        private static List<Named> tables(List<Token> words, String database) {
            var out = new ArrayList<Named>();
            for (int i = 0; i + 1 < words.size(); i++) {
                if (BEFORE_TABLE.stream().noneMatch(words.get(i)::is)
                        || !named(words.get(i + 1))
                        || BEFORE_TABLE.stream().anyMatch(words.get(i + 1)::is)) continue;
                boolean full = i + 3 < words.size() && words.get(i + 2).is(".") && named(words.get(i + 3));
                var table = full
                        ? new TableName(
                                words.get(i + 1).name(), words.get(i + 3).name())
                        : new TableName(database, words.get(i + 1).name());
                int next = i + (full ? 4 : 2);
                if (next < words.size() && words.get(next).is("AS")) next++;
                out.add(new Named(
                        table,
                        next < words.size() && named(words.get(next))
                                ? words.get(next).name()
                                : ""));
            }
            return List.copyOf(out);
        }

        private static boolean named(Token t) {
            return t.kind() == Token.Kind.WORD || t.kind() == Token.Kind.QUOTED;
        }

        /// The word so many places before, 1 the nearest, in capitals; empty where there is none.
        String last(int n) {
            return before.size() < n ? "" : before.get(before.size() - n).text().toUpperCase(Locale.ROOT);
        }

        /// The name before the dot at which one is; empty where there is no dot.
        String qualifier() {
            return last(1).equals(".") && before.size() > 1
                    ? before.get(before.size() - 2).name()
                    : "";
        }

        boolean wantsTable() {
            return BEFORE_TABLE.contains(last(1)) || last(1).equals("EXISTS") && before.size() > 2;
        }

        /// Whether the nearest of some clauses' words is this one.
        boolean within(String clause, String... others) {
            for (int i = before.size() - 1; i >= 0; i--) {
                if (before.get(i).is(clause)) return true;
                for (var o : others) if (before.get(i).is(o)) return false;
            }
            return false;
        }
    }
}
