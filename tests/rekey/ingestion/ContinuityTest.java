package rekey.ingestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import rekey.kafka.Offsets;

class ContinuityTest {
    private static final String STOPPED = "a/b=c/0=7 events/0=100 events/1=5";

    private static Optional<String> of(long committed, long beginning) {
        return Continuity.broken(
                STOPPED,
                List.of(
                        new Offsets("events", 0, committed, beginning, 500),
                        new Offsets("events", 1, 5, 0, 5),
                        new Offsets("new", 0, 3, 2, 9)));
    }

    @Test
    void goingOnIsNoBreak() {
        assertEquals(Optional.empty(), of(100, 0));
        assertEquals(Optional.empty(), of(220, 100));
    }

    @Test
    void whatKafkaDeletedUnreadIsAGap() {
        assertTrue(of(300, 101)
                .orElseThrow()
                .contains("events/0 while ingestion stood still: it stopped before offset 100, and the oldest"
                        + " message there is now 101"));
    }

    @Test
    void aGroupThatWentBackReadsTwice() {
        assertTrue(of(99, 0).orElseThrow().contains("went back in events/0, from offset 100 to 99"));
    }
}
