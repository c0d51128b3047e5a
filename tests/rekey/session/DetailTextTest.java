package rekey.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.model.Blocks;
import rekey.model.Trouble;

/// Lines of an older version, of a newer one, and those that are no lines.
@Tag("journal")
class DetailTextTest {
    /// Whoever goes on with a migration may have another version than who began it.
    @Test
    void journalsOfEarlierVersionsAreReadBackExactly() {
        var kinds = new TreeSet<String>();
        for (var file : RecordedJournals.files())
            for (var e : RecordedJournals.read(file)) {
                assertEquals(
                        new TreeMap<>(e.text()),
                        new TreeMap<>(DetailText.write(e.detail())),
                        () -> file.getFileName() + ", line " + e.number() + " of " + e.runner());
                kinds.add(RecordedJournals.kind(e));
            }
        var unseen = new TreeSet<>(List.of(
                "Locked LOCKED",
                "Planned PLANNED",
                "Failed FAILED",
                "Creating INTENT",
                "Naming INTENT",
                "Attaching INTENT",
                "Attached ATTACHED",
                "Replayed REPLAYED",
                "Dropped DROPPED",
                "Held HELD",
                "Resumed RESUMED",
                "Exchanging INTENT",
                "Poisoned POISONED",
                "Verified VERIFIED",
                "Sampled SAMPLED",
                "Order CONTROL",
                "Sample SAMPLE",
                "Took NOTE",
                "Bare ROLLED_BACK"));
        unseen.removeAll(kinds);
        assertTrue(unseen.isEmpty(), () -> "no line of: " + unseen + ", of these alone: " + kinds);
    }

    @Test
    void theirValuesAreWhatTheyMean() {
        var held = read("pause", Entry.Event.HELD, "hold", "h", "askedUs", "1795914066700168", "deadlineUs", "1");
        assertEquals(
                new Detail.Held("h", Instant.parse("2026-11-29T01:01:06.700168Z"), Instant.EPOCH.plusNanos(1000)),
                held);
        var sample = assertInstanceOf(
                Detail.Sample.class,
                read("", Entry.Event.SAMPLE, "lag", "7", "live.parts", "202601=2 a=b=3", "heldLag", "1389=219 2=0"));
        assertEquals(7, sample.lag().orElseThrow());
        assertEquals(
                Map.of("202601", 2L, "a=b", 3L),
                sample.liveParts().orElseThrow().byName());
        assertEquals(
                List.of(
                        new Encoded.Reading(Duration.ofMillis(1389), 219),
                        new Encoded.Reading(Duration.ofMillis(2), 0)),
                sample.heldLag().orElseThrow().readings());
        var dropped = assertInstanceOf(
                Detail.Dropped.class,
                read(
                        "round",
                        Entry.Event.DROPPED,
                        Map.of("from", "a", "to", "b", "why", "dropped", "slices", "p:1-3,5 q:7", "own", "")));
        assertEquals(Map.of("p", Blocks.parse("1-3,5"), "q", Blocks.parse("7")), dropped.slices());
        assertEquals(Map.of(), dropped.own());
        assertTrue(dropped.between("a", "b"));
    }

    /// A table that was swapped by such a version, and is not finalized, must have its way back.
    @Test
    void linesThatSaidLessAreRead() {
        var resumed = assertInstanceOf(Detail.Drained.class, read("resume", Entry.Event.DONE));
        assertEquals(Map.of(), DetailText.write(resumed));
        var failed = assertInstanceOf(
                Detail.Failed.class, read("", Entry.Event.FAILED, "error", "no disk", "step", "backfill"));
        assertFalse(failed.stopped());
    }

    @Test
    void aKeyOfANewerVersionStaysWithItsLine() {
        for (var e : RecordedJournals.all()) {
            var newer = new TreeMap<>(e.text());
            newer.put("from a newer version", "x");
            var read = new Entry(e.at(), e.runner(), e.number(), e.step(), e.event(), newer);
            assertEquals(e.detail(), read.detail());
            assertEquals(newer, new TreeMap<>(read.text()));
        }
    }

    @Test
    void whatCantBeReadIsRefusedWithItsName() {
        var not =
                assertThrows(Trouble.Refused.class, () -> read("pause", Entry.Event.HELD, "hold", "h", "askedUs", "x"));
        assertTrue(not.getMessage().contains("HELD of step 'pause' the key askedUs is 'x'"), not::getMessage);
        var half = assertThrows(
                Trouble.Refused.class, () -> read("", Entry.Event.SAMPLE, "lag", "7", "live.parts", "202601"));
        assertTrue(half.getMessage().contains("the key live.parts is '202601'"), half::getMessage);
        var gone = assertThrows(Trouble.Refused.class, () -> read("create", Entry.Event.DONE));
        assertTrue(gone.getMessage().contains("the key target is not there"), gone::getMessage);
    }

    /// What statements and lists ask for by name is what lines have.
    @Test
    void keysThatAreAskedForAreThoseThatAreWritten() {
        assertEquals("position(detail, '\"serverBack\"') > 0", LineKeys.SERVER_IS_BACK);
        assertEquals("position(detail, '\"same.') > 0", LineKeys.NAMES_ARE_OTHERS);
        assertEquals("JSONExtractString(detail, 'rewrite')", LineKeys.REWRITE_OF_LINE);
        assertEquals("JSONHas(detail, 'rewrite')", LineKeys.HAS_REWRITE);
        var written = RecordedJournals.all().stream()
                .flatMap(e -> e.text().keySet().stream())
                .collect(Collectors.toSet());
        var asked = new TreeSet<>(LineKeys.LONG);
        asked.addAll(LineKeys.FOR_RESTART);
        asked.add(LineKeys.ERROR);
        asked.removeAll(written);
        assertEquals(Set.of(), asked);
    }

    /// Two kinds of which a line could be either, or one that no line can be.
    @Test
    void eachKindIsToldFromAllOthers() {
        var lines = DetailText.kinds().stream()
                .map(kind -> kind.getAnnotation(LineOf.class))
                .map(line -> line.value() + "/" + line.step() + "/" + line.by())
                .collect(Collectors.groupingBy(l -> l, TreeMap::new, Collectors.counting()));
        lines.values().removeIf(n -> n == 1);
        assertEquals(Map.of(), lines);
        var stepless = DetailText.kinds().stream()
                .map(kind -> kind.getAnnotation(LineOf.class))
                .filter(line -> line.step().isEmpty() && line.by().isEmpty())
                .map(LineOf::value)
                .toList();
        assertEquals(
                List.of(),
                DetailText.kinds().stream()
                        .map(kind -> kind.getAnnotation(LineOf.class))
                        .filter(line -> !(line.step() + line.by()).isEmpty() && stepless.contains(line.value()))
                        .toList());
    }

    private static Detail read(String step, Entry.Event event, String... pairs) {
        var text = new TreeMap<String, String>();
        for (int i = 0; i < pairs.length; i += 2) text.put(pairs[i], pairs[i + 1]);
        return read(step, event, text);
    }

    private static Detail read(String step, Entry.Event event, Map<String, String> text) {
        return DetailText.read(step, event, text);
    }
}
