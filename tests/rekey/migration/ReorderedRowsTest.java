package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Still;
import rekey.StreamedInsert;
import rekey.copy.ReorderedRows;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry;

/// Where the order of rows decides what merges make of them, an INSERT that ran through the exchange comes behind
/// the next one of its writer, and what came last is said once more.
@Tag("engines")
class ReorderedRowsTest extends StrayRows {
    private static Still still(String definition) {
        return Still.table("(k UInt64, g UInt8, " + definition + " ORDER BY (k, g)", "", "g, k", "");
    }

    private static StreamedInsert begun(Still still, String columns, List<String> rows) {
        try {
            var insert = new StreamedInsert(still.server, still.name, columns);
            for (var row : rows) insert.row(row);
            return insert;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @param races so often the writer sets another state between a look and its attach
    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void theLastStateStays(int races) {
        try (var still = still("s String, sign Int8) ENGINE = CollapsingMergeTree(sign)")) {
            still.execute("INSERT INTO %s SELECT number, 0, 'first', 1 FROM numbers(100)");
            var insert = new AtomicReference<StreamedInsert>();
            var exchanged = new AtomicBoolean();
            var states = new AtomicInteger();
            var late = List.of(
                    "{\"k\": 7, \"s\": \"first\", \"sign\": -1}",
                    "{\"k\": 7, \"s\": \"late\", \"sign\": 1}",
                    "{\"k\": 8, \"s\": \"first\", \"sign\": -1}",
                    "{\"k\": 8, \"s\": \"late\", \"sign\": 1}",
                    "{\"k\": 9, \"s\": \"first\", \"sign\": -1}",
                    "{\"k\": 9, \"s\": \"late\", \"sign\": 1}");
            var around = aroundTheExchange(
                    still.migration.rewrite().backup(), () -> insert.set(begun(still, "(k, s, sign)", late)), () -> {
                        finish(insert.get());
                        still.execute(
                                "INSERT INTO %s VALUES (7, 0, 'late', -1), (7, 0, 'new0', 1), (9, 0, 'late', -1)");
                        exchanged.set(true);
                    });
            var session = still.listening(sql -> {
                around.accept(sql);
                if (!exchanged.get() || !sql.startsWith("ALTER TABLE " + still.name.sql() + " ATTACH")) return;
                int n = states.get();
                if (n < races)
                    still.execute("INSERT INTO %s VALUES (7, 0, 'new" + n + "', -1), (7, 0, 'new"
                            + states.incrementAndGet() + "', 1)");
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertEquals(races, states.get(), "vacuous");
            for (int merged = 0; merged < 2; merged++) {
                assertEquals("new" + races, shown(still, still.name, 7));
                assertEquals("late", shown(still, still.name, 8));
                assertEquals("", shown(still, still.name, 9), "it was cancelled last");
                assertEquals(
                        "[('first',97),('late',1),('new" + races + "',1)]",
                        still.server
                                .one("SELECT toString(arraySort(groupArray((s, n)))) AS said FROM (SELECT s, sum(sign)"
                                        + " AS n FROM " + still.name.sql() + " GROUP BY s HAVING n != 0)")
                                .string("said"));
                still.execute("OPTIMIZE TABLE %s FINAL");
            }
        }
    }

    /// Taken for one that was to take them, the DELETE had the rows dropped again that were said once more, each
    /// time: neither a run nor a rollback came to its end.
    @Test
    void aDeleteSinceTheSwapDoesNotKeepItFromItsEnd() {
        try (var still = still("s String, sign Int8) ENGINE = CollapsingMergeTree(sign)")) {
            still.execute("INSERT INTO %s SELECT number, 0, 'first', 1 FROM numbers(100)");
            var insert = new AtomicReference<StreamedInsert>();
            var late =
                    List.of("{\"k\": 7, \"s\": \"first\", \"sign\": -1}", "{\"k\": 7, \"s\": \"late\", \"sign\": 1}");
            var session = still.listening(aroundTheExchange(
                    still.migration.rewrite().backup(), () -> insert.set(begun(still, "(k, s, sign)", late)), () -> {
                        still.execute("ALTER TABLE %s DELETE WHERE k = 7 SETTINGS mutations_sync = 1");
                        still.awaitNextSecond();
                        finish(insert.get());
                        still.execute("INSERT INTO %s VALUES (7, 0, 'late', -1), (7, 0, 'new', 1)");
                    }));
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertTrue(
                    Entry.all(still.journal(), Detail.Attached.class).anyMatch(ReorderedRows::again),
                    "vacuous: nothing was said again");
            for (int merged = 0; merged < 2; merged++) {
                assertEquals(
                        "new",
                        still.server
                                .one("SELECT argMax(s, (_block_number, _part_offset)) AS s FROM " + still.name.sql()
                                        + " WHERE k = 7 AND sign = 1")
                                .string("s"));
                still.execute("OPTIMIZE TABLE %s FINAL");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void theLastValueStays(int races) {
        try (var still = still("a Nullable(String), b Nullable(String)) ENGINE = CoalescingMergeTree")) {
            still.execute("INSERT INTO %s SELECT number, 0, 'first', 'first' FROM numbers(100)");
            var insert = new AtomicReference<StreamedInsert>();
            var exchanged = new AtomicBoolean();
            var values = new AtomicInteger();
            var around = aroundTheExchange(
                    still.migration.rewrite().backup(),
                    () -> insert.set(
                            begun(still, "(k, a, b)", List.of("{\"k\": 7, \"a\": \"late\", \"b\": \"late\"}"))),
                    () -> {
                        finish(insert.get());
                        still.execute("INSERT INTO %s VALUES (7, 0, 'new0', NULL)");
                        exchanged.set(true);
                    });
            var session = still.listening(sql -> {
                around.accept(sql);
                if (!exchanged.get() || !sql.startsWith("ALTER TABLE " + still.name.sql() + " ATTACH")) return;
                if (values.get() < races)
                    still.execute("INSERT INTO %s VALUES (7, 0, 'new" + values.incrementAndGet() + "', NULL)");
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertTrue(values.get() == races, "vacuous");
            for (int merged = 0; merged < 2; merged++) {
                assertEquals(
                        "new" + races + " late",
                        still.server
                                .one("SELECT concat(assumeNotNull(a), ' ', assumeNotNull(b)) AS said FROM "
                                        + still.name.sql() + " FINAL WHERE k = 7")
                                .string("said"));
                still.execute("OPTIMIZE TABLE %s FINAL");
            }
        }
    }
}
