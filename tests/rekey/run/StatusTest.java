package rekey.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Still;
import rekey.ingestion.HeldTime;
import rekey.session.Control;
import rekey.session.Limits;
import rekey.session.SomeLines;

@Tag("lock")
class StatusTest {
    /// The server goes on showing the lock of a runner whose machine vanished without a word; its guard vanished
    /// with it.
    @Test
    void ingestionThatStandsStillPastItsDeadlineIsToldThoughARunnerShows() {
        try (var still = Still.table("(a UInt64) ENGINE = MergeTree ORDER BY a", "", "a", "")) {
            var session = still.session();
            still.migrate("create");
            var gate = still.migration.rewrite().gate(1);
            var missing = still.migration.rewrite().gateTarget(1);
            still.server.execute("CREATE TABLE " + missing.sql() + " (n UInt8) ENGINE = Null");
            still.server.execute("CREATE MATERIALIZED VIEW " + gate.sql() + " TO " + missing.sql()
                    + " AS SELECT toUInt8(1) AS n FROM " + still.name.sql());
            still.server.execute("DROP TABLE " + missing.sql() + " SYNC");
            try (var _ =
                    RunLock.acquire(still.server, still.name, "the vanished", false, new Control(Limits.DEFAULT))) {
                long now = HeldTime.now(still.server);
                held(session, now, now + 30_000_000);
                assertTrue(Status.standstill(session).isEmpty(), "it is held on purpose");
                held(session, now, now - 20_000_000);
                var told = Status.standstill(session).orElseThrow();
                var sentence = told.sentence(Instant.now());
                assertTrue(
                        sentence.contains("the vanished")
                                && sentence.contains("Its guard should have reopened it at ")
                                && sentence.endsWith("DROP TABLE IF EXISTS " + gate.sql() + " SYNC"),
                        sentence);
                assertEquals(
                        told.reopen(), Status.of(session, still.migration, null).reopen());
            }
        }
    }

    private static void held(rekey.session.Session session, long askedUs, long deadlineUs) {
        session.journal().append("pause", SomeLines.held("x", askedUs, deadlineUs));
    }
}
