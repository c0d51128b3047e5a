package rekey.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rekey.Still;
import rekey.model.TableName;

/// Whether others' queries take longer than before a run.
@Tag("run")
class DashboardTimesTest {
    /// @param took     milliseconds, of all of them
    /// @param expected of all of them
    @ParameterizedTest
    @CsvSource(textBlock = """
        2,  1000, 10,  false
        3,  1000, 10,  true
        10, 1000, 510, false
        10, 1000, 490, true
        10, 210,  20,  false
        10, 230,  20,  true
        0,  0,    0,   false
        """)
    void twiceAsLongAndSoThatItIsNoticed(long n, double took, double expected, boolean slower) {
        var seen = DashboardTimes.judge(new TableName("d", "t"), n, took, expected);
        assertEquals(slower, seen.isPresent(), seen::toString);
    }

    /// By a real log: the same query, with another literal, takes longer.
    @Test
    void theLogTellsThem() {
        try (var still = Still.table("(id UInt64) ENGINE = MergeTree ORDER BY id", "", "cityHash64(id), id", "")) {
            still.execute("INSERT INTO %s SELECT number FROM numbers(10)");
            ask(still, "0.0");
            var times = new DashboardTimes();
            assertEquals(Optional.empty(), times.slower(still.session(), false));
            assertEquals(
                    Optional.empty(), times.slower(still.session(), false), "what is known from before is no news");
            ask(still, "0.05");
            // one that was not asked before says nothing, however long it takes
            for (int n = 0; n < 4; n++) still.execute("SELECT max(id), sum(sleepEachRow(0.02)) FROM %s FORMAT Null");
            still.server.execute("SYSTEM FLUSH LOGS query_log");
            var seen = times.slower(still.session(), false).orElseThrow();
            assertTrue(seen.startsWith("queries on " + still.name + " take "), seen);
            // of another table nothing is known
            try (var other = Still.table("(id UInt64) ENGINE = MergeTree ORDER BY id", "", "cityHash64(id), id", "")) {
                var none = new DashboardTimes();
                none.slower(other.session(), false);
                assertEquals(Optional.empty(), none.slower(other.session(), false));
            }
        }
    }

    /// @param sleep seconds of each row
    private static void ask(Still still, String sleep) {
        for (int n = 0; n < 4; n++)
            still.execute("SELECT count(), sum(sleepEachRow(" + sleep + ")) FROM %s FORMAT Null");
        still.server.execute("SYSTEM FLUSH LOGS query_log");
    }
}
