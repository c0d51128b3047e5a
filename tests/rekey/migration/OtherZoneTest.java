package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rekey.Still;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.step.Backfill;
import rekey.step.Verify;

/// A table that was created in a session of another time zone has the hours about midnight in a neighbouring
/// partition: no partition of it is one of the copy's.
@Tag("migration")
@Tag("slow")
class OtherZoneTest {
    private static final String COLUMNS =
            "(id UInt64, at DateTime) ENGINE = %s PARTITION BY toYYYYMM(at) ORDER BY (%s)";

    /// @param again whether the server has loaded it anew since: then it computes its keys in the server's zone, and
    ///              its old parts remain
    private static Still inNewYork(String engine, String orderBy, boolean again) {
        var definition = COLUMNS.formatted(engine, orderBy);
        var still = Still.table(definition, "toYYYYMM(at)", "cityHash64(id), " + orderBy, "");
        still.execute("DROP TABLE %s SYNC");
        create(still, still.name, definition);
        for (int block = 0; block < 3; block++) fill(still, still.name, block * 700, 700);
        if (again) still.execute("DETACH TABLE %s");
        if (again) still.execute("ATTACH TABLE %s");
        return still;
    }

    private static void create(Still still, TableName table, String definition) {
        still.server.execute(
                "CREATE TABLE " + table.sql() + " " + definition,
                UUID.randomUUID().toString(),
                Map.of("session_timezone", "America/New_York"));
    }

    /// One for each hour.
    private static void fill(Still still, TableName table, int from, int rows) {
        still.execute(
                "INSERT INTO %s SELECT number AS n, toDateTime('2026-01-20 00:00:00', 'UTC') + n * 3600 FROM numbers("
                        + from + ", " + rows + ")",
                table);
    }

    private static long count(Still still, TableName table, String where) {
        return still.server
                .one("SELECT count() AS n FROM " + table.sql() + " WHERE " + where)
                .number("n");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "MergeTree, id, false",
                "MergeTree, \"toDate(at), id\", true",
                "ReplacingMergeTree, \"toDate(at), id\", false",
                "ReplacingMergeTree, id, true"
            })
    void isComparedAsAWhole(String engine, String orderBy, boolean again) {
        try (var still = inNewYork(engine, orderBy, again)) {
            still.migrate("verify");
            assertNotEquals(
                    count(still, still.name, "_partition_id = '202601'"),
                    count(still, still.target(), "_partition_id = '202601'"),
                    "vacuous");
            still.run(new Verify());
            fill(still, still.name, 2100, 900);
            still.migrate("resume");
            fill(still, still.name, 3000, 50);
            still.run(new Verify());
            still.rollback();
            assertEquals(3050, count(still, still.name, "1"));
            assertEquals(
                    3050,
                    still.server
                            .one("SELECT uniqExact(id) AS n FROM " + still.name.sql())
                            .number("n"));
        }
    }

    /// Merges have replaced rows on the one side, so kept rows are summed by buckets of the key: of the same row
    /// each table computes another one.
    @Test
    void rowsThatWereReplacedAreNoDifference() {
        try (var still = inNewYork("ReplacingMergeTree", "toDate(at), id", false)) {
            still.migrate("backfill");
            still.execute("SYSTEM STOP MERGES %s", still.target());
            fill(still, still.name, 0, 700);
            still.run(new Backfill());
            still.execute("OPTIMIZE TABLE %s FINAL");
            assertTrue(count(still, still.name, "1") < count(still, still.target(), "1"), "vacuous");
            still.run(new Verify());
        }
    }

    @Test
    void aDifferenceIsNamedAllTheSame() {
        try (var still = inNewYork("MergeTree", "id", false)) {
            still.migrate("verify");
            still.execute("ALTER TABLE %s DELETE WHERE id = 290 SETTINGS mutations_sync = 2", still.target());
            still.execute("INSERT INTO %s SELECT 5000, at FROM %s WHERE id = 1500", still.target());
            var refused = assertThrows(Trouble.Refused.class, () -> still.run(new Verify()))
                    .getMessage();
            assertTrue(refused.contains("missing (290)") && refused.contains("extra (5000)"), refused);
        }
    }

    /// Parts from such a table may come at any time.
    @Test
    void attachedFromOneWhileTheMigrationRuns() {
        try (var still = Still.table(COLUMNS.formatted("MergeTree", "id"), "toYYYYMM(at)", "cityHash64(id), id", "")) {
            fill(still, still.name, 0, 700);
            still.migrate("verify");
            var other = still.name.sibling("other");
            create(still, other, COLUMNS.formatted("MergeTree", "id"));
            fill(still, other, 700, 1400);
            still.execute("ALTER TABLE %s ATTACH PARTITION 202602 FROM " + other.sql());
            long there = count(still, still.name, "1");
            assertTrue(there > 700, "vacuous");
            still.migrate("backfill");
            still.run(new Verify());
            still.migrate("resume");
            assertEquals(there, count(still, still.name, "1"));
        }
    }

    /// The other table's partition of that name has rows of its neighbour too, which are still there.
    @ParameterizedTest
    @CsvSource({"false", "true"})
    void aPartitionThatWasDroppedIsNotDroppedByName(boolean again) {
        try (var still = inNewYork("MergeTree", "id", again)) {
            still.migrate("backfill");
            still.execute("ALTER TABLE %s DROP PARTITION 202602");
            var refused = assertThrows(Trouble.Refused.class, () -> still.migrate("resume"))
                    .getMessage();
            assertTrue(refused.contains("202602") && refused.contains("roll back and begin anew"), refused);
            assertEquals(2100, count(still, still.target(), "1"));
            still.rollback();
            long left = count(still, still.name, "1");
            still.migrate("resume");
            assertEquals(left, count(still, still.name, "1"));
        }
    }

    /// On the way back, where the partition of the backup has rows that the live table's had not.
    @Test
    void norOnTheWayBack() {
        try (var still = inNewYork("MergeTree", "id", true)) {
            still.migrate("resume");
            still.execute("ALTER TABLE %s DROP PARTITION 202602");
            long left = count(still, still.name, "1");
            var refused = assertThrows(Trouble.Refused.class, still::rollback).getMessage();
            assertTrue(
                    refused.contains("by a DELETE, and roll back again") && refused.contains("the server's time zone"),
                    refused);
            still.execute(
                    "ALTER TABLE %s DELETE WHERE toYYYYMM(at, serverTimeZone()) = 202602 SETTINGS mutations_sync = 2",
                    still.migration.rewrite().backup());
            assertEquals(left, count(still, still.migration.rewrite().backup(), "1"));
            still.rollback();
            assertEquals(left, count(still, still.name, "1"));
        }
    }
}
