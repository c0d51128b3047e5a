package rekey.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Still;
import rekey.ingestion.HeldTime;
import rekey.session.Control;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Limits;
import rekey.session.Session;
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
                assertTrue(Standstill.of(session).isEmpty(), "it is held on purpose");
                held(session, now, now - 20_000_000);
                var told = Standstill.of(session).orElseThrow();
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

    /// What a run carried that was taken back counted once more.
    @Test
    void afterARollbackRowsCountOnce() {
        try (var still = Still.table("(a UInt64, b UInt8) ENGINE = MergeTree ORDER BY a", "", "b, a", "")) {
            still.execute("INSERT INTO %s SELECT number, 1 FROM numbers(900)");
            for (var until : List.of("backfill", "resume", "backfill")) {
                var session = still.session();
                new Runner(session, false, List.of()).run(still.migration, Optional.of("backfill"));
                var now = session.progress().snapshot();
                assertEquals(List.of(900L, 900L), List.of(now.rowsDone(), now.rowsTotal()), now::toString);
                still.migrate(until);
                var status = Status.of(still.session(), still.migration, null);
                assertEquals(List.of(900L, 900L), List.of(status.rowsDone(), status.rowsTotal()), status::toString);
                still.rollback();
                status = Status.of(still.session(), still.migration, null);
                assertEquals(0, status.rowsDone(), status::toString);
            }
        }
    }

    /// Told until a run goes that has not come to its own: there it would be taken for this run's.
    @Test
    void whatAnEarlierAttemptHeldIsNoneOfTheOneThatRuns() {
        try (var still = Still.table("(a UInt64) ENGINE = MergeTree ORDER BY a", "", "a", "")) {
            still.migrate("create");
            assertNull(heldMs(still));
            paused(still.session(), "earlier", 1500);
            assertEquals(1500L, heldMs(still));
            var runs = still.session();
            try (var _ = RunLock.acquire(
                    still.server, still.name, runs.journal().runner(), false, new Control(Limits.DEFAULT))) {
                runs.journal().append("", new Detail.Locked("run"));
                assertNull(heldMs(still));
                paused(runs, "own", 700);
                assertEquals(700L, heldMs(still));
            }
            assertEquals(700L, heldMs(still));
        }
    }

    /// Of a round nobody knows how much comes: a share is told of the copy alone, and of what is left lying.
    @Test
    void aRoundHasNoPercent() {
        try (var still = Still.table("(a UInt64, b UInt8) ENGINE = MergeTree ORDER BY a", "", "b, a", "")) {
            still.execute("INSERT INTO %s SELECT number, 1 FROM numbers(900)");
            still.migrate("create");
            var runs = still.session();
            try (var _ = RunLock.acquire(
                    still.server, still.name, runs.journal().runner(), false, new Control(Limits.DEFAULT))) {
                runs.journal().append("", new Detail.Locked("run"));
                runs.journal().append("backfill", new Detail.Bare(Entry.Event.BEGUN));
                assertEquals(
                        0, Status.of(still.session(), still.migration, null).percent());
                runs.journal().append("round", SomeLines.round(900, 0));
                var inRounds = Status.of(still.session(), still.migration, null);
                assertNull(inRounds.percent(), inRounds::toString);
                assertEquals(900, inRounds.rowsTotal());
                // a run that goes on copies first
                runs.journal().append("backfill", new Detail.Bare(Entry.Event.BEGUN));
                assertEquals(
                        0, Status.of(still.session(), still.migration, null).percent());
            }
        }
    }

    private static Long heldMs(Still still) {
        return Status.of(still.session(), still.migration, null).heldMs();
    }

    private static void paused(Session session, String hold, long ms) {
        long now = HeldTime.now(session.server());
        session.journal().append("pause", SomeLines.held(hold, now, now + 30_000_000));
        session.journal().append("pause", SomeLines.resumed(hold, "r", ms, null));
    }

    private static void held(Session session, long askedUs, long deadlineUs) {
        session.journal().append("pause", SomeLines.held("x", askedUs, deadlineUs));
    }
}
