package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Scene;
import rekey.Still;
import rekey.model.Amounts;
import rekey.run.Runner;
import rekey.session.Session;

/// Partitions by the hundred and by the thousand, of a hundred rows each: what is sent does not grow with their
/// number, or hardly. With a staging table, a check and an ATTACH for each 400 took 129 s.
@Tag("copy")
@Tag("slow")
class ManyPartitionsTest {
    private static final long ROWS = 100;
    /// Statements that change something, in any case; and of so many partitions there may be one more.
    private static final int ANYWAY = 60, EACH = 50;

    @ParameterizedTest
    @ValueSource(ints = {400, 3000})
    void goInFewStatements(int partitions) {
        try (var still = Still.table(
                        "(p UInt16, k UInt64, s String) ENGINE = MergeTree PARTITION BY p ORDER BY k",
                        "p",
                        "cityHash64(k), k",
                        "")
                .withLimits(Scene.LIMITS.withChunkRows(20_000_000))) {
            insert(still, partitions, ROWS * partitions);
            var sent = new AtomicInteger();
            var forth = timed(still, sent, s -> new Runner(s, false, List.of()).run(still.migration, until()));
            assertTrue(sent.get() < ANYWAY + partitions / EACH, sent + " statements");
            // a round over all of them, too
            insert(still, partitions, partitions);
            sent.set(0);
            var before = still.content(still.name);
            var back = timed(still, sent, s -> new Runner(s, false, List.of()).rollback(still.migration));
            assertTrue(sent.get() < ANYWAY + partitions / EACH, sent + " statements on the way back");
            assertEquals(before, still.content(still.name));
            IO.println("partitions  " + Amounts.rows(partitions) + ": there in " + forth + ", and back in " + back
                    + " with a row more in each");
        }
    }

    private static Optional<String> until() {
        return Optional.of("resume");
    }

    private static void insert(Still still, int partitions, long rows) {
        still.execute("INSERT INTO %s SELECT number % " + partitions + ", number, toString(number) FROM numbers(" + rows
                + ") SETTINGS max_partitions_per_insert_block = 0");
    }

    private static String timed(Still still, AtomicInteger sent, java.util.function.Consumer<Session> work) {
        var begun = Instant.now();
        work.accept(still.listening(_ -> sent.incrementAndGet()));
        return Amounts.time(Duration.between(begun, Instant.now())) + " and " + sent + " statements";
    }
}
