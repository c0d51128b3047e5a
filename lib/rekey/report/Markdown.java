package rekey.report;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A page as Markdown; its pictures are files beside it.
public final class Markdown {
    private Markdown() {}

    public static String of(Document page) {
        return "# " + page.title() + "\n\n"
                + page.blocks().stream().map(Markdown::block).collect(Collectors.joining("\n\n")) + "\n";
    }

    private static String block(Document.Block block) {
        return switch (block) {
            case Document.Heading h -> "## " + h.text();
            case Document.Text t -> t.text();
            case Document.Points p -> p.items().stream().map(i -> "- " + i).collect(Collectors.joining("\n"));
            case Document.Tiles t ->
                grid(new Document.Grid(
                        t.tiles().stream().map(Document.Tile::name).toList(),
                        List.of(
                                t.tiles().stream()
                                        .map(i -> "**" + i.figure() + "**")
                                        .toList(),
                                t.tiles().stream().map(Document.Tile::says).toList()),
                        false));
            case Document.Grid g ->
                g.folded()
                        ? "<details><summary>All " + g.rows().size() + "</summary>\n\n" + grid(g) + "\n\n</details>"
                        : grid(g);
            case Document.Code c -> "```sql\n" + c.sql().strip() + "\n```";
            case Document.Picture p -> "![" + p.says() + "](" + p.name() + ".png)";
        };
    }

    private static String grid(Document.Grid g) {
        var out = new StringBuilder("| "
                + g.columns().stream().map(Document.Grid::heading).collect(Collectors.joining(" | ")) + " |\n| "
                + g.columns().stream()
                        .map(c -> Document.Grid.number(c) ? "---:" : "---")
                        .collect(Collectors.joining(" | "))
                + " |");
        for (var row : g.rows())
            out.append("\n| ")
                    .append(IntStream.range(0, row.size())
                            .mapToObj(i -> Document.Grid.code(g.columns().get(i)) ? code(row.get(i)) : cell(row.get(i)))
                            .collect(Collectors.joining(" | ")))
                    .append(" |");
        return out.toString();
    }

    /// Names in it stand in backticks themselves.
    private static String code(String sql) {
        return sql.isBlank() ? "" : "`` " + cell(sql) + " ``";
    }

    /// A bar would end the cell, a line's end the table.
    private static String cell(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ").replace("|", "\\|");
    }
}
