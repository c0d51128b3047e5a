package rekey.clickhouse;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import rekey.model.Column;
import rekey.model.Keys;
import rekey.model.Table;

/// A definition held against another clause by clause, from the text of the CREATE statements. What `system.tables`
/// shows in columns of its own is less than was written: `sorting_key` has no directions, and of a `UNIQUE KEY`
/// there is nothing at all (seen on 26.7). So a table was once made whose DESC was gone.
public final class DefinitionDifference {
    private DefinitionDifference() {}

    /// Whether it is of the syntax before ORDER BY: a projection of it may have these words, and so may a comment.
    public static boolean isOldSyntax(Table table) {
        return !Clauses.ofCreate(table.definition()).containsKey("ORDER BY");
    }

    /// Words of a table's definition that rekey does not know, and so would not make again.
    public static List<String> unknown(Table table) {
        var out = new ArrayList<String>();
        var clauses = Clauses.ofCreate(table.definition());
        clauses.forEach((word, text) -> {
            var rest =
                    switch (word) {
                        case "ENGINE" -> Clauses.behind(text.replaceFirst("^ENGINE = ", ""));
                        case "PARTITION BY" -> other(text, table.keys().partitionBy());
                        case "ORDER BY" -> other(text, table.keys().orderBy());
                        case "PRIMARY KEY" ->
                            other(text, KeyText.undirectedAll(table.keys().primaryKey()));
                        case "SAMPLE BY" -> other(text, table.keys().sampleBy());
                        case "COMMENT" -> Clauses.behindQuotes(text);
                        case "SETTINGS" -> settings(text);
                        case "TTL" -> "";
                        default -> text;
                    };
            if (!rest.isEmpty()) out.add(word + " " + text);
        });
        return List.copyOf(out);
    }

    /// Columns of a name by which the server means a part's or block's own, or rekey a figure of its own.
    static List<String> misnamed(Table table) {
        return table.columns().stream()
                .map(Column::name)
                .filter(n -> VIRTUAL.contains(n) || n.startsWith("rekey_"))
                .toList();
    }

    private static final Set<String> VIRTUAL = Set.of(
            "_part",
            "_part_index",
            "_part_offset",
            "_part_uuid",
            "_partition_id",
            "_partition_value",
            "_block_number",
            "_block_offset",
            "_row_exists",
            "_sample_factor");

    private static String other(String written, String key) {
        return Clauses.untupled(written).equals(Clauses.untupled(key)) ? "" : written;
    }

    private static String settings(String text) {
        for (var s : Clauses.split(text)) {
            var value = s.replaceFirst("^\\w+ = ", "");
            var rest = value.equals(s)
                    ? s
                    : value.startsWith("'")
                            ? Clauses.behindQuotes(value)
                            : value.matches("[\\[{(].*|-?[\\w.+-]+") ? "" : Clauses.behind(value);
            if (!rest.isEmpty()) return s;
        }
        return "";
    }

    /// In what a table that was made differs from the one that was to be made of a source; empty when in nothing.
    ///
    /// @param keys   the new ones, as the server formats them
    /// @param engine the new one; empty: as the source's
    public static List<String> differences(Table source, Table made, Keys keys, String engine) {
        var wanted = Ddl.filled(source, made.name(), keys, engine);
        var out = new ArrayList<String>();
        made.keys().differences(keys).forEach(d -> out.add(d.toString()));
        differ(out, "engine", plain(made.engineClause()), plain(wanted.engineClause()));
        differ(out, "storage policy", made.storagePolicy(), wanted.storagePolicy());
        differ(out, "comment", comment(made), comment(source));
        differ(out, "TTL", made.ttl(), "");
        each(out, "setting ", made.settings(), wanted.settings());
        each(out, "", pieces(made), pieces(wanted));
        unknown(made).forEach(u -> out.add("its definition has " + u));
        return List.copyOf(out);
    }

    /// `ReplacingMergeTree()` and `ReplacingMergeTree` are one.
    private static String plain(String engine) {
        return engine.replace(" ", "").replace("`", "").replaceFirst("\\(\\)$", "");
    }

    private static String comment(Table table) {
        return Clauses.ofCreate(table.definition()).getOrDefault("COMMENT", "");
    }

    /// Columns, indices, constraints and projections by their names.
    private static Map<String, String> pieces(Table table) {
        var out = new TreeMap<String, String>();
        for (var piece : Clauses.split(Clauses.columns(table.definition()))) {
            var words = piece.split(" ", 3);
            var kind = List.of("INDEX", "CONSTRAINT", "PROJECTION").contains(words[0]) ? words[0] : "column";
            out.merge(
                    kind + " " + (kind.equals("column") ? piece.substring(0, end(piece)) : words[1]),
                    piece,
                    (a, b) -> a + ", " + b);
        }
        return out;
    }

    private static int end(String piece) {
        int at = piece.startsWith("`")
                ? piece.length() - Clauses.behindQuotes(piece).length()
                : piece.indexOf(' ');
        return at < 0 ? piece.length() : at;
    }

    private static void each(List<String> out, String what, Map<String, String> is, Map<String, String> wanted) {
        var names = new TreeSet<>(is.keySet());
        names.addAll(wanted.keySet());
        for (var name : names)
            differ(out, what + name.strip(), is.getOrDefault(name, ""), wanted.getOrDefault(name, ""));
    }

    private static void differ(List<String> out, String what, String is, String wanted) {
        if (!is.equals(wanted))
            out.add(what + ": " + (is.isEmpty() ? "(none)" : is) + " instead of "
                    + (wanted.isEmpty() ? "(none)" : wanted));
    }
}
