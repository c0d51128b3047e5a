package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rekey.Still;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Entry.Event;

/// Many small partitions go in one chunk, and one ATTACH has a command for each: killed in the middle it has brought
/// some of them.
@Tag("copy")
class SmallPartitionsTest {

    /// @param done so many of the commands had been done when the server, or the runner, was killed
    @ParameterizedTest
    @CsvSource({"MergeTree, 0", "MergeTree, 3", "ReplacingMergeTree, 3", "MergeTree, 1000", "ReplacingMergeTree, 1000"})
    void aGroupThatWasCutShortIsCarriedOnce(String engine, int done) {
        try (var still = Still.table(
                "(p UInt16, k UInt64, v UInt8) ENGINE = " + engine + " PARTITION BY p ORDER BY k",
                "p",
                "cityHash64(k), k",
                "")) {
            still.execute("INSERT INTO %s SELECT number % 40, number, 1 FROM numbers(200) SETTINGS"
                    + " max_partitions_per_insert_block = 0");
            var before = still.content(still.name);
            var cut = new AtomicBoolean();
            var session = still.listening(sql -> {
                var commands = sql.split(", (?=ATTACH PARTITION)");
                if (commands.length < 4 || !sql.contains("ATTACH PARTITION") || !cut.compareAndSet(false, true)) return;
                if (done > 0)
                    still.execute(String.join(", ", List.of(commands).subList(0, Math.min(done, commands.length))));
                throw new Trouble.Stopped("killed");
            });
            assertThrows(
                    Trouble.Stopped.class,
                    () -> new Runner(session, false, List.of()).run(still.migration, Optional.of("resume")));
            assertTrue(cut.get(), "vacuous: there was no group");
            still.migrate("resume");
            assertEquals(before, still.content(still.name));
            assertEquals(
                    200,
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql())
                            .number("n"));
            var attached = still.session().journal().entries(e -> e.event() == Event.ATTACHED);
            assertTrue(attached.size() < 40, "each partition went by itself");
            still.execute("INSERT INTO %s SELECT number % 40, 1000 + number, 2 FROM numbers(80) SETTINGS"
                    + " max_partitions_per_insert_block = 0");
            var after = still.content(still.name);
            still.rollback();
            assertEquals(after, still.content(still.name));
        }
    }
}
