package rekey.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import rekey.model.Trouble;

/// A report as files: Markdown with its pictures beside it, and one file of HTML that has them in it.
public record ReportFiles(String markdown, String html, List<String> pictures, Map<String, Object> facts) {

    /// Writes them into a folder, which is made if need be.
    public static ReportFiles to(Path folder, MigrationFacts facts) {
        var page = Report.of(facts);
        try {
            Files.createDirectories(folder);
            var pictures = new ArrayList<String>();
            for (var block : page.blocks())
                if (block instanceof Document.Picture p)
                    pictures.add(Files.write(folder.resolve(p.name() + ".png"), p.png())
                            .toString());
            return new ReportFiles(
                    Files.writeString(folder.resolve("report.md"), Markdown.of(page))
                            .toString(),
                    Files.writeString(folder.resolve("report.html"), Html.of(page))
                            .toString(),
                    List.copyOf(pictures),
                    facts.json());
        } catch (IOException e) {
            throw new Trouble.Failed(
                    "The report can't be written into " + folder + " ("
                            + e.getClass().getSimpleName() + ": " + e.getMessage()
                            + "): name another folder with --to.",
                    e);
        }
    }

    /// Queries as a person gives them: each a statement, or a file of statements with semicolons between.
    public static List<String> queries(List<String> given) {
        var out = new ArrayList<String>();
        for (var g : given) {
            try {
                if (!Files.isRegularFile(Path.of(g))) out.add(g);
                else
                    Arrays.stream(Files.readString(Path.of(g)).split(";\\s*(\\R|$)"))
                            .map(String::strip)
                            .filter(q -> !q.isEmpty())
                            .forEach(out::add);
            } catch (InvalidPathException e) {
                out.add(g);
            } catch (IOException e) {
                throw new Trouble.Failed("The file " + g + " of --query can't be read: " + e.getMessage() + ".", e);
            }
        }
        return List.copyOf(out);
    }

    @Override
    public String toString() {
        return html + "  opens in any browser, without the network\n" + markdown
                + (pictures.isEmpty() ? "" : "    with " + pictures.size() + " pictures beside it");
    }
}
