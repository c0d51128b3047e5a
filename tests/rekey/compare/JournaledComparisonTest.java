package rekey.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Still;
import rekey.model.Trouble;
import rekey.session.Entry;
import rekey.session.Entry.Event;
import rekey.step.Backfill;
import rekey.step.Create;
import rekey.step.Finalize;
import rekey.step.Position;
import rekey.step.Step;
import rekey.step.Verify;

/// A comparison by reading alone: at any time, beside a runner, of all rows or of a sample; what it counts for, and
/// what a difference blocks.
@Tag("verify")
@Tag("slow")
class JournaledComparisonTest {
    private static Still filled(String engine, String partitionBy) {
        var still = Still.table(
                "(id UInt64, day Date, who Nullable(String), v UInt32) ENGINE = " + engine
                        + " PARTITION BY toYYYYMM(day) ORDER BY (day, id)",
                partitionBy,
                "cityHash64(id), day, id",
                "cityHash64(id)");
        for (int block = 0; block < 3; block++) insert(still, block * 1000, 1000);
        return still;
    }

    private static void insert(Still still, int from, int rows) {
        still.execute("INSERT INTO %s SELECT number + " + from + ", toDate('2026-01-01') + (number + " + from
                + ") % 90, if(number % 3 = 0, NULL, toString(number)), number FROM numbers(" + rows + ")");
    }

    private static ComparisonResult look(Still still) {
        return Verify.look(still.session(), ComparedShare.ALL, false);
    }

    private static List<Entry> journal(Still still, Event event) {
        return still.session().journal().entries(e -> e.event() == event);
    }

    @Test
    void whatHasNotChangedIsNotComparedAgain() {
        try (var still = filled("MergeTree", "toYYYYMM(day)")) {
            still.migrate("backfill");
            var first = look(still);
            assertEquals(List.of(3, 0, 3000L), List.of(first.partitions().size(), first.unchanged(), first.rows()));
            assertEquals(
                    List.of(3, 0L), List.of(look(still).unchanged(), look(still).rows()));
            assertEquals(
                    3000, Verify.look(still.session(), ComparedShare.ALL, true).rows());
            // merged, and altered behind rekey's back
            still.execute("OPTIMIZE TABLE %s PARTITION 202601 FINAL", still.target());
            still.execute("ALTER TABLE %s DELETE WHERE id = 77 SETTINGS mutations_sync = 2", still.target());
            still.execute("INSERT INTO %s VALUES (1000000, '2026-03-03', 'a stranger', 1)", still.target());
            still.execute("ALTER TABLE %s UPDATE v = 5 WHERE id = 78 SETTINGS mutations_sync = 2", still.target());
            var told = look(still);
            assertEquals("differs", told.verdict());
            var kinds = told.partitions().stream()
                    .flatMap(c -> c.keys().stream())
                    .map(DifferingKey::toString)
                    .toList();
            assertEquals(
                    List.of("missing ('2026-03-19',77)", "different ('2026-03-20',78)", "extra ('2026-03-03',1000000)")
                            .stream()
                            .sorted()
                            .toList(),
                    kinds.stream().sorted().toList());
        }
    }

    @Test
    void whatWasCutShortGoesOnWhereItWas() {
        try (var still = filled("MergeTree", "toYYYYMM(day)")) {
            still.migrate("backfill");
            // what is known by its parts alone is journaled in one INSERT: merged, each partition is read
            still.execute("OPTIMIZE TABLE %s FINAL", still.target());
            var session = still.session();
            session.journal().listen(e -> {
                if (e.event() == Event.COMPARED) session.control().stop("enough");
            });
            assertThrows(Trouble.Stopped.class, () -> Verify.look(session, ComparedShare.ALL, false));
            assertEquals(1, journal(still, Event.COMPARED).size());
            assertEquals(0, journal(still, Event.VERIFIED).size());
            var told = look(still);
            assertEquals(
                    List.of("same", 3, 1),
                    List.of(told.verdict(), told.partitions().size(), told.unchanged()));
            assertEquals(1, journal(still, Event.VERIFIED).size());
        }
    }

    /// Only a person's act clears a difference: a comparison that finds none, a backfill made anew, a rollback.
    @Test
    void aDifferenceIsPassedByNoResume() {
        try (var still = filled("MergeTree", "toYYYYMM(day)")) {
            still.migrate("backfill");
            still.execute("ALTER TABLE %s DELETE WHERE id = 77 SETTINGS mutations_sync = 2", still.target());
            assertEquals("differs", look(still).verdict());
            // put right, and yet nobody has looked again
            still.execute("INSERT INTO %s SELECT * FROM " + still.name.sql() + " WHERE id = 77", still.target());
            var refused = assertThrows(Trouble.Refused.class, () -> still.migrate("resume"));
            for (var word : List.of("missing ('2026-03-19',77)", "backfill --again", "verify", "rollback"))
                assertTrue(refused.getMessage().contains(word), refused::getMessage);
            assertInstanceOf(Position.Created.class, Position.of(still.session()));
            assertEquals("same", look(still).verdict());
            still.migrate("resume");
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
        }
    }

