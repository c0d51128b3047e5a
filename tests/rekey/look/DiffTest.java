package rekey.look;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Which lines of two definitions are put beside each other.
@Tag("look")
class DiffTest {
    @Test
    void whatIsAlikeStaysBesideItself() {
        var pairs = Diff.compared(
                List.of("(", "  a Int8,", "  gone String,", "  b String", ")", "ORDER BY a"),
                List.of("(", "  a Int8,", "  b String,", "  new UInt8", ")", "ORDER BY b", "SAMPLE BY b"));
        assertEquals(
                List.of("", "", "<", "", ">", "", "|", ">"),
                pairs.stream().map(Diff.Pair::mark).toList());
        assertEquals(new Diff.Pair("ORDER BY a", "ORDER BY b"), pairs.get(6));
    }

    @Test
    void theCommaOfTheLastColumnIsNoDifference() {
        assertTrue(new Diff("l", "r", Diff.compared(List.of("a Int8"), List.of("a Int8,"))).same());
    }

    @Test
    void longLinesGoOnBelowAndNothingIsCut() {
        var line = "ORDER BY (team_id, toDate(timestamp), event, cityHash64(distinct_id), cityHash64(uuid),"
                + " another_column)";
        var diff = new Diff("source", "target", Diff.compared(List.of("ORDER BY a", "x"), List.of(line, "x")));
        for (int width : new int[] {60, 80, 120}) {
            var text = diff.sheet(width, true).text(width);
            for (var l : text.lines().toList()) assertTrue(l.length() <= width, l);
            assertEquals(-1, text.indexOf('…'), text);
            assertTrue(text.replaceAll("[\\s|]+", "").contains("cityHash64(uuid),another_column)"), text);
            assertTrue(text.endsWith("1 line differs."), text);
        }
        assertEquals(1, diff.sheet(300, false).grid("").rows().size());
    }
}
