package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rekey.Scene;
import rekey.Still;

/// A table without a version keeps the row of a key that was inserted last. Under finer keys its rows lie in another
/// order, in several partitions or by another column within a part: as they lay there the older one came last on the
/// way back, and FINAL showed it after a rollback that had found no difference.
@Tag("migration")
class InsertionOrderTest {
    @ParameterizedTest
    @CsvSource({
        "ReplacingMergeTree, toYYYYMM(at), id, 1000",
        "ReplacingMergeTree, toYYYYMM(at), id, 1",
        "ReplacingMergeTree, '', 'id, at', 1000",
        "ReplacingMergeTree, '', 'id, at', 1",
        "ReplacingMergeTree(same), toYYYYMM(at), 'id, at', 20",
    })
    void aRollbackKeepsTheNewestRow(String engine, String partitionBy, String orderBy, long chunkRows) {
        try (var still = Still.table(
                        "(id UInt64, at Date, v UInt32, same UInt8 DEFAULT 1) ENGINE = " + engine + " ORDER BY id",
                        partitionBy,
                        orderBy,
                        "")
                .withLimits(Scene.LIMITS.withChunkRows(chunkRows))) {
            insert(still, 0, 50, "2026-01-15", 0);
            still.migrate("resume");
            insert(still, 0, 20, "2026-02-01", 1);
            insert(still, 0, 20, "2026-01-01", 2);
            insert(still, 10, 20, "2026-03-01", 3);
            insert(still, 15, 20, "2025-12-01", 4);
            still.execute("OPTIMIZE TABLE %s FINAL");
            still.rollback();
            for (int merged = 0; merged < 2; merged++) {
                assertEquals(
                        "[(0,30),(2,10),(3,5),(4,5)]",
                        still.server
                                .one("SELECT toString(arraySort(groupArray((v, n)))) AS said FROM (SELECT v, count() AS"
                                        + " n FROM " + still.name.sql() + " FINAL GROUP BY v)")
                                .string("said"));
                still.execute("OPTIMIZE TABLE %s FINAL");
            }
        }
    }

    private static void insert(Still still, int from, int to, String at, int v) {
        still.execute("INSERT INTO %s (id, at, v) SELECT number, '" + at + "', " + v + " FROM numbers(" + from + ", "
                + (to - from) + ")");
    }
}
