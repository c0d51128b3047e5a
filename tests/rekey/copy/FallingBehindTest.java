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
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.Still;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Limits;
import rekey.session.Session;
import rekey.step.Position;

/// Writers that bring more and more while a round takes longer and longer: the run ends, and says so.
@Tag("writers")
class FallingBehindTest {
    private static final Limits LIMITS = Scene.LIMITS.withChunkRows(1000);

    /// No more than these come: by then the run must have ended.
    private static final int MOST = 12;

    private static Still table() {
        var still = Still.table("(k UInt64, s String) ENGINE = MergeTree ORDER BY k", "", "s, k", "")
                .withLimits(LIMITS.withMaxHeld(Duration.ofMillis(20)));
        still.execute("INSERT INTO %s SELECT number, 'first' FROM numbers(500)");
        return still;
    }

    /// Each round takes half as long again as the last one, and more rows come in it.
    private static Session outpaced(Still still, AtomicInteger rounds) {
        return still.listening(sql -> {
            if (!sql.startsWith("INSERT INTO") || !sql.contains("_staging_")) return;
            int n = rounds.incrementAndGet();
            if (n > MOST) throw new Trouble.Stopped("It goes on without an end.");
            still.execute("INSERT INTO %s SELECT 1000 * " + n + " + number, 'new' FROM numbers(" + 10 * n + ")");
            LockSupport.parkNanos((long) (200_000_000 * Math.pow(1.5, n)));
        });
    }

    private static void assertSaid(Trouble.Refused refused, Still still) {
        assertFalse(refused instanceof Trouble.PutOff, "it would be tried again: " + refused.getMessage());
        assertTrue(
                refused.getMessage()
                        .matches("More rows come into .* than can be carried: in the last [4-9] rounds [0-9.,]+ a"
                                + " second came and [0-9.,]+ a second were carried, and the last round took .* s,"
                                + " so nothing was swapped\\. Have writers send fewer rows, .* Then run again: it"
                                + " goes on from here\\."),
                refused::getMessage);
        var rates = refused.getMessage()
                .replaceAll("(?s).* rounds ([0-9.,]+) .* and ([0-9.,]+) a .*", "$1 $2")
                .replace(",", "")
                .split(" ");
        assertTrue(Double.parseDouble(rates[0]) > Double.parseDouble(rates[1]), refused::getMessage);
        var catalog = still.session().catalog();
        for (var t : List.of(still.name, still.target()))
            catalog.find(t).ifPresent(found -> assertFalse(MergeHold.held(found), "merges of " + t + " are held"));
    }

    private static long brought(AtomicInteger rounds) {
        return 10L * rounds.get() * (rounds.get() + 1) / 2;
    }

    @Test
    void aRunEndsWithBothRatesAndGoesOnWhenTheyRest() {
        try (var still = table()) {
            var source = still.session().source().uuid();
            var rounds = new AtomicInteger();
            var session = outpaced(still, rounds);
            assertSaid(
                    assertThrows(
                            Trouble.Refused.class,
                            () -> new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"))),
                    still);
            assertInstanceOf(Position.Created.class, Position.of(still.session()));
            assertEquals(source, still.session().source().uuid());
            still.withLimits(LIMITS).migrate("resume");
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
            assertEquals(
                    500 + brought(rounds),
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql())
                            .number("n"));
            assertEquals(still.content(still.migration.rewrite().backup()), still.content(still.name));
        }
    }

    @Test
    @Tag("slow")
    void soDoesTheWayBack() {
        try (var still = table()) {
            still.withLimits(LIMITS).migrate("resume");
            still.execute("INSERT INTO %s VALUES (777, 'new')");
            var rounds = new AtomicInteger();
            var session = outpaced(still, rounds);
            assertSaid(
                    assertThrows(
                            Trouble.Refused.class,
                            () -> new Runner(session, false, List.of()).rollback(still.migration)),
                    still);
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
            var wanted = still.content(still.name);
            still.withLimits(LIMITS).rollback();
            assertInstanceOf(Position.NotBegun.class, Position.of(still.session()));
            assertEquals(wanted, still.content(still.name));
        }
    }
}
