package rekey.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.report.facts.IngestionPause;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.SomeLines;

/// What a hold's time went into, from lines as the runner and the guard write them.
@Tag("report")
class IngestionPauseTest {
    private static final Entry HELD = line(1000, "pause", SomeLines.held("h", 1_000_000, 31_000_000));
    private static final Entry STOPPED =
            line(1300, "pause", new Detail.Paused("h", at(1100), at(1000), Optional.empty()));
    private static final Entry RESUMED = line(1900, "pause", SomeLines.resumed("h", "runner", 790L, at(1890)));

    private static IngestionPause swapped(List<Instant> exchanges) {
        return IngestionPause.of(
                        List.of(
                                HELD,
                                STOPPED,
                                line(1600, "remaining", new Detail.Remained(5)),
                                line(
                                        1650,
                                        "swap",
                                        new Detail.Exchanging(
                                                Optional.empty(), Optional.empty(), "t", false, Map.of())),
                                RESUMED),
                        exchanges)
                .getFirst();
    }

    @Test
    void theSharesAreTheWhole() {
        var hold = swapped(List.of(at(1700)));
        assertEquals(
                "[last batches 200, last round 300, last look 50, exchange 50, look, reopening 190]",
                hold.shares().stream()
                        .map(s -> s.what() + " " + s.ms())
                        .toList()
                        .toString());
        assertEquals(
                790, hold.shares().stream().mapToLong(IngestionPause.Share::ms).sum());
    }

    @Test
    void withoutAQueryLogTheExchangeIsNotToldApart() {
        var hold = swapped(List.of());
        assertEquals("exchange and reopening", hold.shares().getLast().what());
        assertEquals(240, hold.shares().getLast().ms());
    }

    @Test
    void aGuardReopened() {
        var hold = IngestionPause.of(List.of(HELD, line(31000, "pause", SomeLines.resumed("h", "guard"))), List.of())
                .getFirst();
        assertEquals("guard", hold.by());
        assertNull(hold.heldMs());
        assertEquals(at(31000), hold.until());
        assertTrue(hold.shares().isEmpty());
    }

    @Test
    void aHoldThatStands() {
        assertNull(
                IngestionPause.of(List.of(HELD, STOPPED), List.of()).getFirst().until());
    }

    private static Entry line(long ms, String step, Detail detail) {
        return new Entry(at(ms), "r", ms, step, detail);
    }

    private static Instant at(long ms) {
        return Instant.ofEpochMilli(ms);
    }
}
