package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Still;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;
import rekey.step.Position;

/// The parts that a chunk is read from get other names in the middle of each copy: a run does not end for it.
@Tag("copy")
class ChangingPartsTest {
    private static final String DELETE = "ALTER TABLE %s DELETE WHERE a = 0 SETTINGS mutations_sync = 1";

    /// @param counted how many copies were begun
    /// @param also    is done in the middle of each, with its statement
    private static Session copying(Still still, AtomicInteger counted, Consumer<String> also) {
        return still.listening(sql -> {
            if (!sql.startsWith("INSERT INTO") || !sql.contains("_staging_")) return;
            counted.incrementAndGet();
            also.accept(sql);
        });
    }

    private static void run(Still still, Session session, String until) {
        new Runner(session, false, List.of()).run(still.migration, Optional.of(until));
    }

    private static long sum(Still still) {
        return still.server.one("SELECT sum(n) AS s FROM " + still.name.sql()).number("s");
    }

    /// Where merges fold rows each copy was begun anew for it, and the fourth ended the run.
    @Test
    void aDeleteAtEachCopyMergesNothing() {
        try (var still =
                Still.table("(a UInt8, b UInt8, n UInt64) ENGINE = SummingMergeTree ORDER BY (a, b)", "", "b, a", "")) {
            for (int i = 0; i < 2; i++)
                still.execute("INSERT INTO %s SELECT number % 7, number % 3, 1 FROM numbers(21)");
            var copies = new AtomicInteger();
            run(still, copying(still, copies, _ -> still.execute(DELETE)), "backfill");
            assertTrue(copies.get() > 1, "vacuous: no copy was begun anew");
            // of a part that was mutated while it was copied it is known, too, that it was merged since
            still.execute("OPTIMIZE TABLE %s FINAL");
            still.migrate("resume");
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
            assertEquals(36, sum(still));
            still.rollback();
            assertEquals(36, sum(still));
        }
    }

    /// What differs while its parts keep changing says nothing: it is put off, as a swap is.
    @Test
    void whatCantBeToldIsTriedAgain() {
        try (var still = Still.table("(a UInt64, n UInt64) ENGINE = MergeTree ORDER BY a", "", "n, a", "")) {
            still.execute("INSERT INTO %s SELECT number, number FROM numbers(100)");
            var copies = new AtomicInteger();
            var session = copying(still, copies, sql -> {
                if (copies.get() > 4) return;
                still.server.execute(sql); // as if the source had had these rows a moment before
                still.execute(DELETE);
            });
            run(still, session, "resume");
            var why = Entry.all(still.journal(), Detail.PutOff.class)
                    .map(Detail.PutOff::why)
                    .toList();
            assertEquals(1, why.size(), why::toString);
            assertTrue(why.getFirst().contains("kept changing"), why::toString);
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
            assertEquals(99 * 100 / 2, sum(still));
            assertEquals(
                    still.content(still.name),
                    still.content(still.migration.rewrite().backup()));
        }
    }

    /// One operation by itself has nobody who tries it again: it ends as a refusal, with what to do.
    @Test
    void byItselfItIsRefused() {
        try (var still = Still.table("(a UInt64, n UInt64) ENGINE = MergeTree ORDER BY a", "", "n, a", "")) {
            still.execute("INSERT INTO %s SELECT number, number FROM numbers(100)");
            still.migrate("create");
            var session = copying(still, new AtomicInteger(), sql -> {
                still.server.execute(sql);
                still.execute(DELETE);
            });
            var direction = Direction.of(session, Way.FORWARD, still.target());
            var chunk = Marks.read(List.of(), "", "")
                    .pending(direction.from(), session.catalog().parts(still.name), Long.MAX_VALUE)
                    .getFirst();
            var putOff = assertThrows(
                    Trouble.PutOff.class, () -> new Copier(session, direction, false, true).copy(chunk, 1));
            assertTrue(putOff.isBusy());
            assertTrue(
                    putOff.getMessage().contains("run again when its mutations and OPTIMIZEs have ended"),
                    putOff::getMessage);
            assertEquals(List.of(), session.catalog().tablesLike(still.name.database(), "t_rekey_m1_staging"));
        }
    }
}
