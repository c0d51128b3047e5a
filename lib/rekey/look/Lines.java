package rekey.look;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import rekey.session.Entry;
import rekey.session.Journal;

/// The journal's lines as a person reads them.
public record Lines(Journal journal) {
    /// Of use to a restart only.
    private static final List<String> LONG = List.of("plan", "definition", "rewrite", "parts", "dependants");

    /// The last ones, in the order they were written.
    ///
    /// @param limit how many at most
    public Page page(int limit) {
        var all = journal.entries();
        var shown = all.subList(Math.max(0, all.size() - limit), all.size());
        var grid = Grid.of("", "at (UTC)", "runner", "step", "event", "what").with(shown.stream().map(Lines::row).toList());
        return Page.of("The journal " + journal.table() + " has no line of this migration.",
                shown.size() < all.size() ? grid.noting("The last " + shown.size() + " of " + all.size() + " lines.") : grid);
    }

    private static List<Object> row(Entry e) {
        return List.of(e.at().toString().replace('T', ' ').replaceFirst("(\\.\\d{3})?\\d*Z$", "$1"), e.runner(), e.step(), e.event().name(), what(e.detail()));
    }

    /// The error first, then the statement, then the rest by name.
    private static String what(Map<String, String> detail) {
        var all = new TreeMap<>(detail);
        LONG.forEach(k -> all.computeIfPresent(k, (key, v) -> v.length() > 60 ? null : v));
        var first = all.containsKey("error") ? all.remove("error") : all.containsKey("sql") ? all.remove("sql") : "";
        var rest = all.entrySet().stream().filter(e -> !e.getValue().isEmpty()).map(e -> e.getKey() + "=" + e.getValue()).collect(Collectors.joining(" "));
        return first.isEmpty() ? rest : rest.isEmpty() ? first : first + "  " + rest;
    }
}
