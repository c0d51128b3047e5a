package rekey.session;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.model.TableName;
import rekey.model.Trouble;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// What is written down in one order is read in that order.
@Tag("journal")
class JournalTest {
    /// A machine's clock is set, or stands still while it sleeps; a guard's line comes from another process.
    @Test void theOrderOfItsLinesIsTheOneInWhichTheyWereWritten() {
        try (var server = Labs.connect()) {
            var table = new TableName(Labs.database(), "rekey_journal");
            var wall = new AtomicReference<>(Instant.now());
            var journal = new Journal(server, table, "m", "runner", Optional.empty(), wall::get);
            var guard = new Journal(server, table, "m", "guard", Optional.empty());
            journal.open();
            for (var by : List.of(Duration.ZERO, Duration.ofHours(-1), Duration.ZERO, Duration.ofHours(3), Duration.ofHours(-2))) {
                wall.set(Instant.now().plus(by));
                var line = journal.append("runner", Entry.Event.NOTE, Map.of());
                guard.append("guard", Entry.Event.NOTE, Map.of());
                assertTrue(Duration.between(line.at(), guard.append("guard", Entry.Event.NOTE, Map.of()).at()).abs().toMinutes() < 10, line::toString);
            }
            assertEquals("runner guard guard ".repeat(5).strip(), String.join(" ", journal.entries().stream().map(Entry::step).toList()));
        }
    }

    /// Which line is the last tells whether ingestion is held, what was undone, whether a difference is open.
    @Test void theOrderStaysThoughTheServersClockWasPutBack() {
        try (var server = Labs.connect()) {
            var table = new TableName(Labs.database(), "rekey_journal");
            var runner = new Journal(server, table, "m", "runner", Optional.empty());
            runner.open();
            server.execute("INSERT INTO " + table.sql() + " SELECT now64(6) + INTERVAL 1 HOUR, 'm', 'before', 1, 'before', 'HELD', '{}'");
            for (int i = 0; i < 3; i++) runner.append("runner", Entry.Event.NOTE, Map.of());
            new Journal(server, table, "m", "a guard", Optional.empty()).append("guard", Entry.Event.NOTE, Map.of());
            runner.append("runner", Entry.Event.NOTE, Map.of());
            assertEquals("before runner runner runner guard runner", String.join(" ", runner.fresh("1").stream().map(Entry::step).toList()));
        }
    }

    /// A line of a dead runner may be on its way for as long as its connection lasts, and reach the server when the next one is at work.
    @Test void aRunnerInWhosePlaceAnotherIsWritesNothing() {
        try (var server = Labs.connect()) {
            var table = new TableName(Labs.database(), "rekey_journal");
            var first = new Journal(server, table, "m", "first", Optional.empty());
            var second = new Journal(server, table, "m", "second", Optional.empty());
            first.open();
            first.append("", Entry.Event.LOCKED, Map.of());
            first.append("create", Entry.Event.INTENT, Map.of());
            second.append("", Entry.Event.LOCKED, Map.of());
            for (var event : List.of(Entry.Event.UNDONE, Entry.Event.BEGUN, Entry.Event.FAILED, Entry.Event.UNLOCKED)) assertThrows(Trouble.Stopped.class, () -> first.append("create", event, Map.of()));
            second.append("create", Entry.Event.DONE, Map.of());
            new Journal(server, table, "m", "a guard", Optional.empty()).append("pause", Entry.Event.RESUMED, Map.of());
            second.append("", Entry.Event.UNLOCKED, Map.of());
            // its server was away, it has the lock anew, and says so
            first.append("", Entry.Event.NOTE, Map.of(Journal.SERVER_BACK, "why"));
            first.append("backfill", Entry.Event.DONE, Map.of());
            assertEquals("LOCKED INTENT LOCKED DONE RESUMED UNLOCKED NOTE DONE", String.join(" ", second.fresh("1").stream().map(e -> e.event().name()).toList()));
        }
    }

    /// Such as the parts of a chunk under a fine partition key, or the plan of a table with thousands of partitions: a statement
    /// may have 256 KiB by default.
    @Test void aLineMayBeLong() {
        try (var server = Labs.connect()) {
            var journal = new Journal(server, new TableName(Labs.database(), "rekey_journal"), "m", "r", Optional.empty());
            journal.open();
            var parts = "20260101-17/1234567/9bc1be6d75e546b73ea47d028348d767 ".repeat(20_000);
            journal.append("attach", Entry.Event.INTENT, Map.of("parts", parts));
            assertEquals(parts, journal.fresh("1").getFirst().get("parts"));
        }
    }
}
