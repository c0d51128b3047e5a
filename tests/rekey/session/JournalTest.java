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

import static org.junit.jupiter.api.Assertions.assertEquals;
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
}
