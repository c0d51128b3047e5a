package rekey.report;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A page as Markdown; its pictures are files beside it.
public final class Markdown {
    private Markdown() { }

    public static String of(Page page) {
        return "# " + page.title() + "\n\n" + page.blocks().stream().map(Markdown::block).collect(Collectors.joining("\n\n")) + "\n";
    }

    private static String block(Page.Block block) {
        return switch (block) {
            case Page.Heading h -> "## " + h.text();
            case Page.Text t -> t.text();
            case Page.Points p -> p.items().stream().map(i -> "- " + i).collect(Collectors.joining("\n"));
            case Page.Grid g -> g.folded() ? "<details><summary>All " + g.rows().size() + "</summary>\n\n" + grid(g) + "\n\n</details>" : grid(g);
            case Page.Code c -> "```sql\n" + c.sql().strip() + "\n```";
            case Page.Picture p -> "![" + p.says() + "](" + p.name() + ".png)";
        };
    }

    private static String grid(Page.Grid g) {
        var out = new StringBuilder("| " + g.columns().stream().map(Page.Grid::heading).collect(Collectors.joining(" | ")) + " |\n| "
                + g.columns().stream().map(c -> Page.Grid.number(c) ? "---:" : "---").collect(Collectors.joining(" | ")) + " |");
        for (var row : g.rows()) out.append("\n| ").append(IntStream.range(0, row.size()).mapToObj(i -> Page.Grid.code(g.columns().get(i)) ? code(row.get(i)) : cell(row.get(i))).collect(Collectors.joining(" | "))).append(" |");
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
