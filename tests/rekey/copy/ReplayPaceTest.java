package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReplayPaceTest {
    private final ReplayPace pace = new ReplayPace();

    private void made(int... mutations) {
        for (int n : mutations) pace.made(n, Duration.ofMillis(500L * n));
    }

    @Test
    void moreEachTimeIsBehindForGood() {
        made(10, 12, 14, 16, 18, 20, 22);
        assertFalse(pace.fallsBehind());
        made(24);
        assertTrue(pace.fallsBehind());
        assertEquals("10 mutations took 5000 ms, and 7 times later 24 took 12000 ms", pace.toString());
    }

    /// A backlog from the first copy, and then as many as come in the time that the last ones took.
    @Test
    void aBacklogIsMadeUp() {
        made(3000, 10, 12, 14, 13, 12, 14, 16, 17, 18, 19, 20, 21);
        assertFalse(pace.fallsBehind());
    }

    @Test
    void slowlyMoreIsNot() {
        made(20, 21, 22, 23, 24, 25, 26, 27);
        assertFalse(pace.fallsBehind());
    }

    @Test
    void moreInTheSameTimeIsNot() {
        for (int n = 1; n < 20; n++) pace.made(n * n, Duration.ofMillis(500));
        assertFalse(pace.fallsBehind());
    }
}
