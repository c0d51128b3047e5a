package rekey.maintainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import rekey.Repo;
import rekey.model.Trouble;
import tools.jackson.databind.json.JsonMapper;

/// Every cell of the notebooks runs, on labs that they start themselves; and what is committed has been run.
@Tag("notebooks")
@Tag("slow")
@Order(2)
class NotebookTest {
    @TempDir
    Path folder;

    static List<Path> notebooks() throws Exception {
        try (var files = Files.list(Repo.ROOT.resolve("notebooks"))) {
            return files.filter(f -> f.toString().endsWith(".ipynb")).sorted().toList();
        }
    }

    /// On a tenth of the rows that are committed as rendered.
    @ParameterizedTest
    @MethodSource("notebooks")
    void everyCellRuns(Path notebook) {
        System.setProperty("notebook.rows", "20000");
        try {
            Notebook.read(notebook).run(false);
        } finally {
            System.clearProperty("notebook.rows");
        }
    }

    @ParameterizedTest
    @MethodSource("notebooks")
    void itIsCommittedAsRendered(Path notebook) throws Exception {
        var json = JsonMapper.shared().readTree(Files.readString(notebook));
        assertEquals("rekey", json.at("/metadata/kernelspec/name").asString());
        int n = 0;
        for (var cell : json.get("cells")) {
            if (!cell.get("cell_type").asString().equals("code")) continue;
            assertEquals(
                    ++n,
                    cell.get("execution_count").asInt(),
                    "run cells in their order: ./jbang notebooks " + notebook.getFileName());
            var last = cell.get("source").get(cell.get("source").size() - 1).asString();
            boolean shows = last.startsWith("show(") || last.startsWith("picture(") || last.startsWith("IO.println(");
            assertTrue(!shows || !cell.get("outputs").isEmpty(), () -> "no output of: " + last);
        }
    }

    @Test
    void aCellThatFailsIsNamed() throws Exception {
        var bad = assertThrows(
                Trouble.Failed.class,
                () -> notebook("int a = 1;", "int b = a / 0;").run(false));
        assertTrue(bad.getMessage().contains("Cell 2 of") && bad.getMessage().contains("by zero"), bad::getMessage);
        var wrong = assertThrows(
                Trouble.Failed.class, () -> notebook("int a = nothing;").run(false));
        assertTrue(wrong.getMessage().contains("nothing"), wrong::getMessage);
    }

    @Test
    void whatACellOpenedIsClosedWhenAnotherFails() throws Exception {
        assertThrows(
                Trouble.Failed.class,
                () -> notebook(
                                "int n = 1;\n"
                                    + "AutoCloseable open = () -> System.setProperty(\"notebook.closed\", \"yes\");",
                                "int b = n / 0;")
                        .run(false));
        assertEquals("yes", System.clearProperty("notebook.closed"));
    }

    @Test
    void picturesAreWrittenAndMagicIsPassedOver() throws Exception {
        var notebook = notebook("%dependency /resolve\n"
                + "int side = 20;\n"
                + "new java.awt.image.BufferedImage(side, 10, java.awt.image.BufferedImage.TYPE_INT_RGB)");
        notebook.run(false);
        notebook.write();
        var output = JsonMapper.shared()
                .readTree(Files.readString(folder.resolve("a.ipynb")))
                .at("/cells/0/outputs/0");
        assertEquals("display_data", output.get("output_type").asString());
        assertTrue(output.at("/data/image~1png").asString().startsWith("iVBOR"), output::toString);
        assertEquals(10, output.at("/metadata/image~1png/width").asInt());
        assertEquals(
                20,
                ImageIO.read(new ByteArrayInputStream(notebook.firstPicture())).getWidth());
        assertThrows(Trouble.Usage.class, notebook("int n = 1;")::firstPicture);
    }

    private Notebook notebook(String... cells) throws Exception {
        var json = JsonMapper.shared().createObjectNode();
        var all = json.putArray("cells");
        for (var source : cells) {
            var lines = all.addObject().put("cell_type", "code").putArray("source");
            source.lines().forEach(line -> lines.add(line + "\n"));
        }
        return Notebook.read(Files.writeString(folder.resolve("a.ipynb"), json.toString()));
    }
}
