package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Still;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Entry.Event;
import rekey.step.Position;

/// A DELETE of the moment of the swap whose condition takes longer to ask than ingestion may wait for.
@Tag("writers")
@Tag("slow")
class SlowDeletesTest {
    /// Each row takes two milliseconds, and a partition has a thousand.
    private static final String SLOW = "sleepEachRow(0.002) = 0 AND ";

    private static Still table() {
        var still = Still.table(
                "(k UInt64) ENGINE = MergeTree PARTITION BY k % 3 ORDER BY k", "k % 3", "cityHash64(k), k", "");
        still.execute("INSERT INTO %s SELECT number FROM numbers(3000)");
        return still;
    }

    private static long count(Still still, String where) {
        return still.server
                .one("SELECT count() AS n FROM " + still.name.sql() + " WHERE " + where)
                .number("n");
    }

    /// The last count of all is left out, and it is said.
    @Test
    void rowsAreNotCountedForLongBeforeTheExchange() {
        try (var still = table()) {
            var session = still.session();
            var deleted = new AtomicBoolean();
            session.journal().listen(e -> {
                if (e.is("remaining", Event.DONE) && deleted.compareAndSet(false, true))
                    still.execute("ALTER TABLE %s DELETE WHERE " + SLOW + "k = 7 SETTINGS mutations_sync = 0");
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertTrue(deleted.get(), "vacuous: nothing was deleted");
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
            assertTrue(
                    Entry.all(still.journal(), Detail.Text.class)
                            .anyMatch(t -> t.toString().contains("Rows were not counted once more")),
                    "it was counted, or nobody was told");
            assertEquals(List.of(0L, 2999L), List.of(count(still, "k = 7"), count(still, "1")));
        }
    }
}
