package rekey.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Commands as `system.mutations` writes them.
class MutationTest {
    private static Mutation of(String command) {
        return new Mutation(4, command, true, "", "2026-01-01 00:00:00");
    }

    @Test
    void deletesThatMeanTheSameRowsEverywhere() {
        assertEquals(
                Optional.of("(k = 5) AND (v IN ('x', 'it\\'s (SELECT now())'))"),
                of("(DELETE WHERE (k = 5) AND (v IN ('x', 'it\\'s (SELECT now())')))")
                        .deletes());
        assertEquals(
                Optional.of("k = 6"), of("(UPDATE _row_exists = 0 WHERE k = 6)").deletes());
        assertEquals(
                Optional.of("(k IN (5)) OR (d IN (toDate('2026-01-01'))) OR (k IN (7, 8))"),
                of("(DELETE WHERE (k IN (5)) OR (d IN (toDate('2026-01-01'))) OR (k IN (7, 8)))")
                        .deletes());
        assertEquals(
                Optional.of("_partition = 3"),
                of("(DELETE WHERE _partition = 3)").deletes());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(DELETE WHERE k IN (SELECT 3))",
                "(DELETE IN PARTITION 202602 WHERE k = 9)",
                "(UPDATE v = 'y' WHERE k = 7)",
                "(DELETE WHERE d < today())",
                "(DELETE WHERE t < (now() - toIntervalDay(3)))",
                "(DELETE WHERE _part = 'all_1_1_0')",
                "(DELETE WHERE d < current_date())",
                "(DELETE WHERE t < current_timestamp())",
                "(DELETE WHERE t < UTC_timestamp())",
                "(DELETE WHERE t < nowInBlock())",
                "(DELETE WHERE k IN others)",
                "(DELETE WHERE k IN (db.others))",
                "(DELETE WHERE k IN (`o 1`))",
                "(DELETE WHERE dictHas('d', k))",
                "(DROP COLUMN v)"
            })
    void whatMayMeanOthers(String command) {
        assertTrue(of(command).deletes().isEmpty());
        assertFalse(of(command).harmless());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(MATERIALIZE INDEX i)",
                "(MATERIALIZE TTL)",
                "(APPLY DELETED MASK)",
                "(DROP PROJECTION p)",
                "(MATERIALIZE STATISTICS a)"
            })
    void whatChangesNoRow(String command) {
        assertTrue(of(command).harmless());
        assertTrue(of(command).deletes().isEmpty());
    }
}
