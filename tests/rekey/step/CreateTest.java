package rekey.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import rekey.Still;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Entry.Event;

/// A target that was made in part is made whole.
class CreateTest {
    @Test
    void whatWasCutShortBetweenTwoColumnTtlsGoesOn() {
        try (var still = Still.table(
                "(a UInt64, d Date, x String TTL d + INTERVAL 20 YEAR, y String TTL d + INTERVAL 20 YEAR) ENGINE ="
                        + " MergeTree ORDER BY a",
                "",
                "cityHash64(a), a",
                "")) {
            still.execute("INSERT INTO %s SELECT number, '2026-01-01', 'x', 'y' FROM numbers(10)");
            still.run(new Create());
            still.execute("ALTER TABLE %s MODIFY COLUMN y String TTL d + INTERVAL 20 YEAR", still.target());
            assertEquals(
                    Step.Phase.UNDER_WAY, new Create().state(still.session()).phase());
            still.run(new Create());
            assertEquals(Step.Phase.DONE, new Create().state(still.session()).phase());
            var wanted = still.content(still.name);
            still.migrate("resume");
            assertEquals(wanted, still.content(still.name));
            assertEquals(
                    2,
                    still.session().source().columns().stream()
                            .filter(c -> !c.ttl().isEmpty())
                            .count());
        }
    }

    /// One that is not as it should be is refused, and stays what it is: the next run took it as made, and filled
    /// it.
    @Test
    void whatWasRefusedIsNotTakenAsMade() {
        try (var still = Still.table(
                "(a UInt64, d Date, x String TTL d + INTERVAL 20 YEAR) ENGINE = MergeTree ORDER BY a",
                "",
                "cityHash64(a), a",
                "")) {
            still.execute("INSERT INTO %s SELECT number, '2026-01-01', 'x' FROM numbers(10)");
            var meddled = new AtomicBoolean();
            var session = still.listening(sql -> {
                if (sql.startsWith("ALTER TABLE " + still.target().sql()) && meddled.compareAndSet(false, true))
                    still.execute("ALTER TABLE %s ADD INDEX odd a TYPE minmax", still.target());
            });
            var refused = assertThrows(
                    Trouble.Refused.class,
                    () -> new Runner(session, false, List.of()).run(still.migration, Optional.of("create")));
            assertTrue(meddled.get(), "vacuous: nobody meddled");
            assertTrue(refused.getMessage().contains("is not as it should be"), refused::getMessage);
            for (var until : List.of("create", "resume")) {
                var again = assertThrows(Trouble.Refused.class, () -> still.migrate(until));
                assertTrue(again.getMessage().contains("is not as it should be"), again::getMessage);
                assertEquals(
                        0,
                        still.session()
                                .journal()
                                .entries(e -> e.event() == Event.ATTACHED)
                                .size());
            }
            still.rollback();
            assertInstanceOf(Position.NotBegun.class, Position.of(still.session()));
            still.migrate("resume");
        }
    }

    /// Its sorting key has the version besides, so its primary key was not known as the same, and refused.
    @Test
    void aVersionedCollapsingTableWithADirection() {
        try (var still = Still.table(
                "(a UInt8, b UInt8, s Int8, v UInt8) ENGINE = VersionedCollapsingMergeTree(s, v) ORDER BY (a, b DESC)"
                        + " SETTINGS allow_experimental_reverse_key = 1",
                "",
                "b, a DESC",
                "")) {
            assertEquals("a, b DESC", still.session().source().keys().primaryKey());
            still.migrate("create");
            assertEquals(
                    "b, a DESC",
                    still.session().catalog().table(still.target()).keys().orderBy());
        }
    }
}