    /// After the swap it says so, and blocks no way back. What somebody deletes from the backup by its name is one,
    /// too.
    @Test
    void aDifferenceAfterTheSwapBlocksNoWayBack() {
        try (var still = filled("MergeTree", "toYYYYMM(day)")) {
            still.migrate("resume");
            var backup = still.migration.rewrite().backup();
            still.execute("ALTER TABLE %s DELETE WHERE id IN (SELECT 78) SETTINGS mutations_sync = 2");
            assertEquals("differs", look(still).verdict());
            still.execute("ALTER TABLE %s DELETE WHERE id = 78 SETTINGS mutations_sync = 2", backup);
            still.rollback();
            assertInstanceOf(Position.NotBegun.class, Position.of(still.session()));

            still.migrate("resume");
            assertEquals("same", look(still).verdict());
            still.awaitNextSecond();
            still.execute("ALTER TABLE %s DELETE WHERE id = 79 SETTINGS mutations_sync = 2", backup);
            assertEquals("differs", look(still).verdict());
            assertThrows(Trouble.Refused.class, still::rollback);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "MergeTree, toYYYYMM(day)",
        "ReplacingMergeTree(v), toYYYYMM(day)",
        "MergeTree, toYYYYMMDD(day)",
        "ReplacingMergeTree(v), ''"
    })
    void aSampleTakesTheSameRowsOfBothAndCountsForNothing(String engine, String partitionBy) {
        try (var still = filled(engine, partitionBy)) {
            still.migrate("backfill");
            var told = Verify.look(still.session(), new ComparedShare(0.3), false);
            assertEquals("same", told.verdict());
            assertTrue(told.rows() > 600 && told.rows() < 1200, told::toString);
            assertTrue(told.notes().toString().contains("a sample of 30 %"), told::toString);
            assertEquals(1, journal(still, Event.SAMPLED).size());
            assertEquals(
                    0,
                    journal(still, Event.VERIFIED).size()
                            + journal(still, Event.COMPARED).size());
            assertNotEquals(Step.Phase.DONE, new Verify().state(still.session()).phase());
            // what it does find is a difference as any
            still.execute("ALTER TABLE %s DELETE WHERE id % 2 = 1 SETTINGS mutations_sync = 2", still.target());
            assertEquals(
                    "differs",
                    Verify.look(still.session(), new ComparedShare(0.3), false).verdict());
            assertThrows(Trouble.Refused.class, () -> still.migrate("resume"));
        }
        assertThrows(Trouble.Usage.class, () -> new ComparedShare(0));
        assertThrows(Trouble.Usage.class, () -> new ComparedShare(1.5));
    }

    /// One that was made when little had been carried is not the one that the swap waits for.
    @Test
    void onlyAComparisonOfTheWholeBackfillCounts() {
        try (var still = filled("MergeTree", "toYYYYMM(day)")) {
            still.run(new Create());
            assertEquals("same", look(still).verdict());
            assertEquals(1, journal(still, Event.VERIFIED).size());
            still.run(new Backfill());
            assertNotEquals(Step.Phase.DONE, new Verify().state(still.session()).phase());
            still.migrate("verify");
            assertEquals(2, journal(still, Event.VERIFIED).size());
            assertEquals(Step.Phase.DONE, new Verify().state(still.session()).phase());
        }
    }

