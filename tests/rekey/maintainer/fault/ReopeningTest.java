package rekey.maintainer.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.ingestion.Gate;
import rekey.ingestion.HeldTime;
import rekey.lab.GuideTable;
import rekey.migration.Events0002;
import rekey.model.TableName;
import rekey.session.Journal;
import rekey.session.SomeLines;

/// That a gate is gone is not yet ingestion that goes on.
@Tag("faults")
class ReopeningTest {
    private static final Duration SOON = Duration.ofSeconds(1);

    @Test
    void whatIsStuckIsSaid() throws Exception {
        var events = new TableName(Labs.database(), "events");
        var rewrite = Events0002.of(events).rewrite();
        try (var server = Labs.connect()) {
            new GuideTable(
                            server,
                            null,
                            events,
                            GuideTable.Options.GUIDE.withEngine("MergeTree").withInsertedAt())
                    .create();
            var journal = new Journal(server, rewrite.journal(), rewrite.migration(), "dead", Optional.empty());
            journal.open();
            var reopening = new Reopening(server, rewrite, SOON, SOON);
            hold(journal, "1", HeldTime.now(server) + 600_000_000);
            for (var sql : new Gate(server, rewrite).closing(1, events)) server.execute(sql);
            assertEquals("ingestion is still closed after the deadline", reopening.await(Duration.ZERO));
            server.execute("DROP TABLE %s SYNC".formatted(rewrite.gate(1).sql()));
            assertEquals("the journal does not say that ingestion was reopened", reopening.await(Duration.ZERO));
            resume(journal, "1");
            var begun = Instant.now();
            assertEquals("no row has come in since ingestion was reopened", reopening.await(Duration.ZERO));
            assertTrue(Duration.between(begun, Instant.now()).compareTo(SOON) >= 0, "it did not wait");
            server.execute(
                    "INSERT INTO %s (uuid, inserted_at) VALUES (generateUUIDv4(), now64(6))".formatted(events.sql()));
            assertEquals("", reopening.await(Duration.ZERO));

            hold(journal, "2", HeldTime.now(server) - 2_000_000);
            assertEquals(
                    "the journal does not say that ingestion was reopened",
                    reopening.await(Duration.ZERO),
                    "the line is another pause's");
            resume(journal, "2");
            var late = reopening.await(Duration.ZERO);
            assertTrue(late.matches("ingestion was reopened \\d+ ms after the deadline"), late);
        }
    }

    private static void hold(Journal journal, String hold, long deadlineUs) {
        journal.append("pause", SomeLines.held(hold, 0, deadlineUs));
    }

    private static void resume(Journal journal, String hold) {
        journal.append("pause", SomeLines.resumed(hold, "guard"));
    }
}
