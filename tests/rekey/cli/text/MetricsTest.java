package rekey.cli.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.run.SomeStatus;
import rekey.run.Status;

/// Held to Prometheus' text exposition format 0.0.4 and its rules of naming: one HELP and one TYPE before a metric's
/// samples, which stand together; base units; `_total` is for counters alone.
@Tag("cli")
class MetricsTest {
    private static final Pattern LABEL =
            Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\\n]|\\\\[\\\\\"n])*)\"(?:,|$)");
    private static final Pattern SAMPLE =
            Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)\\{(.*)} (-?[0-9]+(?:\\.[0-9]+)?(?:[eE]-?[0-9]+)?)");

    private static Status status(String name, String table, Long heldMs, Long lag) {
        return SomeStatus.of(name, table, null, heldMs, lag);
    }

    @Test
    void itIsTheTextFormat() {
        var text = Metrics.of(List.of(
                status("one", "db.t", 1739L, 12L), status("two \"quoted\" \\ and\nbroken", "db.`a}b`", null, null)));
        var types = new HashMap<String, String>();
        var helped = new HashSet<String>();
        var series = new HashSet<String>();
        var closed = new HashSet<String>();
        var current = "";
        for (var line : text.split("\n", -1)) {
            if (line.startsWith("# HELP ")) {
                assertTrue(helped.add(line.split(" ")[2]), line);
                continue;
            }
            if (line.startsWith("# TYPE ")) {
                assertEquals(null, types.put(line.split(" ")[2], line.split(" ")[3]), line);
                closed.add(current);
                current = line.split(" ")[2];
                assertTrue(helped.contains(current) && !closed.contains(current), line);
                continue;
            }
            var sample = SAMPLE.matcher(line);
            assertTrue(sample.matches(), line);
            assertEquals(current, sample.group(1), "samples of a metric stand together: " + line);
            assertTrue(series.add(sample.group(1) + sample.group(2)), "twice: " + line);
            var labels = LABEL.matcher(sample.group(2));
            int end = 0;
            while (labels.find() && labels.start() == end) end = labels.end();
            assertEquals(sample.group(2).length(), end, "labels: " + line);
        }
        types.forEach((name, type) -> {
            assertEquals("gauge", type);
            assertFalse(name.matches(".*(_total|milli|_ms|kilo).*"), name);
        });
        assertTrue(text.contains("rekey_held_seconds{migration=\"one\",table=\"db.t\"} 1.739"), text);
        assertTrue(text.contains("migration=\"two \\\"quoted\\\" \\\\ and\\nbroken\""), text);
        assertFalse(text.contains("rekey_eta_seconds"), "what is not known is left out");
        assertEquals(
                1, text.lines().filter(l -> l.startsWith("rekey_lag_messages{")).count());
    }
}
