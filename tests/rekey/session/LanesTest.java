package rekey.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// How many chunks may be under way, by what looks find one after the other.
@Tag("unit")
class LanesTest {
    private final Control control = new Control(Limits.DEFAULT.withThreads(8));
    private final Lanes lanes = new Lanes(control);

    private List<Integer> afterWellLooks(int looks) {
        var out = new ArrayList<Integer>();
        for (int n = 0; n < looks; n++) {
            lanes.well();
            out.add(lanes.now());
        }
        return out;
    }

    @Test
    void eachLookThatFindsTooMuchHalvesThemAndOneStays() {
        assertEquals(8, lanes.now());
        assertEquals(Optional.of(new Detail.Adapted(4, 8, "memory")), lanes.scarce("memory"));
        lanes.scarce("parts");
        assertEquals(Optional.of(new Detail.Adapted(2, 8, "parts")), lanes.fewer());
        lanes.scarce("parts");
        assertEquals(Optional.empty(), lanes.scarce("parts"), "one can't be fewer");
        assertEquals(1, lanes.now());
    }

    @Test
    void severalWellLooksMakeOneMoreAndNeverMoreThanWasSaid() {
        control.limits(control.limits().withThreads(2));
        lanes.scarce("memory");
        lanes.well();
        lanes.well();
        lanes.scarce("memory"); // they count in a row
        assertEquals(List.of(1, 1, 2), afterWellLooks(3));
        assertEquals(Optional.empty(), lanes.fewer());
        assertEquals(List.of(2, 2, 2, 2, 2, 2), afterWellLooks(6));
    }

    @Test
    void oneMoreThatWasTooManyIsTriedLaterTheNextTime() {
        lanes.scarce("memory");
        lanes.scarce("memory");
        lanes.scarce("memory");
        assertEquals(List.of(1, 1, 2), afterWellLooks(3), "to go down thrice is one finding");
        lanes.scarce("memory");
        assertEquals(List.of(1, 1, 1, 1, 1, 2), afterWellLooks(6));
        for (int n = 0; n < 20; n++) {
            lanes.scarce("memory");
            while (lanes.now() < 2) lanes.well();
        }
        lanes.scarce("memory");
        assertEquals(1, afterWellLooks(59).getLast());
        assertEquals(2, afterWellLooks(1).getLast(), "it is tried in the end");
    }

    /// What was too many by morning says nothing of the evening.
    @Test
    void oneMoreThatStoodIsTriedAsSoonAsAtFirst() {
        control.limits(control.limits().withThreads(2));
        for (int n = 0; n < 4; n++) {
            lanes.scarce("memory");
            while (lanes.now() < 2) lanes.well();
        }
        lanes.scarce("memory");
        assertEquals(1, afterWellLooks(47).getLast());
        assertEquals(2, afterWellLooks(1).getLast());
        afterWellLooks(48);
        lanes.scarce("memory");
        assertEquals(List.of(1, 1, 2), afterWellLooks(3));
    }

    @Test
    void whatTheOperatorSaysCountsAtOnceAndIsTheMost() {
        assertEquals(Optional.empty(), lanes.asSaid(), "nothing was changed");
        lanes.scarce("memory");
        control.limits(control.limits().withThreads(3));
        assertEquals(3, lanes.now(), "4 were allowed");
        lanes.scarce("memory");
        control.limits(control.limits().withThreads(6));
        assertEquals(Optional.of(new Detail.Adapted(6, 6, "as it was said")), lanes.asSaid());
        assertEquals(6, lanes.now());
    }

    @Test
    void theJournalTellsThoseOfTheLastRun() {
        var fewer = new Detail.Adapted(1, 2, "memory");
        assertEquals(Optional.of(fewer), Detail.Adapted.last(lines(new Detail.Locked("run"), fewer)));
        assertFalse(Detail.Adapted.last(lines(fewer, new Detail.Adapted(2, 2, "all is well")))
                .isPresent());
        assertFalse(Detail.Adapted.last(lines(fewer, new Detail.Locked("run"))).isPresent());
        var line = lines(fewer).getFirst();
        var read = new Entry(line.at(), line.runner(), line.number(), line.step(), line.event(), line.text());
        assertEquals(fewer, read.detail());
        assertTrue(line.text().containsKey("lanes"), () -> "" + line.text());
    }

    private static List<Entry> lines(Detail... details) {
        var out = new ArrayList<Entry>();
        for (var d : details) out.add(new Entry(Instant.EPOCH, "r1", out.size() + 1, "healthcheck", d));
        return out;
    }
}