    /// What happens between the comparison and the swap is found without anybody's asking.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE %s DELETE WHERE id = 77 SETTINGS mutations_sync = 2",
                "DELETE FROM %s WHERE id = 77",
                "INSERT INTO %s SELECT * FROM %s WHERE id = 77",
                "ALTER TABLE %s DROP PARTITION 202602"
            })
    void aChangeOfTheTargetAfterTheComparisonIsFound(String change) {
        try (var still = filled("ReplacingMergeTree(v)", "toYYYYMM(day)")) {
            still.migrate("verify");
            still.execute(change.replace("SELECT *", "SELECT id, day, who, v + 1"), still.target());
            assertThrows(Trouble.Refused.class, () -> still.migrate("resume"));
            assertInstanceOf(Position.Created.class, Position.of(still.session()));
        }
    }

    /// While a difference stands the only other copy is not dropped, unless by hand.
    @Test
    void theBackupOfATableThatDiffersIsKept() {
        try (var still = filled("MergeTree", "toYYYYMM(day)")) {
            still.migrate("resume");
            still.execute("ALTER TABLE %s DELETE WHERE id IN (SELECT 77) SETTINGS mutations_sync = 2");
            assertEquals("differs", look(still).verdict());
            var refused = assertThrows(Trouble.Refused.class, () -> still.run(new Finalize()));
            assertTrue(
                    refused.getMessage().contains("the only other copy")
                            && refused.getMessage().contains("77"),
                    refused::getMessage);
            still.execute("DROP TABLE %s SYNC", still.migration.rewrite().backup());
            still.run(new Finalize());
            assertInstanceOf(Position.Finalized.class, Position.of(still.session()));
        }
    }

    private static List<String> differing(Still still) {
        return look(still).differing().getFirst().keys().stream()
                .map(DifferingKey::toString)
                .toList();
    }

    /// Two rows of one old key and no version: the last inserted is kept. Under a finer key both are, in another
    /// order.
    @Test
    void rowsWithAnEqualRightAreNoDifference() {
        try (var still = Still.table("(k UInt64, b UInt64) ENGINE = ReplacingMergeTree ORDER BY k", "", "b, k", "")) {
            still.execute("ALTER TABLE %s MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1");
            still.execute("INSERT INTO %s SELECT number, 20 FROM numbers(100)");
            still.execute("INSERT INTO %s SELECT number, 10 FROM numbers(100)");
            still.migrate("backfill");
            assertEquals("same", look(still).verdict());
            still.execute("INSERT INTO %s VALUES (7, 15)", still.target());
            assertEquals(List.of("different (7)"), differing(still));
        }
    }

    /// The same where the partition key is finer: a chunk is attached partition by partition, whatever came first.
    @Test
    void rowsWithAnEqualRightInOtherPartitionsAreNoDifference() {
        try (var still = Still.table("(k UInt64, b UInt64) ENGINE = ReplacingMergeTree ORDER BY k", "b % 3", "k", "")) {
            still.execute("ALTER TABLE %s MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1");
            still.execute("INSERT INTO %s SELECT number, 2 FROM numbers(100)");
            still.execute("INSERT INTO %s SELECT number, 3 FROM numbers(100)");
            still.migrate("backfill");
            assertEquals("same", look(still).verdict());
            still.execute("ALTER TABLE %s DELETE WHERE k = 7 AND b = 3 SETTINGS mutations_sync = 2", still.target());
            assertEquals(List.of("different (7)"), differing(still));
        }
    }

    /// A DELETE on the source that the next round makes on the target, too, is no difference, and poisons nothing.
    @Test
    void whatTheNextRoundDoesIsNoDifference() {
        try (var still = filled("MergeTree", "toYYYYMM(day)")) {
            still.migrate("backfill");
            still.execute("ALTER TABLE %s DELETE WHERE id = 77 SETTINGS mutations_sync = 2");
            assertEquals("same", look(still).verdict());
            assertEquals(0, journal(still, Event.POISONED).size());
            still.run(new Backfill());
            assertEquals("same", look(still).verdict());
        }
    }

    /// Beside a runner that copies in small chunks while rows come in: it never takes for a difference what only
    /// came later, through rounds, attaches, merges and the swap.
    @ParameterizedTest
    @ValueSource(strings = {"MergeTree", "ReplacingMergeTree(v)"})
    void besideARunnerAndAWriter(String engine) throws Exception {
        try (var still = filled(engine, "toYYYYMM(day)")) {
            still.run(new Create());
            var over = new AtomicBoolean();
            var writer = Thread.ofVirtual().start(() -> {
                // keys that were carried come anew, so that merges drop carried rows
                for (int n = 0; !over.get(); n++) insert(still, n * 37 % 2900, 100);
            });
            var seen = new CopyOnWriteArrayList<ComparisonResult>();
            var looker = Thread.ofPlatform().start(() -> {
                while (!over.get()) seen.add(look(still));
            });
            try {
                still.withLimits(rekey.Scene.LIMITS.withChunkRows(300)).migrate("backfill");
                still.migrate("verify");
                rekey.Scene.await("two looks", () -> seen.size() > 1);
            } finally {
                over.set(true);
                writer.join();
                looker.join();
            }
            still.migrate("resume");
            assertTrue(seen.size() > 1, "vacuous: looked " + seen.size() + " times");
            assertTrue(seen.stream().anyMatch(v -> v.rows() > 0), "vacuous: nothing was compared");
            assertEquals(List.of(), journal(still, Event.POISONED));
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
            assertEquals("same", look(still).verdict());
        }
    }
}
