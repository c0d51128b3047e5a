package rekey.report;

import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;
import rekey.Scene;
import rekey.report.plot.Drawing;
import rekey.session.Entry.Event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// What the report says against what happened: before, in the middle, after the swap, and rolled back.
@Tag("report")
class ReportTest {
    private static final String QUERY = "SELECT uniq(distinct_id) FROM {table} WHERE event != '<b>|\"x\"</b>'";

    @Test void itTellsWhatHappened(@TempDir Path folder) throws Exception {
        try (var scene = Scene.live(Scene.PLAIN)) {
            var nothing = page(scene);
            assertTrue(Markdown.of(nothing).contains("nothing has been done yet"));
            wellFormed(nothing);

            scene.migrate("backfill");
            var half = facts(scene);
            assertTrue(Markdown.of(Report.of(half)).contains("Ingestion has not been held"));
            assertTrue(Markdown.of(Report.of(half)).contains("`migrate`"));
            wellFormed(Report.of(half));

            scene.migrate("optimize");
            Scene.await("the query log", () -> !facts(scene).statements().exchanges().isEmpty());
            var done = facts(scene);
            heldTimeAddsUp(scene, done);
            assertEquals(scene.count(scene.migration.rewrite().backup(), "1"), done.partitions().stream().mapToLong(Facts.Partition::rowsBefore).sum());
            assertTrue(done.partitions().stream().allMatch(p -> p.chunks() > 0), () -> done.partitions().toString());
            assertTrue(done.costs().size() > 3 && done.costs().getFirst().msAfter() > 0, () -> done.costs().toString());
            assertTrue(done.costs().stream().allMatch(c -> c.rowsBefore() > 0), () -> done.costs().toString());
            var page = Report.of(done);
            var text = Markdown.of(page);
            for (var words : List.of("EXCHANGE TABLES", "no difference", "`finalize`", "cityHash64(distinct_id)", "Kafka's lag was seen")) assertTrue(text.contains(words), words);
            wellFormed(page);
            assertEquals(List.of("rows", "held", "parts", "queries"), pictures(page).stream().map(Page.Picture::name).toList());
            for (var p : pictures(page)) drawn(p);

            var saved = Saved.to(folder.resolve("out"), done);
            assertEquals(4, saved.pictures().size());
            for (var p : saved.pictures()) assertTrue(text.contains("](" + Path.of(p).getFileName() + ")"));
            assertTrue(Files.size(Path.of(saved.html())) > 100_000);

            scene.rollback();
            var back = page(scene);
            assertTrue(Markdown.of(back).contains("was rolled back"));
            wellFormed(back);
            assertEquals(1, Story.last(scene.journal()).attempts());
            scene.migrate("create");
            assertEquals(2, Story.last(scene.journal()).attempts());
            assertTrue(Story.last(scene.journal()).all(Event.ROUND).isEmpty(), "the rounds of an attempt before are not this one's");
        }
    }

    /// The sum of its shares is the journal's own figure, told by the consumers' record.
    private static void heldTimeAddsUp(Scene scene, Facts facts) {
        var journaled = scene.journal().stream().filter(e -> e.event() == Event.RESUMED).reduce((a, b) -> b).orElseThrow().get("heldMs");
        var hold = facts.holds().getLast();
        assertEquals(journaled, "" + hold.heldMs());
        assertEquals(hold.heldMs(), hold.shares().stream().mapToLong(Hold.Share::ms).sum(), 1, hold::toString);
        assertTrue(hold.shares().stream().map(Hold.Share::what).toList().containsAll(List.of("last round", "exchange")), hold::toString);
    }

    private static Facts facts(Scene scene) {
        return Facts.of(scene.session(), scene.migration, List.of(QUERY));
    }

    private static Page page(Scene scene) {
        return Report.of(facts(scene));
    }

    /// As HTML it is XML too, and reaches for nothing outside; as Markdown each row of a table has its columns.
    private static void wellFormed(Page page) throws Exception {
        var html = Html.of(page);
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(html)));
        assertFalse(html.matches("(?s).*(src|href)=\"(?!data:).*"), "it reaches outside");
        assertFalse(html.substring(0, html.indexOf("</style>")).matches("(?s).*(url\\(|@import|https?:).*"), "its style reaches outside");
        int columns = 0;
        for (var line : Markdown.of(page).lines().toList()) {
            if (!line.startsWith("|")) columns = 0;
            else if (columns == 0) columns = cells(line);
            else assertEquals(columns, cells(line), line);
        }
    }

    private static int cells(String row) {
        return row.replace("\\|", "").split("\\|", -1).length;
    }

    private static List<Page.Picture> pictures(Page page) {
        return page.blocks().stream().filter(Page.Picture.class::isInstance).map(Page.Picture.class::cast).toList();
    }

    /// It has the size that it is said to have, and is still a picture without its colours.
    private static void drawn(Page.Picture picture) throws Exception {
        var image = ImageIO.read(new ByteArrayInputStream(picture.png()));
        assertEquals(2 * Drawing.WIDTH, image.getWidth());
        assertEquals(2 * picture.height(), image.getHeight());
        var greys = new HashSet<Integer>();
        for (int y = 0; y < image.getHeight(); y += 3) for (int x = 0; x < image.getWidth(); x += 3) {
            int rgb = image.getRGB(x, y);
            greys.add((((rgb >> 16) & 255) * 3 + ((rgb >> 8) & 255) * 6 + (rgb & 255)) / 10);
        }
        assertTrue(greys.size() > 20, picture.name() + " has " + greys.size() + " greys");
    }
}
