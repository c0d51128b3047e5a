package rekey.session;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.model.TableName;
import rekey.session.Entry.Event;

import java.util.Map;
import java.util.Optional;

import static org.junit.jupiter.api.Assertions.assertEquals;

@Tag("journal")
class LongLineTest {
    /// Such as the parts of a chunk under a fine partition key, or the plan of a table with thousands of partitions: a statement
    /// may have 256 KiB by default.
    @Test void aLineOfTheJournalMayBeLong() {
        try (var server = Labs.connect()) {
            var journal = new Journal(server, new TableName(Labs.database(), "rekey_journal"), "m", "r", Optional.empty());
            journal.open();
            var parts = "20260101-17/1234567/9bc1be6d75e546b73ea47d028348d767 ".repeat(20_000);
            journal.append("attach", Event.INTENT, Map.of("parts", parts));
            assertEquals(parts, journal.fresh("1").getFirst().get("parts"));
        }
    }
}
