package rekey.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static rekey.check.Given.passes;
import static rekey.check.Given.refuses;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Still;
import rekey.model.Trouble;
import rekey.run.FrozenPlan;

/// Columns that were added later, and that older parts have no values of.
@Tag("check")
class UnstoredColumnsTest {
    private static final UnstoredColumns CHECK = new UnstoredColumns();

    private static Still table() {
        var still = Still.table(
                "(a UInt64, b String, d Date) ENGINE = MergeTree PARTITION BY toYYYYMM(d) ORDER BY a",
                "toYYYYMM(d)",
                "b, a",
                "");
        fill(still, 0, 600);
        fill(still, 600, 600);
        return still;
    }

    private static void fill(Still still, int from, int count) {
        still.execute("INSERT INTO %s (a, b, d) SELECT number, 'x', toDate('2026-01-01') + number % 50 FROM numbers("
                + from + ", " + count + ")");
    }

    private static String stored(Still still) {
        return still.server
                .one("SELECT toString(groupUniqArray(at)) AS v FROM " + still.name.sql() + " WHERE a >= 2000")
                .string("v");
    }

    /// Once the copy and its check read two moments, were taken for a difference, and every later run ended just so.
    @ParameterizedTest
    @ValueSource(strings = {"DEFAULT", "MATERIALIZED"})
    void refusedThenStoredThenMigrated(String kind) {
        try (var still = table()) {
            still.execute("ALTER TABLE %s ADD COLUMN at DateTime64(6) " + kind + " now64(6)");
            fill(still, 2000, 20);
            var stored = stored(still);
            var named = "at (" + kind + " now64(6)) is not stored in 4 parts";

            refuses(CHECK, still.session(), named);
            var todo = CHECK.look(still.session()).todo();
            for (var way : new Runnable[] {
                () -> still.run(new FrozenPlan(still.migration, null)), () -> still.migrate("resume")
            }) {
                var refused = assertThrows(Trouble.Refused.class, way::run);
                assertTrue(refused.getMessage().contains(named), refused::getMessage);
            }
            still.rollback();

            for (var sql : todo.substring(todo.indexOf("run again. ") + 11).split("; ?")) still.server.execute(sql);
            passes(CHECK, still.session());
            var rows = still.content(still.name);
            still.run(new FrozenPlan(still.migration, null));
            still.migrate("resume");
            assertEquals(rows, still.content(still.name));
            assertEquals(stored, stored(still));
        }
    }

    @Test
    void whatIsTheSameAtEachRead() {
        try (var still = table()) {
            passes(CHECK, still.session());
            still.execute(
                    "ALTER TABLE %s ADD COLUMN generated_at DateTime DEFAULT toDateTime(d), ADD COLUMN c Date DEFAULT"
                            + " toDate(generated_at) + length('now()'), ADD COLUMN r Float64 ALIAS rand()");
            passes(CHECK, still.session());
            still.execute("ALTER TABLE %s ADD COLUMN late UUID DEFAULT generateUUIDv4() SETTINGS mutations_sync = 2");
            still.execute("TRUNCATE TABLE %s");
            fill(still, 0, 10);
            passes(CHECK, still.session());
        }
    }

    @Test
    void whatIsNot() {
        try (var still = table()) {
            still.execute("ALTER TABLE %s ADD COLUMN r UInt64 ALIAS rand64(), ADD COLUMN `a, c;` UInt64 DEFAULT r % 7");
            refuses(CHECK, still.session(), "a, c; (DEFAULT r % 7) is not stored in 4 parts");
            still.execute("ALTER TABLE %s MATERIALIZE COLUMN `a, c;` SETTINGS mutations_sync = 2");
            passes(CHECK, still.session());
            still.execute("ALTER TABLE %s CLEAR COLUMN `a, c;` IN PARTITION 202602 SETTINGS mutations_sync = 2");
            refuses(CHECK, still.session(), "is not stored in 2 parts");
        }
    }

    /// Several partitions, each by its own statement, or all by one.
    @Test
    void onlyTheirPartitionsAreMerged() {
        try (var still = table()) {
            still.execute("ALTER TABLE %s ADD COLUMN r UInt64 MATERIALIZED rand64()");
            refuses(
                    CHECK,
                    still.session(),
                    " PARTITION ID '202601' FINAL ",
                    "; OPTIMIZE TABLE ",
                    " PARTITION ID '202602' FINAL ");
            for (int m = 3; m < 7; m++) still.execute("INSERT INTO %s (a, b, d) VALUES (1, 'x', '2026-0" + m + "-01')");
            still.execute("ALTER TABLE %s CLEAR COLUMN r SETTINGS mutations_sync = 2");
            refuses(CHECK, still.session(), "OPTIMIZE TABLE " + still.name.sql() + " FINAL ");
        }
    }
}
