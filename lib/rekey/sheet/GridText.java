package rekey.sheet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import rekey.sheet.Grid.Kind;

/// A grid as lines that are no longer than a screen is wide.
record GridText(Grid grid, int width) {
    /// Between two columns.
    private static final String GAP = "  ";
    /// A name is shortened to no less than this where a line is too long; the second where that does not do.
    private static final int SHORT = 18, SHORTEST = 10;
    /// What a sentence gets beside the other columns; where there is less, it stands below its row.
    private static final int ROOM = 30;
    /// Lines of a sentence, beside and below.
    private static final int BESIDE = 3, BELOW = 2;
    private static final String INDENT = "    ";

    /// A line a row, or a few.
    String rows() {
        int[] shown = IntStream.range(0, grid.columns().size())
                .filter(i -> grid.rows().isEmpty() || cells(i).stream().anyMatch(c -> !c.isEmpty()))
                .toArray();
        int[] names = Arrays.stream(shown).filter(i -> !prose(i)).toArray();
        boolean below = names.length > 0 && names.length < shown.length && least(shown) > width;
        int[] beside = below ? names : shown;
        int[] widths = fitted(beside);
        if (beside.length > 1 && sum(widths) > width) return upright(BELOW);
        var out = new ArrayList<>(line(
                IntStream.of(beside).mapToObj(i -> grid.columns().get(i).name()).toList(), beside, widths));
        for (int n = 0; n < grid.rows().size(); n++) {
            out.addAll(line(row(n, beside), beside, widths));
            if (below)
                out.addAll(sentences(n, Arrays.stream(shown).filter(this::prose).toArray()));
        }
        return String.join("\n", out);
    }

    private boolean prose(int column) {
        return grid.columns().get(column).kind() == Kind.PROSE;
    }

    private List<String> cells(int column) {
        return grid.rows().stream()
                .map(r -> grid.columns().get(column).brief(r.get(column)))
                .toList();
    }

    private List<String> row(int n, int[] columns) {
        return IntStream.of(columns)
                .mapToObj(i -> grid.columns().get(i).brief(grid.rows().get(n).get(i)))
                .toList();
    }

    // --- widths ---

    private int natural(int column) {
        return Math.max(
                TextWidth.width(grid.columns().get(column).name()),
                cells(column).stream().mapToInt(TextWidth::width).max().orElse(0));
    }

    private static int sum(int[] widths) {
        return Arrays.stream(widths).sum() + GAP.length() * (widths.length - 1);
    }

    /// With no name shortened, and each sentence in the least room.
    private int least(int[] columns) {
        return sum(IntStream.of(columns)
                .map(i -> prose(i) ? Math.min(ROOM, natural(i)) : natural(i))
                .toArray());
    }

    /// Sentences give way first, then names, of either those at the right before the others.
    private int[] fitted(int[] columns) {
        int[] widths = IntStream.of(columns).map(this::natural).toArray();
        shrink(columns, widths, true, ROOM);
        shrink(columns, widths, false, SHORT);
        shrink(columns, widths, false, SHORTEST);
        return widths;
    }

    private void shrink(int[] columns, int[] widths, boolean prose, int least) {
        for (int k = columns.length - 1; k >= 0; k--) {
            int over = sum(widths) - width;
            if (over > 0
                    && prose(columns[k]) == prose
                    && !grid.columns().get(columns[k]).right()
                    && widths[k] > least) widths[k] = Math.max(least, widths[k] - over);
        }
    }

    // --- lines ---

    private List<String> line(List<String> row, int[] columns, int[] widths) {
        var cells = IntStream.range(0, columns.length)
                .mapToObj(k -> prose(columns[k])
                        ? TextWidth.block(row.get(k), widths[k], BESIDE)
                        : List.of(TextWidth.shortened(row.get(k), widths[k])))
                .toList();
        int height = cells.stream().mapToInt(List::size).max().orElse(1);
        return IntStream.range(0, height)
                .mapToObj(y -> String.join(
                                GAP,
                                IntStream.range(0, columns.length)
                                        .mapToObj(k -> TextWidth.padded(
                                                y < cells.get(k).size()
                                                        ? cells.get(k).get(y)
                                                        : "",
                                                widths[k],
                                                grid.columns().get(columns[k]).right()))
                                        .toList())
                        .stripTrailing())
                .toList();
    }

    /// Each with its name where a row has several.
    private List<String> sentences(int n, int[] columns) {
        int name = columns.length == 1
                ? 0
                : IntStream.of(columns)
                        .map(i -> TextWidth.width(grid.columns().get(i).name()))
                        .max()
                        .orElse(0);
        var out = new ArrayList<String>();
        for (int i : columns) {
            var lead = INDENT
                    + (name == 0 ? "" : TextWidth.padded(grid.columns().get(i).name(), name, false) + GAP);
            var text = row(n, new int[] {i}).getFirst();
            if (text.isEmpty()) continue;
            for (var line : TextWidth.block(text, Math.max(SHORTEST, width - TextWidth.width(lead)), BELOW)) {
                out.add(lead + line);
                lead = " ".repeat(lead.length());
            }
        }
        return out;
    }

    /// A line a value, each cut to some lines.
    String upright(int lines) {
        var columns = grid.columns();
        int name =
                columns.stream().mapToInt(c -> TextWidth.width(c.name())).max().orElse(0);
        var out = new ArrayList<String>();
        for (int n = 0; n < grid.rows().size(); n++) {
            if (grid.rows().size() > 1)
                out.add("-- " + (n + 1) + " "
                        + "-"
                                .repeat(Math.max(
                                        0,
                                        Math.min(width, 40)
                                                - 4
                                                - String.valueOf(n + 1).length())));
            for (int i = 0; i < columns.size(); i++) {
                var text = columns.get(i).text(grid.rows().get(n).get(i));
                int room = width - name - GAP.length();
                if (lines < Integer.MAX_VALUE) text = TextWidth.cut(text, lines * room - room / 3);
                if (!text.isEmpty())
                    out.add(TextWidth.padded(columns.get(i).name(), name, false)
                            + GAP
                            + TextWidth.wrapped(text, name + GAP.length(), width));
            }
        }
        return String.join("\n", out);
    }
}
