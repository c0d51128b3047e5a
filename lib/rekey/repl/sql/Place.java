package rekey.repl.sql;

import java.util.ArrayList;
import java.util.List;
import rekey.model.TableName;

/// The place in a statement at which something is typed: what has been begun there, what stands before it, and which
/// tables the statement names.
///
/// @param begun  the part of a name that stands before the cursor
/// @param before the words before it, of this statement
/// @param tables those named anywhere in the statement, before the cursor or behind it
record Place(String begun, List<Token> before, List<Named> tables) {

    /// A table, and what else it is called in the statement.
    record Named(TableName table, String alias) { }

    private static final List<String> BEFORE_TABLE = List.of("FROM", "JOIN", "INTO", "TABLE", "UPDATE", "DESCRIBE", "DESC", "VIEW", "EXISTS", "TRUNCATE", "DICTIONARY");

    /// @param database of bare names
    static Place of(String text, int cursor, String database) {
        var all = Token.of(text);
        int first = 0;
        for (int i = 0; i < all.size() && all.get(i).end() <= cursor; i++) if (all.get(i).ends()) first = i + 1;
        var before = new ArrayList<Token>();
        var begun = "";
        var words = new ArrayList<Token>();
        for (var t : all.subList(first, all.size())) {
            if (t.ends()) break;
            if (t.blank()) continue;
            boolean here = t.start() < cursor && cursor <= t.end() && (t.kind() == Token.Kind.WORD || t.kind() == Token.Kind.QUOTED);
            if (here) begun = text.substring(t.start(), cursor);
            else {
                words.add(t);
                if (t.end() <= cursor) before.add(t);
            }
        }
        return new Place(begun, before, tables(words, database));
    }

    private static List<Named> tables(List<Token> words, String database) {
        var out = new ArrayList<Named>();
        for (int i = 0; i + 1 < words.size(); i++) {
            if (BEFORE_TABLE.stream().noneMatch(words.get(i)::is) || !named(words.get(i + 1)) || BEFORE_TABLE.stream().anyMatch(words.get(i + 1)::is)) continue;
            boolean full = i + 3 < words.size() && words.get(i + 2).is(".") && named(words.get(i + 3));
            var table = full ? new TableName(words.get(i + 1).name(), words.get(i + 3).name()) : new TableName(database, words.get(i + 1).name());
            int next = i + (full ? 4 : 2);
            if (next < words.size() && words.get(next).is("AS")) next++;
            out.add(new Named(table, next < words.size() && named(words.get(next)) ? words.get(next).name() : ""));
        }
        return List.copyOf(out);
    }

    private static boolean named(Token t) {
        return t.kind() == Token.Kind.WORD || t.kind() == Token.Kind.QUOTED;
    }

    /// The word so many places before, 1 the nearest, in capitals; empty where there is none.
    String last(int n) {
        return before.size() < n ? "" : before.get(before.size() - n).text().toUpperCase(java.util.Locale.ROOT);
    }

    /// The name before the dot at which one is; empty where there is no dot.
    String qualifier() {
        return last(1).equals(".") && before.size() > 1 ? before.get(before.size() - 2).name() : "";
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
