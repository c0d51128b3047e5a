package rekey.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Still;
import rekey.copy.AsyncInsertQueue;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.step.Position;

/// A swap for which there is no time.
@Tag("run")
class PutOffTest {
    /// A migration was ended behind three tries, on a machine that was busy for a minute. Here a row comes with each
    /// round of three tries, and then there is time.
    @Test
    void itIsTriedUntilThereIsTime() {
        try (var still =
                Still.table("(id UInt64, v UInt64 DEFAULT 0) ENGINE = MergeTree ORDER BY id", "", "v, id", "")) {
            still.execute("INSERT INTO %s (id) SELECT number FROM numbers(100)");
            var tries = new AtomicInteger();
            var session = still.listening(sql -> {
                if (tries.get() < 3 && sql.startsWith("INSERT INTO") && sql.contains("_staging_"))
                    still.execute("INSERT INTO %s (id) VALUES (7)");
            });
            var limits = session.limits();
            // where nothing is held and nobody asks for quiet no round need be short
            session.control().limits(limits.withMaxHeld(Duration.ofMillis(1)).withHoldWriters(true));
            session.journal().listen(e -> {
                if (e.detail() instanceof Detail.PutOff && tries.incrementAndGet() == 3)
                    session.control().limits(limits);
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
            assertTrue(tries.get() >= 3, "tried " + tries);
            assertEquals(
                    still.content(still.name),
                    still.content(still.migration.rewrite().backup()));
        }
    }

    /// Behind the rename that comes before an EXCHANGE: the table has its own name again, by which it is known.
    @Test
    void afterASlowFlushItIsTriedAgainThereAndBack() {
        try (var still =
                Still.table("(id UInt64, v UInt64 DEFAULT 0) ENGINE = MergeTree ORDER BY id", "", "v, id", "")) {
            still.execute("INSERT INTO %s (id) SELECT number FROM numbers(100)");
            var once = new AtomicBoolean(true);
            Consumer<String> slow = sql -> {
                if (sql.startsWith(AsyncInsertQueue.FLUSH + " ") && once.getAndSet(false))
                    throw Trouble.PutOff.busy("It was slow.");
            };
            new Runner(still.listening(slow), false, List.of()).run(still.migration, Optional.of("resume"));
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
            assertFalse(once.getAndSet(true), "vacuous: nothing was flushed");
            new Runner(still.listening(slow), false, List.of()).rollback(still.migration);
            assertFalse(once.get(), "vacuous: nothing was flushed on the way back");
            assertInstanceOf(Position.NotBegun.class, Position.of(still.session()));
        }
    }
}
