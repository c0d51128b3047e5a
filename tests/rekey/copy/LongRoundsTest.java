package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.Still;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Limits;
import rekey.session.Session;
import rekey.step.Backfill;
import rekey.step.Position;

/// Rounds that take longer than `--max-held`, however few rows they carry, as on a machine that is busy.
@Tag("writers")
class LongRoundsTest {
    private static final Limits LIMITS = Scene.LIMITS.withMaxHeld(Duration.ofMillis(1));

    private static Still table(Limits limits) {
        var still = Still.table("(k UInt64, s String) ENGINE = MergeTree ORDER BY k", "", "s, k", "")
                .withLimits(limits);
        still.execute("INSERT INTO %s SELECT number, 'first' FROM numbers(500)");
        return still;
    }

    /// A row comes in each round.
    private static Session writtenTo(Still still, AtomicInteger rows) {
        return still.listening(sql -> {
            if (sql.startsWith("INSERT INTO") && sql.contains("_staging_"))
                still.execute("INSERT INTO %s VALUES (" + (1000 + rows.getAndIncrement()) + ", 'new')");
        });
    }

    /// It put itself off sixty times, twelve rounds each, and ended with exit code 3.
    @Test
    void areTheLastWhereNothingIsHeld() {
        try (var still = table(LIMITS)) {
            var rows = new AtomicInteger();
            var session = writtenTo(still, rows);
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
            assertTrue(rows.get() > 4, "vacuous: nothing was written meanwhile");
            assertFalse(
                    still.session().journal().entries().stream().anyMatch(e -> e.detail() instanceof Detail.PutOff),
                    "it was put off");
            assertEquals(
                    500 + rows.get(),
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql())
                            .number("n"));
            new Runner(session, false, List.of()).rollback(still.migration);
            assertInstanceOf(Position.NotBegun.class, Position.of(still.session()));
            assertEquals(
                    500 + rows.get(),
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql())
                            .number("n"));
        }
    }

    @Test
    void putTheSwapOffWhereQuietIsAskedFor() {
        try (var still = table(LIMITS.withHoldWriters(true))) {
            still.migrate("backfill");
            still.execute("INSERT INTO %s VALUES (777, 'new')");
            var session = writtenTo(still, new AtomicInteger(500));
            var rounds = new Rounds(session, Way.FORWARD, still.target());
            var refused = assertThrows(Trouble.PutOff.class, () -> rounds.untilShort(Backfill.nextRound(session)));
            assertTrue(refused.getMessage().contains("--max-held 1 ms"), refused::getMessage);
        }
    }
}
