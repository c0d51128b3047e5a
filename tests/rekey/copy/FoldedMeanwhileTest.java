package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Still;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.step.Finalize;

/// Rows that nobody has carried are folded into carried ones, between two looks: nobody takes them for carried.
@Tag("copy")
class FoldedMeanwhileTest {
    private static final String DEFINITION = "(a UInt8, b UInt8, n UInt64) ENGINE = SummingMergeTree ORDER BY (a, b)";

    private static void insert(Still still, String into) {
        still.execute("INSERT INTO " + into + " SELECT number % 7, number % 3, 1 FROM numbers(21)");
    }

    private static long sum(Still still) {
        return still.server.one("SELECT sum(n) AS s FROM " + still.name.sql()).number("s");
    }

    @Test
    void betweenTheListOfPartsAndTheirCopy() {
        try (var still = Still.table(DEFINITION, "", "b, a", "")) {
            insert(still, "%s");
            still.migrate("backfill");
            insert(still, "%s");
            var session = still.session();
            var direction = Direction.of(session, Way.FORWARD, still.target());
            var journal = session.journal().entries();
            var chunks = Marks.read(
                            journal, direction.from().uuid(), direction.to().uuid())
                    .pending(direction.from(), session.catalog().parts(still.name), Long.MAX_VALUE);
            assertEquals(1, chunks.size());
            still.execute("OPTIMIZE TABLE %s FINAL");
            assertThrows(
                    Trouble.PutOff.class, () -> new Copier(session, direction, true, true).copy(chunks.getFirst(), 9));
            assertEquals(
                    List.of(),
                    session.catalog().tablesLike(still.name.database(), "t_rekey_m1_staging"),
                    "nothing is left behind");
            assertEquals(
                    1,
                    Entry.all(session.journal().entries(), Detail.Attached.class)
                            .count());
            still.migrate("resume");
            assertEquals(42, sum(still));
        }
    }

    /// A row that came into the backup by its name is in no other table.
    @Test
    void inTheBackupBeforeItIsDropped() {
        try (var still = Still.table(DEFINITION, "", "b, a", "")) {
            insert(still, "%s");
            still.migrate("resume");
            var backup = still.migration.rewrite().backup();
            insert(still, backup.sql());
            still.execute("OPTIMIZE TABLE %s FINAL", backup);
            assertEquals(21, sum(still));
            var refused = assertThrows(Trouble.Refused.class, () -> still.run(new Finalize()));
            assertTrue(refused.getMessage().contains("somebody wrote to it by its name"), refused::getMessage);
            assertTrue(still.session().catalog().exists(backup));
        }
    }
}
