package rekey.repl.sql;

import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import rekey.model.TableName;

/// Completes SQL by the place in the statement: tables after FROM, columns of the tables that the statement names,
/// partitions, settings, formats, functions, keywords.
public final class Completion implements Completer {
    private static final List<String> CLAUSES = List.of("FROM", "WHERE", "PREWHERE", "GROUP BY", "ORDER BY", "HAVING", "LIMIT", "SETTINGS", "FORMAT", "AS", "AND", "JOIN", "UNION ALL", "FINAL", "SAMPLE");

    private final Vocabulary words;
    private final Supplier<String> database;

    /// @param database of bare names
    public Completion(Vocabulary words, Supplier<String> database) {
        this.words = words;
        this.database = database;
    }

    @Override public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
        var place = Place.of(line.line(), line.cursor(), database.get());
        if (!place.qualifier().isEmpty()) behindADot(place, candidates);
        else if (place.last(1).equals("FORMAT")) add(candidates, words.formats(), "formats", " ");
        else if (place.last(1).equals("USE") || place.last(1).equals("DATABASE")) names(candidates, words.databases(), "databases", " ");
        else if (place.last(1).equals("=") && place.last(2).equals("ENGINE")) add(candidates, words.engines(), "engines", "");
        else if (place.last(1).equals("PARTITION") || place.last(1).equals("ID") && place.last(2).equals("PARTITION")) partitions(place, candidates);
        else if (place.wantsTable()) tables(place, candidates);
        else if (wantsSetting(place)) add(candidates, words.settings(), "settings", "");
        else anything(place, candidates);
    }

    private static boolean wantsSetting(Place place) {
        var last = place.last(1);
        return last.equals("SETTINGS") || last.equals("SET") && place.before().size() == 1 || last.equals(",") && (place.within("SETTINGS", "SELECT", "FROM") || place.within("SET", "UPDATE", "SELECT"));
    }

    /// A database's tables, or a table's columns by its name or alias.
    private void behindADot(Place place, List<Candidate> candidates) {
        var name = place.qualifier();
        for (var t : place.tables())
            if (t.alias().equals(name) || t.table().table().equals(name)) names(candidates, words.columns(t.table()), "columns of " + t.table(), "");
        if (words.databases().contains(name)) names(candidates, words.tables(name), "tables of " + name, " ");
    }

    /// Table functions only where one has begun.
    private void tables(Place place, List<Candidate> candidates) {
        names(candidates, words.tables(database.get()), "tables", " ");
        for (var d : words.databases()) candidates.add(candidate(Console.typed(d) + ".", d + ".", "databases", ""));
        if (!place.begun().isEmpty()) for (var f : words.tableFunctions()) candidates.add(candidate(f + "(", f + "(", "table functions", ""));
    }

    /// As a literal, for `PARTITION ID '202611'`; a partition's value is another thing than its id where the key is no number.
    private void partitions(Place place, List<Candidate> candidates) {
        boolean id = place.last(1).equals("ID");
        if (!id) candidates.add(candidate("ID", "ID", "partitions", " "));
        for (var t : tablesOf(place)) for (var p : words.partitions(t)) if (id || p.matches("\\d+")) candidates.add(candidate(id ? "'" + p + "'" : p, p, "partitions of " + t, " "));
    }

    private static List<TableName> tablesOf(Place place) {
        return place.tables().stream().map(Place.Named::table).distinct().toList();
    }

    /// Columns first; with nothing begun only them and the clauses, for a thousand functions help nobody.
    private void anything(Place place, List<Candidate> candidates) {
        for (var t : place.tables()) {
            names(candidates, words.columns(t.table()), "columns of " + t.table(), "");
            if (!t.alias().isEmpty() && !words.keyword(t.alias())) candidates.add(candidate(t.alias() + ".", t.alias() + ".", "aliases", ""));
        }
        boolean lower = !place.begun().isEmpty() && place.begun().equals(place.begun().toLowerCase(Locale.ROOT));
        for (var k : place.begun().isEmpty() ? CLAUSES : words.keywords()) {
            var word = lower ? k.toLowerCase(Locale.ROOT) : k;
            candidates.add(candidate(word, word, "keywords", " "));
        }
        if (place.begun().isEmpty()) return;
        for (var f : words.functions()) candidates.add(candidate(f + "(", f + "(", "functions", ""));
        if (place.before().stream().anyMatch(w -> w.is("CREATE") || w.is("ALTER") || w.is("CAST") || w.is("::"))) add(candidates, words.types(), "types", "");
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

}
