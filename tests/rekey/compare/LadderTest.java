package rekey.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rekey.Still;
import rekey.clickhouse.Sql;
import rekey.compare.ComparedPartition.Proof;
import rekey.copy.CheckedChunk;
import rekey.copy.Checksum;
import rekey.copy.Direction;
import rekey.model.Blocks;
import rekey.preview.VerifyPreview;
import rekey.session.Entry.Event;
import rekey.step.Backfill;
import rekey.step.Create;
import rekey.step.Verify;

/// Each rung by which two tables are known to be the same is reached, told in the journal, and finds what is wrong.
@Tag("verify")
class LadderTest {

    /// Two blocks of a table, so that there is something to merge; of a collapsing one the second replaces a hundred
    /// rows of the first.
    private static Still filled(Proof rung) {
        var still = Still.table(
                "(id UInt64, day Date, who Nullable(String), v UInt32) ENGINE = "
                        + (collapses(rung) ? "ReplacingMergeTree(v)" : "MergeTree")
                        + " PARTITION BY toYYYYMM(day) ORDER BY (day, id)",
                "toYYYYMM(day)",
                "cityHash64(id), day, id",
                "cityHash64(id)");
        still.execute("ALTER TABLE %s MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1");
        still.execute(
                "INSERT INTO %s SELECT number, toDate('2026-01-05'), toString(number), number + 1 FROM numbers(900)");
        still.execute("INSERT INTO %s SELECT number, toDate('2026-01-05'), NULL, number + 2 FROM numbers("
                + (collapses(rung) ? 800 : 900) + ", 200)");
        return still;
    }

    private static boolean collapses(Proof rung) {
        return rung == Proof.FINAL || rung == Proof.KEYS;
    }

    /// Brings it about that nothing cheaper than this rung proves anything.
    private static void upTo(Proof rung, Still still) {
        still.run(new Create());
        still.run(new Backfill());
        switch (rung) {
            case PARTS, ROWS -> {}
            case SUMS -> still.execute("OPTIMIZE TABLE %s FINAL", still.target());
            case FINAL -> still.execute("OPTIMIZE TABLE %s FINAL");
            case KEYS -> {
                still.execute("OPTIMIZE TABLE %s FINAL");
                still.execute("INSERT INTO %s SELECT 5000, toDate('2026-01-05'), 'came since', 1");
            }
        }
    }

