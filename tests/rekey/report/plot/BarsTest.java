package rekey.report.plot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.report.facts.AttemptHistory;
import rekey.report.facts.QueryCosts;

/// What is in the pictures of bars: whatever is drawn is named, and whatever is named is drawn.
@Tag("report")
class BarsTest {
    /// The legend once had lines of colours that no bar had.
    @Test
    void theLegendHasTheColoursOfTheBars() throws IOException {
        var image = image(Bars.parts(parts(5)));
        for (var color : List.of(Drawing.PALE, Drawing.MIDDLE, Drawing.DARK, Drawing.LIGHT)) {
            assertTrue(has(image, color, 0, image.getHeight() - 60), () -> "no bar is " + color);
            assertTrue(has(image, color, image.getHeight() - 48, image.getHeight()), () -> "no mark is " + color);
        }
    }

    /// Of many partitions every second one had no name.
    @Test
    void eachPartitionHasItsName() throws IOException {
        var image = image(Bars.parts(parts(14)));
        int axis = image.getHeight() - 1;
        while (ink(image, axis) < image.getWidth() * 3 / 4) axis--; // the lowest line that goes across the picture
        int marks = 0;
        for (int x = 1; x < image.getWidth(); x++)
            if (!white(image, x, axis + 4) && white(image, x - 1, axis + 4)) marks++;
        assertEquals(14, marks);
    }

    @Test
    void eachQueryIsThereWithBothItsFigures() throws IOException {
        var costs = IntStream.range(0, 20)
                .mapToObj(i -> new QueryCosts.Cost(
                        "column_" + i + ", toDate(a_column_of_a_long_name)".repeat(1 + i % 5),
                        "",
                        1_000_000 / (i + 1),
                        10_000L * i,
                        i == 0 ? 1.0 : null,
                        i == 0 ? 1.0 : null))
                .toList();
        var bars = new QueryBars(costs);
        var image = image(bars.png());
        assertEquals(2 * bars.height(), image.getHeight());
        int each = image.getHeight() / (costs.size() + 2);
        for (int i = 2; i <= costs.size(); i++) {
            int from = i * each, to = from + each + each / 3;
            assertTrue(has(image, Drawing.INK, from, to), "no text at " + from);
            assertTrue(has(image, Drawing.PALE, from, to), "no bar of the old keys at " + from);
            assertTrue(has(image, Drawing.DARK, from, to), "no bar of the new keys at " + from);
        }
        for (int y = 0; y < image.getHeight(); y++)
            assertTrue(white(image, image.getWidth() - 2, y), "at the right edge, " + y);
        assertEquals(null, new QueryBars(List.of()).png());
    }

    /// `0.50` stood beside `1` on an axis.
    @Test
    void amountsAreShort() {
        var amounts = List.of(0.5, 0.73, 3.0, 950.0, 12_500.0, 3_100_000.0, 400_000.0, 2e9);
        assertEquals(
                List.of("0.5", "0.73", "3", "950", "12.5 k", "3.1 M", "400 k", "2 G"),
                amounts.stream().map(Drawing::amount).toList());
    }

    private static AttemptHistory.Parts parts(int partitions) {
        Function<Long, Map<String, Long>> of =
                n -> IntStream.range(0, partitions).boxed().collect(Collectors.toMap(i -> "" + (20260101 + i), i -> n));
        return new AttemptHistory.Parts(of.apply(3L), of.apply(9L), of.apply(6L), of.apply(1L));
    }

    private static long ink(BufferedImage image, int y) {
        return IntStream.range(0, image.getWidth())
                .filter(x -> !white(image, x, y))
                .count();
    }

    private static boolean white(BufferedImage image, int x, int y) {
        return (image.getRGB(x, y) & 0xFFFFFF) == 0xFFFFFF;
    }

    private static BufferedImage image(byte[] png) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(png));
    }

    private static boolean has(BufferedImage image, Color color, int top, int bottom) {
        for (int y = top; y < bottom; y++)
            for (int x = 0; x < image.getWidth(); x++)
                if ((image.getRGB(x, y) & 0xFFFFFF) == (color.getRGB() & 0xFFFFFF)) return true;
        return false;
    }
}
