package rekey.look;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.LineKeys;
import rekey.sheet.Grid;
import rekey.sheet.Sheet;

/// The journal's lines as a person reads them.
public record JournalLines(Journal journal) {
    private static final DateTimeFormatter AT =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

    /// The last ones, in the order they were written.
    ///
    /// @param limit how many at most
    /// @param all   with each chunk's lines, what was measured all along, and what is of use to a restart only
    public Sheet sheet(int limit, boolean all) {
        var kept = journal.entries(e -> all || !e.step().equals("attach") && !measured(e));
        var shown = kept.subList(Math.max(0, kept.size() - limit), kept.size());
        var grid = Grid.of("", "at (UTC)", "runner", "step", "event", "what:prose")
                .with(shown.stream().map(e -> row(e, all)).toList());
        return Sheet.of(
                "The journal " + journal.table() + " has no line of this migration.",
                shown.size() < kept.size()
                        ? grid.noting("The last " + shown.size() + " of " + kept.size() + " lines.")
                        : grid);
    }

    /// Taken every few seconds, or at a step's end, for a report.
    private static boolean measured(Entry e) {
        return e.detail() instanceof Detail.Sample || e.detail() instanceof Detail.Took;
    }

    private static List<Object> row(Entry e, boolean all) {
        return List.of(AT.format(e.at()), e.runner(), e.step(), e.event().name(), what(e.text(), all));
    }

    /// The error first, then the rest by name.
    private static String what(Map<String, String> detail, boolean everything) {
        var rest = new TreeMap<>(detail);
        if (!everything) rest.keySet().removeAll(LineKeys.FOR_RESTART);
        var error = Objects.requireNonNullElse(rest.remove(LineKeys.ERROR), "");
        var more = rest.entrySet().stream()
                .filter(e -> !e.getValue().isEmpty())
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining(" "));
        return (error + "  " + more).strip();
    }
}
