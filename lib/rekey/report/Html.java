package rekey.report;

import java.util.Base64;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A page as one file of HTML that needs nothing else: its style and pictures are in it. Light, dark and on paper.
public final class Html {
    private static final String STYLE = """
        :root { color-scheme: light dark; --text: #1d2125; --back: #fff; --line: #d5dae0; --soft: #f3f5f7; --link: \
        #0b5fae; }
        @media (prefers-color-scheme: dark) { :root { --text: #e3e6ea; --back: #16191d; --line: #3a414a; --soft: \
        #1f242a; --link: #7db7f0; } }
        body { font: 16px/1.55 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; color: var(--text); \
        background: var(--back); max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 1rem; } h2 { font-size: 1.2rem; margin: 2.2rem 0 \
        .6rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
        .tiles { display: flex; flex-wrap: wrap; gap: .7rem; margin: 1rem 0; padding: 0; } .tiles div { flex: 1 1 \
        9rem; background: var(--soft); border-radius: 6px; padding: .6rem .9rem; }
        .tiles dt, .tiles small { font-size: .85rem; } .tiles dd { margin: 0; } .tiles b { display: block; \
        font-size: 1.6rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
        table { border-collapse: collapse; font-size: .88rem; margin: .6rem 0; } .wide { overflow-x: auto; }
        th, td { text-align: left; padding: .28rem .7rem; border-bottom: 1px solid var(--line); vertical-align: \
        top; overflow-wrap: break-word; }
        th { border-bottom-width: 2px; white-space: nowrap; overflow-wrap: normal; } .t { white-space: nowrap; } .n \
        { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        code, pre { font: .86em/1.5 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; background: \
        var(--soft); border-radius: 4px; } code { padding: .1em .3em; overflow-wrap: anywhere; } td code { \
        overflow-wrap: break-word; }
        pre { padding: .8rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
        figure { margin: 1rem 0; overflow-x: auto; } figure img { max-width: 100%; min-width: 38rem; height: auto; \
        background: #fff; border: 1px solid var(--line); border-radius: 4px; }
        summary { cursor: pointer; color: var(--link); }
        @media print {
          :root { color-scheme: light; --text: #000; --back: #fff; --line: #d5dae0; --soft: #f3f5f7; --link: #000; \
          font-size: 11px; }
          body { font-size: 1rem; max-width: none; margin: 0; padding: 0; } figure, .wide { overflow: visible; } \
          figure img { min-width: 0; width: 44rem; }
          figure, tr { break-inside: avoid; } h2 { break-after: avoid; } details:not([open]) { display: none; } \
          thead { display: table-header-group; } p, li { orphans: 3; widows: 3; }
        }
        """;

    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(\\.\\d+)?");

    private Html() {}

    public static String of(Document page) {
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width, \
            initial-scale=1"/>
            <title>%1$s</title>
            <style>
            %2$s</style></head>
            <body>
            <h1>%1$s</h1>
            %3$s
            </body></html>
            """.formatted(
                        plain(page.title()),
                        STYLE,
                        page.blocks().stream().map(Html::block).collect(Collectors.joining("\n")));
    }

    private static String block(Document.Block block) {
        return switch (block) {
            case Document.Heading h -> "<h2>" + text(h.text()) + "</h2>";
            case Document.Text t -> "<p>" + text(t.text()) + "</p>";
            case Document.Points p ->
                p.items().stream()
                        .map(i -> "<li>" + text(i) + "</li>")
                        .collect(Collectors.joining("\n", "<ul>\n", "\n</ul>"));
            case Document.Tiles t ->
                t.tiles().stream()
                        .map(i -> "<div><dt>" + text(i.name()) + "</dt><dd><b>" + text(i.figure()) + "</b><small>"
                                + text(i.says()) + "</small></dd></div>")
                        .collect(Collectors.joining("\n", "<dl class=\"tiles\">\n", "\n</dl>"));
            case Document.Grid g ->
                g.folded()
                        ? "<details><summary>All " + g.rows().size() + "</summary>\n" + grid(g) + "\n</details>"
                        : grid(g);
            case Document.Code c -> "<pre>" + plain(c.sql().strip()) + "</pre>";
            case Document.Picture p ->
                "<figure><img src=\"data:image/png;base64,"
                        + Base64.getEncoder().encodeToString(p.png()) + "\" width=\"" + p.width() + "\" height=\""
                        + p.height() + "\" alt=\"" + plain(p.says()) + "\"/></figure>";
        };
    }

    private static String grid(Document.Grid g) {
        var out = new StringBuilder("<div class=\"wide\"><table>\n<thead><tr>");
        for (var c : g.columns())
            out.append(Document.Grid.number(c) ? "<th class=\"n\">" : "<th>")
                    .append(text(Document.Grid.heading(c)))
                    .append("</th>");
        out.append("</tr></thead>\n<tbody>");
        for (var row : g.rows())
            out.append("\n<tr>")
                    .append(IntStream.range(0, row.size())
                            .mapToObj(i -> cell(g.columns().get(i), row.get(i)))
                            .collect(Collectors.joining()))
                    .append("</tr>");
        return out.append("\n</tbody></table></div>").toString();
    }

    private static String cell(String column, String text) {
        if (Document.Grid.code(column)) return "<td><code>" + plain(text) + "</code></td>";
        return (Document.Grid.number(column)
                        ? "<td class=\"n\">"
                        : TIME.matcher(text).matches() ? "<td class=\"t\">" : "<td>")
                + text(text) + "</td>";
    }

    /// Code stands between backticks, what matters most between double asterisks; a text with a lone or a doubled
    /// one is left as it is.
    private static String text(String text) {
        return plain(text)
                .replaceAll("(?<![`\\w])`([^`\\n]+)`(?![`\\w])", "<code>$1</code>")
                .replaceAll("\\*\\*([^*\n]+)\\*\\*", "<strong>$1</strong>");
    }

    static String plain(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
