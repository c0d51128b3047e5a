package rekey.report;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.session.Entry;
import rekey.session.Entry.Event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// What a hold's time went into, from lines as the runner and the guard write them.
@Tag("report")
class HoldTest {
    private static final Entry HELD = line(1000, "pause", Event.HELD, Map.of("hold", "h", "askedUs", "1000000", "deadlineUs", "31000000"));
    private static final Entry STOPPED = line(1300, "pause", Event.DONE, Map.of("hold", "h", "askedUs", "1000000", "sinceUs", "1100000"));
    private static final Entry RESUMED = line(1900, "pause", Event.RESUMED, Map.of("hold", "h", "heldMs", "790", "pauseMs", "890", "resumedUs", "1890000", "by", "runner"));

    @Test void theSharesAreTheWhole() {
        var hold = Hold.of(List.of(HELD, STOPPED, line(1600, "remaining", Event.DONE, Map.of("rows", "5")), line(1650, "swap", Event.INTENT, Map.of()), RESUMED), List.of(at(1700))).getFirst();
        assertEquals("[last batches 200, last round 300, last look 50, exchange 50, look, reopening 190]", hold.shares().stream().map(s -> s.what() + " " + s.ms()).toList().toString());
        assertEquals(790, hold.shares().stream().mapToLong(Hold.Share::ms).sum());
    }

    @Test void withoutAQueryLogTheExchangeIsNotToldApart() {
        var hold = Hold.of(List.of(HELD, STOPPED, line(1600, "remaining", Event.DONE, Map.of("rows", "5")), line(1650, "swap", Event.INTENT, Map.of()), RESUMED), List.of()).getFirst();
        assertEquals("exchange and reopening", hold.shares().getLast().what());
        assertEquals(240, hold.shares().getLast().ms());
    }

    @Test void aGuardReopened() {
        var hold = Hold.of(List.of(HELD, line(31000, "pause", Event.RESUMED, Map.of("hold", "h", "by", "guard", "pauseMs", "30000"))), List.of()).getFirst();
        assertEquals("guard", hold.by());
        assertNull(hold.heldMs());
        assertEquals(at(31000), hold.until());
        assertTrue(hold.shares().isEmpty());
    }

    @Test void aHoldThatStands() {
        assertNull(Hold.of(List.of(HELD, STOPPED), List.of()).getFirst().until());
    }

    private static Entry line(long ms, String step, Event event, Map<String, String> detail) {
        return new Entry(at(ms), "r", ms, step, event, detail);
    }

    private static Instant at(long ms) {
        return Instant.ofEpochMilli(ms);
    }
}
