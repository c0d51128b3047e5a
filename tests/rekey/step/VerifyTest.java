package rekey.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Still;
import rekey.model.Trouble;

/// Whatever is done to one row of the target behind rekey's back is found, and nothing is swapped.
@Tag("verify")
class VerifyTest {
    private static final String COLUMNS = "(id UInt64, day Date, who Nullable(String), v UInt32)";

    private static Still filled(String engine) {
        var still = Still.table(
                COLUMNS + " ENGINE = " + engine + " PARTITION BY toYYYYMM(day) ORDER BY (day, id)",
                "toYYYYMM(day)",
                "cityHash64(id), day, id",
                "cityHash64(id)");
        for (int block = 0; block < 3; block++) still.execute("""
            INSERT INTO %s SELECT number + BLOCK * 1000, toDate('2026-01-01') + number % 90, if(number % 3 = 0,
              NULL, toString(number)), number
            FROM numbers(1000)\
            """.replace("BLOCK", "" + block));
        return still;
    }

    /// `%s` is the target.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE %s DELETE WHERE id = 77 SETTINGS mutations_sync = 2",
                "INSERT INTO %s SELECT * FROM %s WHERE id = 77",
                "INSERT INTO %s SELECT * FROM %s WHERE id IN (77, 78)",
                "INSERT INTO %s VALUES (1000000, '2026-02-03', 'a stranger', 1)",
                "ALTER TABLE %s UPDATE v = v + 1 WHERE id = 77 SETTINGS mutations_sync = 2",
                "ALTER TABLE %s UPDATE who = NULL WHERE id = 77 SETTINGS mutations_sync = 2",
                "ALTER TABLE %s UPDATE who = '' WHERE id = 78 SETTINGS mutations_sync = 2",
                "ALTER TABLE %s UPDATE v = if(v = 77, 79, 77) WHERE id IN (77, 79) SETTINGS mutations_sync = 2",
                "INSERT INTO %s SELECT id, toDate('2030-01-01'), who, v FROM %s WHERE id = 77",
                "ALTER TABLE %s DROP PARTITION 202602",
            })
    void aChangeOfThePlainTargetIsFound(String change) {
        isFound("MergeTree", change);
    }

    /// A row that is doubled whole is none there, for a merge folds it: FINAL shows it once.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE %s DELETE WHERE id = 77 SETTINGS mutations_sync = 2",
                "INSERT INTO %s VALUES (1000000, '2026-02-03', 'a stranger', 1)",
                "INSERT INTO %s SELECT id, day, who, v + 1 FROM %s WHERE id = 77",
                "INSERT INTO %s SELECT id, toDate('2030-01-01'), who, v FROM %s WHERE id = 77",
                "ALTER TABLE %s UPDATE who = NULL WHERE id = 77 SETTINGS mutations_sync = 2",
                "ALTER TABLE %s DROP PARTITION 202602",
            })
    void aChangeOfTheReplacingTargetIsFound(String change) {
        isFound("ReplacingMergeTree(v)", change);
    }

    private static void isFound(String engine, String change) {
        try (var still = filled(engine)) {
            still.migrate("verify");
            var source = still.session().source().uuid();
            still.execute(change, still.target());
            assertThrows(Trouble.Refused.class, () -> still.run(new Verify()));
            // neither a second run nor the swap alone passes it
            assertThrows(Trouble.Refused.class, () -> still.migrate("resume"));
            assertThrows(Trouble.Refused.class, () -> still.run(new Swap()));
            assertEquals(source, still.session().source().uuid());
            assertInstanceOf(Position.Created.class, Position.of(still.session()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"MergeTree", "ReplacingMergeTree(v)"})
    void afterAnotherBackfillItGoesOn(String engine) {
        try (var still = filled(engine)) {
            still.migrate("verify");
            still.execute("ALTER TABLE %s DELETE WHERE id = 77 SETTINGS mutations_sync = 2", still.target());
            assertThrows(Trouble.Refused.class, () -> still.run(new Verify()));
            var before = still.content(still.name);
            still.undo(new Backfill());
            still.migrate("resume");
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
            assertEquals(before, still.content(still.name));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"MergeTree", "ReplacingMergeTree(v)"})
    void aRowLostAfterTheSwapIsFoundToo(String engine) {
        try (var still = filled(engine)) {
            still.migrate("resume");
            still.run(new Verify());
            still.execute("INSERT INTO %s VALUES (2000000, '2026-02-03', 'new since', 1)");
            still.run(new Verify());
            // its owner's, which rollback makes on the other one too
            still.execute("ALTER TABLE %s DELETE WHERE id = 76 SETTINGS mutations_sync = 2");
            still.run(new Verify());
            // no such: what it takes is found
            still.execute("ALTER TABLE %s DELETE WHERE id IN (SELECT 77) SETTINGS mutations_sync = 2");
            var refused = assertThrows(Trouble.Refused.class, () -> still.run(new Verify()));
            assertTrue(refused.getMessage().contains("77"), refused::getMessage);
        }
    }

    /// Old rows that the TTL's WHERE keeps are compared as any; those that it may delete at any time are not.
    @Test
    void whatATtlKeepsIsCompared() {
        var still = Still.table(
                "(id UInt64, day Date, kind Nullable(String)) ENGINE = MergeTree ORDER BY id TTL day + INTERVAL 30 DAY"
                    + " DELETE WHERE kind = 'debug, TO DISK x', day + INTERVAL 60 YEAR SETTINGS merge_with_ttl_timeout"
                    + " = 100000",
                "",
                "day, id",
                "");
        try (still) {
            still.execute("SYSTEM STOP TTL MERGES %s");
            still.execute(
                    "INSERT INTO %s SELECT number, '2020-01-01', ['audit', 'debug, TO DISK x', NULL][number % 3 + 1]"
                            + " FROM numbers(300)");
            still.migrate("backfill");
            still.execute("ALTER TABLE %s DELETE WHERE id % 3 = 1 SETTINGS mutations_sync = 2", still.target());
            still.run(new Verify());
            still.execute("ALTER TABLE %s DELETE WHERE id IN (75, 77) SETTINGS mutations_sync = 2", still.target());
            var refused = assertThrows(Trouble.Refused.class, () -> still.run(new Verify()));
            assertTrue(
                    refused.getMessage().contains("missing (75)")
                            && refused.getMessage().contains("missing (77)"),
                    refused::getMessage);
        }
    }
}
