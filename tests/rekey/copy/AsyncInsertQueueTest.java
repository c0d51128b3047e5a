package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Still;
import rekey.run.Runner;

/// Rows that wait in the server's queue are refused there behind an EXCHANGE. The lab's library has no such queue,
/// so what is held here is the order of statements.
@Tag("migration")
class AsyncInsertQueueTest {
    @Test
    void itIsEmptiedRightBeforeEachExchange() {
        try (var still = Still.table("(id UInt64, at Date) ENGINE = MergeTree ORDER BY (at, id)", "", "id, at", "")) {
            still.execute("INSERT INTO %s SELECT number, today() FROM numbers(100)");
            List<String> sent = Collections.synchronizedList(new ArrayList<>());
            var session = still.listening(sent::add);
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            new Runner(session, false, List.of()).rollback(still.migration);
            var before = new ArrayList<String>();
            for (int i = 1; i < sent.size(); i++)
                if (sent.get(i).startsWith("EXCHANGE TABLES")) before.add(sent.get(i - 1));
            var flushing = AsyncInsertQueue.flushing(still.name);
            assertEquals(List.of(flushing, flushing), before);
        }
    }
}
