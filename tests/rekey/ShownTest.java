package rekey;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.lab.Ledger;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.SomeLines;

/// The tests of tests: one that shows nothing must fail.
@Tag("unit")
class ShownTest {
    private static final Entry ROUND = entry(SomeLines.round(3, 3)), EARLY = entry(SomeLines.round(3, 0));
    private static final Entry HELD = entry(SomeLines.held("h", 1_000_000, 2_000_000)),
            RESUMED = entry(SomeLines.resumed("h", "runner", 1000L, Instant.ofEpochSecond(2)));

    private static Entry entry(Detail detail) {
        return new Entry(Instant.EPOCH, "r", 1, "", detail);
    }

    /// A ledger of messages acknowledged at these milliseconds.
    private static Ledger ledger(long... millis) {
        var ledger = new Ledger();
        for (long ms : millis)
            ledger.add(new Ledger.Message(
                    0, ms, UUID.randomUUID(), Instant.ofEpochMilli(ms), Instant.ofEpochMilli(ms), false, false, false));
        return ledger;
    }

    @Test
    void countsWhatCameWhileHeldAndWhatCameLate() {
        assertEquals(
                new Shown(2, 3), Shown.by(List.of(EARLY, ROUND, HELD, RESUMED), ledger(500, 1000, 1500, 2000, 2500)));
        assertDoesNotThrow(new Shown(1, 1)::mustNotBeVacuous);
    }

    @Test
    void aRunWithNothingProducedWhileHeldIsVacuous() {
        assertThrows(
                AssertionError.class, Shown.by(List.of(ROUND, HELD, RESUMED), ledger(500, 2500))::mustNotBeVacuous);
        assertThrows(AssertionError.class, Shown.by(List.of(ROUND), ledger(500, 1500))::mustNotBeVacuous);
    }

    @Test
    void aRunWithoutALateRowIsVacuous() {
        assertThrows(AssertionError.class, Shown.by(List.of(EARLY, HELD, RESUMED), ledger(1500))::mustNotBeVacuous);
    }
}
