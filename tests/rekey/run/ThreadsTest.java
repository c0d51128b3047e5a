package rekey.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rekey.Still;

/// How many partitions are copied side by side where nobody says it.
@Tag("run")
class ThreadsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        2  | 0.3  | 100000 | 2 | 2 cores
        2  | 5    | 100000 | 1 | load 5.0
        1  | 5    | 100000 | 1 | 1 core
        64 | 3    | 100000 | 8 | others are to be served
        64 | 70   | 100000 | 4 | load 70.0
        16 | 0    | 700    | 2 | memory left
        16 | 0    | 10     | 1 | memory left
        0  | 0    | 100000 | 2 | does not tell
        """)
    void byCoresLoadAndMemory(long cores, double load, long freeMebibytes, int number, String why) {
        var told = Threads.judge(cores, load, freeMebibytes << 20);
        assertEquals(number, told.number(), told::toString);
        assertTrue(told.why().contains(why), told::toString);
    }

    @Test
    void aRealServerTellsThem() {
        try (var still = Still.table("(id UInt64) ENGINE = MergeTree ORDER BY id", "", "cityHash64(id), id", "")) {
            var told = Threads.of(still.server);
            assertTrue(told.number() >= 1 && told.number() <= 8, told::toString);
            assertTrue(told.why().startsWith("the server has "), told::toString);
            var seven = still.withLimits(rekey.Scene.LIMITS.withThreads(7));
            var plan = Plan.of(seven.session(), seven.migration);
            assertEquals(7, plan.threads().number());
            assertTrue(plan.threads().why().startsWith(told.number() == 7 ? "the server" : "by --threads"));
        }
    }
}