    private static ComparisonResult look(Proof rung, Still still) {
        return Verify.look(still.session(), ComparedShare.ALL, rung == Proof.ROWS);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        PARTS | ALTER TABLE %s DELETE WHERE id = 77 | missing 77
        PARTS | INSERT INTO %s SELECT * FROM %s WHERE id = 77 | different 77
        PARTS | ALTER TABLE %s UPDATE who = 'x' WHERE id = 77 | different 77
        PARTS | ALTER TABLE %s UPDATE v = if(id = 77, 79, 78) WHERE id IN (77, 78) | different 77
        SUMS  | ALTER TABLE %s DELETE WHERE id = 77 | missing 77
        SUMS  | INSERT INTO %s SELECT * FROM %s WHERE id = 77 | different 77
        SUMS  | ALTER TABLE %s UPDATE who = 'x' WHERE id = 77 | different 77
        SUMS  | INSERT INTO %s SELECT * FROM %s ARRAY JOIN [1, 2] AS a WHERE id = 77 | different 77
        ROWS  | ALTER TABLE %s DELETE WHERE id = 77 | missing 77
        ROWS  | INSERT INTO %s SELECT * FROM %s WHERE id = 77 | different 77
        ROWS  | ALTER TABLE %s UPDATE who = NULL WHERE id = 77 | different 77
        ROWS  | ALTER TABLE %s UPDATE v = if(id = 77, 79, 78) WHERE id IN (77, 78) | different 77
        FINAL | ALTER TABLE %s DELETE WHERE id = 77 | missing 77
        FINAL | INSERT INTO %s SELECT 7777, toDate('2026-01-05'), 'x', 1 | extra 7777
        FINAL | ALTER TABLE %s UPDATE who = 'x' WHERE id = 850 AND v = 852 | different 850
        FINAL | ALTER TABLE %s UPDATE who = if(id = 77, '78', '77') WHERE id IN (77, 78) | different 77
        KEYS  | ALTER TABLE %s DELETE WHERE id = 77 | missing 77
        KEYS  | INSERT INTO %s SELECT 7777, toDate('2026-01-05'), 'x', 1 | extra 7777
        KEYS  | ALTER TABLE %s DELETE WHERE id = 850 AND v = 852 | different 850
        KEYS  | ALTER TABLE %s UPDATE who = if(id = 77, '78', '77') WHERE id IN (77, 78) | different 77
        """)
    void isReachedAndFindsWhatIsWrong(Proof rung, String error, String key) {
        try (var still = filled(rung)) {
            upTo(rung, still);
            var told = look(rung, still);
            assertEquals("same", told.verdict());
            assertEquals(
                    List.of(rung),
                    told.partitions().stream().map(ComparedPartition::by).toList());
            var noted =
                    still.session().journal().entries(e -> e.event() == Event.VERIFIED || e.event() == Event.COMPARED);
            assertEquals(
                    List.of(rung.name(), rung + " 1"),
                    noted.stream().map(e -> e.text().get("by")).toList());
            still.execute(error + " SETTINGS mutations_sync = 2", still.target());
            var wrong = look(rung, still);
            assertEquals("differs", wrong.verdict());
            var keys = wrong.differing().getFirst().keys().stream()
                    .map(DifferingKey::toString)
                    .toList();
            var words = key.split(" ");
            assertTrue(
                    keys.stream().anyMatch(k -> k.startsWith(words[0] + " ('2026-01-05'," + words[1] + ")")),
                    keys::toString);
        }
    }

    /// What all parts say is asked of no row; what is left to read of a side is that alone.
    @Test
    void whatPartsProveIsNotRead() {
        try (var still = filled(Proof.PARTS)) {
            upTo(Proof.PARTS, still);
            assertEquals(List.of(), VerifyPreview.comparing(still.session(), ComparedShare.ALL));
            still.execute("OPTIMIZE TABLE %s FINAL", still.target());
            var left = VerifyPreview.comparing(still.session(), ComparedShare.ALL);
            assertEquals(1, left.size());
            assertTrue(left.getFirst().contains(still.target().sql()), left::toString);
        }
    }

    /// 40 small partitions, which go in eight chunks of five.
    private static Still joined(String engine) {
        var still = Still.table(
                "(id UInt64, day UInt32, who Nullable(String), v UInt32) ENGINE = " + engine
                        + " PARTITION BY day ORDER BY id SETTINGS max_bytes_to_merge_at_max_space_in_pool = 1",
                "day",
                "cityHash64(id), id",
                "");
        for (int block = 0; block < 2; block++)
            still.execute("INSERT INTO %s SELECT number + " + block * 200
                    + ", number % 40, toString(number), number FROM numbers(200)");
        still.run(new Create());
        still.run(new Backfill());
        return still;
    }

    private static Map<Proof, Long> proofs(ComparisonResult told) {
        return told.partitions().stream().collect(Collectors.groupingBy(ComparedPartition::by, Collectors.counting()));
    }

    /// What partitions that were copied together were checked by, each was checked by.
    @ParameterizedTest
    @CsvSource({"MergeTree", "ReplacingMergeTree(v)"})
    void eachOfManySmallPartitionsIsProvedByItself(String engine) {
        try (var still = joined(engine)) {
            long chunks = still.session()
                    .journal()
                    .entries(e -> e.event() == Event.ATTACHED)
                    .size();
            assertTrue(chunks < 40, () -> chunks + " chunks: none was of several partitions");
            assertEquals(List.of(), VerifyPreview.comparing(still.session(), ComparedShare.ALL));
            var told = look(Proof.PARTS, still);
            assertEquals(List.of("same", Map.of(Proof.PARTS, 40L)), List.of(told.verdict(), proofs(told)));
            assertEquals(400, told.rows());
            // each has its own line, and so is not looked at again
            assertEquals(40, look(Proof.PARTS, still).unchanged());
            still.execute("OPTIMIZE TABLE %s PARTITION 7 FINAL", still.target());
            var left = VerifyPreview.comparing(still.session(), ComparedShare.ALL);
            assertEquals(1, left.size());
            assertTrue(left.getFirst().contains("_partition_id = '7'"), left::toString);
            var again = look(Proof.PARTS, still);
            assertEquals(List.of("same", 39), List.of(again.verdict(), again.unchanged()));
            assertEquals(Map.of(Proof.PARTS, 39L, Proof.SUMS, 1L), proofs(again));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ALTER TABLE %s DELETE WHERE id = 7
        INSERT INTO %s SELECT * FROM %s WHERE id = 7
        ALTER TABLE %s UPDATE v = 5 WHERE id = 7
        ALTER TABLE %s UPDATE v = if(id = 7, 47, 7) WHERE id IN (7, 47)
        ALTER TABLE %s DROP PARTITION 7
        ALTER TABLE %s REPLACE PARTITION 7 FROM %s_other
        """)
    void anErrorInOneOfThemIsFoundInThatOne(String error) {
        try (var still = joined("MergeTree")) {
            if (error.contains("_other")) {
                // the same number of rows, and another partition's sums
                still.execute("CREATE TABLE " + other(still) + " AS %s", still.target());
                still.execute("INSERT INTO " + other(still) + " SELECT id, 7, who, v FROM %s WHERE day = 8");
            }
            still.execute(error.replace("%s_other", other(still)) + " SETTINGS mutations_sync = 2", still.target());
            var wrong = look(Proof.PARTS, still);
            assertEquals(
                    List.of("7"),
                    wrong.differing().stream().map(ComparedPartition::partition).toList());
            assertEquals(39, proofs(wrong).get(Proof.PARTS));
        }
    }

