package rekey.sheet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/// An answer to one question about the cluster: some grids, one below the other. As text it fits a screen, as JSON
/// or TSV another program.
///
/// @param nothing what is said where there is nothing to show
public record Sheet(List<Grid> grids, String nothing) {

    public Sheet {
        grids = List.copyOf(grids);
    }

    public static Sheet of(String nothing, Grid... grids) {
        return new Sheet(Arrays.asList(grids), nothing);
    }

    /// The grid with a title; the first where the title is empty.
    public Grid grid(String title) {
        return grids.stream()
                .filter(g -> title.isEmpty() || g.title().equals(title))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no grid " + title + " among "
                        + grids.stream().map(Grid::title).toList()));
    }

    public boolean isEmpty() {
        return grids.stream().allMatch(Grid::isEmpty);
    }

    /// For a screen of that many columns.
    public String text(int width) {
        return joined(g -> g.text(width), width);
    }

    /// A value a line, nothing cut.
    public String vertical(int width) {
        return joined(g -> g.vertical(width), width);
    }

    private String joined(java.util.function.Function<Grid, String> shown, int width) {
        var out = new ArrayList<String>();
        for (var g : grids) {
            if (g.isEmpty() && g.notes().isEmpty()) continue;
            var lines = new ArrayList<String>();
            if (!g.title().isEmpty() && grids.size() > 1) lines.add("# " + g.title());
            if (!g.isEmpty()) lines.add(shown.apply(g));
            for (var n : g.notes()) lines.add(TextWidth.wrapped(TextWidth.printable(n), 0, width));
            out.add(String.join("\n", lines));
        }
        if (isEmpty() && !nothing.isEmpty()) out.addFirst(TextWidth.wrapped(nothing, 0, width));
        return String.join("\n\n", out);
    }

    /// One object a line for each row, amounts as numbers of bytes, seconds and so on; with the grid's title where
    /// there are several.
    public String json() {
        return grids.stream()
                .flatMap(g -> g.rows().stream().map(r -> {
                    Map<String, Object> row = new java.util.LinkedHashMap<>();
                    if (grids.size() > 1) row.put("of", g.title());
                    g.named(r).forEach((k, v) -> row.put(k, v instanceof Double d && !Double.isFinite(d) ? null : v));
                    return JsonMapper.shared().writeValueAsString(row);
                }))
                .collect(Collectors.joining("\n"));
    }

    /// Tab-separated with names, each grid under its own; the notes are left out.
    public String tsv() {
        return grids.stream()
                .filter(g -> !g.isEmpty())
                .map(g -> {
                    var lines = new ArrayList<String>();
                    lines.add(g.columns().stream().map(Grid.Column::name).collect(Collectors.joining("\t")));
                    for (var r : g.rows())
                        lines.add(r.stream()
                                .map(v -> v == null
                                        ? "\\N"
                                        : TextWidth.printable(v.toString().replace("\\", "\\\\")))
                                .collect(Collectors.joining("\t")));
                    return String.join("\n", lines);
                })
                .collect(Collectors.joining("\n\n"));
    }

    @Override
    public String toString() {
        return text(120);
    }
}
