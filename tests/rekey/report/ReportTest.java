package rekey.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;
import rekey.Scene;
import rekey.report.facts.AttemptHistory;
import rekey.report.facts.IngestionPause;
import rekey.report.plot.Drawing;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Entry.Event;

/// What the report says against what happened: before, in the middle, after the swap, and rolled back.
@Tag("report")
@Order(Integer.MAX_VALUE - 1)
class ReportTest {
    private static final String QUERY = "SELECT uniq(distinct_id) FROM {table} WHERE event != '<b>|\"x\"</b>'";

    @Test
    void itTellsWhatHappened(@TempDir Path folder) throws Exception {
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
            Scene.await(
                    "the query log",
                    () -> !facts(scene).statements().exchanges().isEmpty());
            var done = facts(scene);
            heldTimeAddsUp(scene, done);
            assertEquals(
                    scene.count(scene.migration.rewrite().backup(), "1"),
                    done.partitions().stream()
                            .mapToLong(MigrationFacts.Partition::rowsBefore)
                            .sum());
            assertTrue(
                    done.partitions().stream().allMatch(p -> p.chunks() > 0),
                    () -> done.partitions().toString());
            assertTrue(
                    done.costs().size() > 3 && done.costs().getFirst().msAfter() > 0,
                    () -> done.costs().toString());
            assertTrue(
                    done.costs().stream().allMatch(c -> c.rowsBefore() > 0),
                    () -> done.costs().toString());
            for (var p : done.partitions()) assertEquals(p.rowsBefore() + p.rowsSince(), p.rowsAfter(), p::toString);
            assertTrue(
                    done.partitions().stream().anyMatch(p -> p.rowsSince() > 0),
                    () -> done.partitions().toString());
            var page = Report.of(done);
            var text = Markdown.of(page);
            var tiles = page.blocks().stream()
                    .filter(Document.Tiles.class::isInstance)
                    .map(b -> ((Document.Tiles) b).tiles())
                    .findFirst()
                    .orElseThrow();
            assertEquals(
                    List.of("Rows", "Missing", "Doubled", "Held"),
                    tiles.stream().map(Document.Tile::name).toList());
            assertTrue(tiles.get(0).says().endsWith(" since the swap"), tiles::toString);
            assertEquals("0", tiles.get(1).figure());
            assertEquals("0", tiles.get(2).figure());
            assertEquals(done.holds().getLast().heldMs() + " ms", tiles.get(3).figure());
            for (var words : List.of(
                    "EXCHANGE TABLES",
                    "no difference",
                    "`finalize`",
                    "cityHash64(distinct_id)",
                    "Kafka's lag was seen")) assertTrue(text.contains(words), words);
            wellFormed(page);
            assertEquals(
                    List.of("rows", "held", "parts", "queries"),
                    pictures(page).stream().map(Document.Picture::name).toList());
            for (var p : pictures(page)) drawn(p);

            var saved = ReportFiles.to(folder.resolve("out"), done);
            assertEquals(4, saved.pictures().size());
            for (var p : saved.pictures())
                assertTrue(text.contains("](" + Path.of(p).getFileName() + ")"));
            assertTrue(Files.size(Path.of(saved.html())) > 100_000);

            // what finds all done is no part of the run
            var worked = done.story().worked();
            scene.migrate("optimize");
            assertEquals(worked, facts(scene).story().worked());

            scene.rollback();
            var back = page(scene);
            assertTrue(Markdown.of(back).contains("was rolled back"));
            wellFormed(back);
            assertEquals(1, AttemptHistory.last(scene.journal()).attempts());
            scene.migrate("create");
            assertEquals(2, AttemptHistory.last(scene.journal()).attempts());
            assertTrue(
                    AttemptHistory.last(scene.journal()).all(Event.ROUND).isEmpty(),
                    "the rounds of an attempt before are not this one's");
        }
    }

    /// The sum of its shares is the journal's own figure, told by the consumers' record.
    private static void heldTimeAddsUp(Scene scene, MigrationFacts facts) {
        var journaled = Entry.last(scene.journal(), Detail.Resumed.class)
                .flatMap(Detail.Resumed::held)
                .orElseThrow()
                .toMillis();
        var hold = facts.holds().getLast();
        assertEquals(journaled, hold.heldMs());
        assertEquals(
                hold.heldMs(),
                hold.shares().stream().mapToLong(IngestionPause.Share::ms).sum(),
                1,
                hold::toString);
        assertTrue(
                hold.shares().stream()
                        .map(IngestionPause.Share::what)
                        .toList()
                        .containsAll(List.of("last round", "exchange")),
                hold::toString);
    }

    private static MigrationFacts facts(Scene scene) {
        return MigrationFacts.of(scene.session(), scene.migration, List.of(QUERY));
    }

    private static Document page(Scene scene) {
        return Report.of(facts(scene));
    }

    /// As HTML it is XML too, and reaches for nothing outside; as Markdown each row of a table has its columns.
    private static void wellFormed(Document page) throws Exception {
        var html = Html.of(page);
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(html)));
        assertFalse(html.matches("(?s).*(src|href)=\"(?!data:).*"), "it reaches outside");
        assertFalse(
                html.substring(0, html.indexOf("</style>")).matches("(?s).*(url\\(|@import|https?:).*"),
                "its style reaches outside");
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

    private static List<Document.Picture> pictures(Document page) {
        return page.blocks().stream()
                .filter(Document.Picture.class::isInstance)
                .map(Document.Picture.class::cast)
                .toList();
    }

    /// It has the size that it is said to have, and is still a picture without its colours.
    private static void drawn(Document.Picture picture) throws Exception {
        var image = ImageIO.read(new ByteArrayInputStream(picture.png()));
        assertEquals(2 * Drawing.WIDTH, image.getWidth());
        assertEquals(2 * picture.height(), image.getHeight());
        var greys = new HashSet<Integer>();
        for (int y = 0; y < image.getHeight(); y += 3)
            for (int x = 0; x < image.getWidth(); x += 3) {
                int rgb = image.getRGB(x, y);
                greys.add((((rgb >> 16) & 255) * 3 + ((rgb >> 8) & 255) * 6 + (rgb & 255)) / 10);
            }
        // nothing stands at an edge, and nothing was left unpainted
        int right = image.getWidth() - 1, bottom = image.getHeight() - 1;
        for (int x = 0; x <= right; x++) for (int y : new int[] {0, 1, bottom - 1, bottom}) blank(picture, image, x, y);
        for (int y = 0; y <= bottom; y++) for (int x : new int[] {0, 1, right - 1, right}) blank(picture, image, x, y);
        assertTrue(greys.size() > 20, picture.name() + " has " + greys.size() + " greys");
    }

    private static void blank(Document.Picture picture, BufferedImage image, int x, int y) {
        assertEquals(0xFFFFFF, image.getRGB(x, y) & 0xFFFFFF, () -> picture.name() + " at " + x + ", " + y);
    }
}
