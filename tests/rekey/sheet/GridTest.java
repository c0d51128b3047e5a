package rekey.sheet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What a grid looks like on a screen of a given width, and to another program.
@Tag("look")
class GridTest {
    private static final Grid WIDE = Grid.of(
                    "tables", "table", "engine", "rows#", "size:bytes", "left:seconds", "what:prose")
            .with(List.of(
                    Arrays.asList(
                            "events_rekey_0002_events_sample_by",
                            "ReplacingMergeTree",
                            1_234_567_890L,
                            1L << 33,
                            125.0,
                            "the target of a migration that has a long name"),
                    Arrays.asList("事件", "MergeTree", null, null, Double.NaN, "")));

    @Test
    void noLineIsLongerThanTheScreen() {
        for (int width : new int[] {70, 80, 120, 200})
            for (var line : WIDE.text(width).lines().toList())
                assertTrue(TextWidth.width(line) <= width, width + ": " + line);
    }

    @Test
    void aNameLosesItsMiddleAndASentenceItsEnd() {
        var text = WIDE.text(76);
        assertTrue(text.contains("events_rekey…ts_sample_by"), text);
        assertTrue(WIDE.text(200).contains("events_rekey_0002_events_sample_by")
                && WIDE.text(200).contains("long name"));
    }

    /// An error's message and a query are what one looks for.
    @Test
    void aSentenceGoesOnBesideTheRestOrBelowIt() {
        var said = "Memory limit exceeded: would use 18.65 GiB, current RSS 17.20 GiB, maximum 17.18 GiB";
        var one = Grid.of("", "code#", "message:prose").with(List.of(List.of(241L, said), List.of(62L, "short")));
        assertEquals(
                List.of(
                        "code  message",
                        " 241  Memory limit exceeded: would",
                        "      use 18.65 GiB, current RSS",
                        "      17.20 GiB, maximum 17.18 GiB",
                        "  62  short"),
                one.text(36).lines().toList());
        var two = Grid.of("", "code#", "times#", "user", "query:prose", "error:prose")
                .with(List.of(
                        List.of(241L, 3L, "a_user_with_a_name", "SELECT 1", said), List.of(62L, 1L, "b", "", "short")));
        assertEquals(
                List.of(
                        "code  times  user",
                        " 241      3  a_user_with_a_name",
                        "    query  SELECT 1",
                        "    error  Memory limit exceeded: would use 18.65",
                        "           GiB, current RSS 17.20 GiB, maximum…",
                        "  62      1  b",
                        "    error  short"),
                two.text(50).lines().toList());
        assertEquals(3, two.text(200).lines().count());
    }

    @Test
    void amountsStandAtTheRightAndWideLettersCountTwice() {
        var lines = WIDE.text(200).lines().toList();
        assertTrue(lines.get(1).contains("1,234,567,890  8.0 GiB"), lines.get(1));
        assertEquals(
                lines.get(0).indexOf("engine") - 2,
                lines.get(2).indexOf("MergeTree")); // two letters that are four columns wide
    }

    @Test
    void whatDoesNotFitAtAllStandsAValueALine() {
        var text = WIDE.text(40);
        assertTrue(text.contains("\nengine  ReplacingMergeTree"), text);
        for (var line : text.lines().toList()) assertTrue(TextWidth.width(line) <= 40, line);
    }

    @Test
    void uprightNothingIsCut() {
        var text = WIDE.vertical(50);
        assertTrue(
                text.contains("events_rekey_0002_events_sample_by")
                        && text.contains("a long\n        name")
                        && text.contains("-- 2"),
                text);
    }

    @Test
    void aSentenceIsBrokenAtSpaces() {
        assertEquals("one two\nthree\n  four\n  five", TextWidth.fitted("one two three\n  four five", 9));
        assertEquals("as it  is", TextWidth.fitted("as it  is", 9));
    }

    @Test
    void aColumnWithoutAValueIsLeftOut() {
        var grid = Grid.of("", "a", "empty", "n#").with(List.of(Arrays.asList("x", "", 1L)));
        assertEquals("a  n\nx  1", grid.text(80));
    }

    @Test
    void aUuidIsShownByItsBeginning() {
        var id = "3f9cdf66-4333-491b-9414-e18d041e1cd5";
        var grid = Grid.of("", "id:id").with(List.of(List.of(id), List.of("rekey:db:m1:r1:3:copy")));
        assertEquals("id\n3f9cdf66\nrekey:db:m1:r1:3:copy", grid.text(80));
        assertTrue(grid.vertical(80).contains(id));
    }

    @Test
    void nothingMovesTheCursor() {
        var grid = Grid.of("", "name", "b").with(List.of(List.of("a\nb\tc\033[31m", "x")));
        assertEquals(
                "a\\nb\\tc\\x1b[31m  x",
                grid.text(80).lines().skip(1).findFirst().orElseThrow());
        assertFalse(grid.vertical(80).contains("\033"));
    }

    @Test
    void forAProgramAmountsAreNumbers() {
        var page = Sheet.of("", WIDE);
        assertEquals(
                "{\"table\":\"事件\",\"engine\":\"MergeTree\",\"rows\":null,"
                        + "\"size\":null,\"left\":null,\"what\":\"\"}",
                page.json().lines().skip(1).findFirst().orElseThrow());
        assertEquals(
                "事件\tMergeTree\t\\N\t\\N\tNaN\t",
                page.tsv().lines().skip(2).findFirst().orElseThrow());
        assertEquals(1L << 33, page.grid("").value(0, "size"));
    }

    @Test
    void aPageWithoutRowsSaysSo() {
        assertEquals(
                "Nothing runs.",
                Sheet.of("Nothing runs.", Grid.of("a", "x"), Grid.of("b", "y")).text(80));
        var two = Sheet.of(
                "Nothing runs.",
                Grid.of("a", "x").with(List.of(List.of("1"))),
                Grid.of("b", "y").noting("A sentence about b."));
        assertEquals("# a\nx\n1\n\n# b\nA sentence about b.", two.text(80));
    }
}
