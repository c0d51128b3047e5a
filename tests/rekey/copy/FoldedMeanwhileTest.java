package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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

    /// Rows with block numbers of their own are not read. As long as nothing was asked of a chunk whose parts were
    /// mutated between, such rows were noted as carried: a DELETE of other rows in that moment did it.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void rowsWithForeignNumbersAreFoundBesideADelete(boolean duringTheCopy) {
        try (var still = Still.table(DEFINITION, "", "b, a", "")) {
            for (int n = 0; n < 5; n++) insert(still, "%s");
            var other = still.name.sibling("other");
            still.server.execute("CREATE TABLE " + other.sql() + " AS " + still.name.sql());
            still.execute("ALTER TABLE %s MODIFY SETTING enable_block_number_column = 1", other);
            // its numbers are to be above all that the table has given
            for (int n = 0; n < 20; n++) insert(still, other.sql());
            still.execute("TRUNCATE TABLE %s", other);
            for (int n = 0; n < 3; n++) insert(still, other.sql());
            still.execute("OPTIMIZE TABLE %s FINAL", other);
            still.migrate("create");
            still.execute("ALTER TABLE %s ATTACH PARTITION ID 'all' FROM " + other.sql());
            insert(still, "%s");
            var delete = "ALTER TABLE %s DELETE WHERE a = 99 SETTINGS mutations_sync = 1";
            var session = still.listening(sql -> {
                if (duringTheCopy && sql.startsWith("INSERT INTO") && sql.contains("_staging_")) still.execute(delete);
            });
            var direction = Direction.of(session, Way.FORWARD, still.target());
            var chunk = Marks.read(List.of(), "", "")
                    .pending(direction.from(), session.catalog().parts(still.name), Long.MAX_VALUE)
                    .getFirst();
            if (!duringTheCopy) still.execute(delete);
            var refused = assertThrows(
                    Trouble.Refused.class, () -> new Copier(session, direction, false, true).copy(chunk, 1));
            assertTrue(refused.getMessage().contains("foreign block numbers"), refused::getMessage);
            assertEquals(
                    0,
                    Entry.all(session.journal().entries(), Detail.Attached.class)
                            .count());
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