    private static String other(Still still) {
        return still.name.sibling("other").sql();
    }

    /// A comparison asks and writes as much of forty partitions as of a few: of 5,000 each journal line by itself
    /// took longer than all else.
    @Test
    void manyPartitionsCostNoStatementEach() {
        try (var still = joined("MergeTree")) {
            var session = still.session();
            Verify.look(session, ComparedShare.ALL, false);
            still.execute("SYSTEM FLUSH LOGS query_log");
            var sent = still.server
                    .query("SELECT count() AS n, countIf(query_kind = 'Insert') AS lines FROM system.query_log WHERE"
                            + " type = 'QueryFinish' AND event_date >= yesterday() AND position(query, "
                            + Sql.text(still.name.database()) + ") > 0 AND event_time_microseconds >= (SELECT"
                            + " max(at) FROM "
                            + still.migration.rewrite().journal().sql()
                            + " WHERE event = 'DONE' AND step = 'backfill')")
                    .getFirst();
            assertTrue(sent.number("lines") >= 2 && sent.number("lines") <= 15, () -> sent.number("lines") + " lines");
            assertTrue(sent.number("n") < 60, () -> sent.number("n") + " statements");
        }
    }

    /// A part that stands under its hash shows other values when the DEFAULT of a column that it lacks is altered.
    @Test
    void anotherDefaultIsNoProof() {
        try (var still = filled(Proof.PARTS)) {
            still.execute("ALTER TABLE %s ADD COLUMN late String DEFAULT 'one'");
            upTo(Proof.PARTS, still);
            still.execute("ALTER TABLE %s MODIFY COLUMN late String DEFAULT 'two'");
            assertEquals("differs", look(Proof.PARTS, still).verdict());
        }
    }

    /// Of rows with an equal right the last is kept, so equal sums say nothing where a later chunk came first.
    @Test
    void chunksThatCameInAnotherOrderAreAskedByKeys() {
        assertTrue(snapshot(chunk(1, 5, 10, 12), chunk(6, 6, 13, 13)).inOrder("p"));
        assertFalse(snapshot(chunk(6, 6, 10, 12), chunk(1, 5, 13, 13)).inOrder("p"));
        assertFalse(snapshot(chunk(1, 7, 10, 12), chunk(6, 6, 13, 13)).inOrder("p"));
        assertTrue(snapshot(chunk(6, 6, 10, 12), chunk(1, 5, 13, 13)).inOrder("q"));
    }

    private static CheckedChunk chunk(long from, long to, long ownFrom, long ownTo) {
        return new CheckedChunk(
                Map.of("p", Blocks.of(from, to)),
                Map.of("p", Blocks.of(ownFrom, ownTo)),
                Checksum.NONE,
                Set.of(),
                List.of(),
                "");
    }

    private static Snapshot snapshot(CheckedChunk... chunks) {
        return new Snapshot(
                new Direction(null, null, null), null, null, 0, 0, false, List.of(), List.of(chunks), List.of());
    }
}
