package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rekey.Still;
import rekey.model.Blocks;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Entry.Event;

/// Many small partitions go in one chunk, and one ATTACH has a command for each: killed in the middle it has brought
/// some of them.
@Tag("copy")
class SmallPartitionsTest {

    /// @param done so many of the commands had been done when the server, or the runner, was killed
    @ParameterizedTest
    @CsvSource({"MergeTree, 0", "MergeTree, 3", "ReplacingMergeTree, 3", "MergeTree, 1000", "ReplacingMergeTree, 1000"})
    void aGroupThatWasCutShortIsCarriedOnce(String engine, int done) {
        try (var still = Still.table(
                "(p UInt16, k UInt64, v UInt8) ENGINE = " + engine + " PARTITION BY p ORDER BY k",
                "p",
                "cityHash64(k), k",
                "")) {
            still.execute("INSERT INTO %s SELECT number % 40, number, 1 FROM numbers(200) SETTINGS"
                    + " max_partitions_per_insert_block = 0");
            var before = still.content(still.name);
            var cut = new AtomicBoolean();
            var session = still.listening(sql -> {
                var commands = sql.split(", (?=ATTACH PARTITION)");
                if (commands.length < 4 || !sql.contains("ATTACH PARTITION") || !cut.compareAndSet(false, true)) return;
                if (done > 0)
                    still.execute(String.join(", ", List.of(commands).subList(0, Math.min(done, commands.length))));
                throw new Trouble.Stopped("killed");
            });
            assertThrows(
                    Trouble.Stopped.class,
                    () -> new Runner(session, false, List.of()).run(still.migration, Optional.of("resume")));
            assertTrue(cut.get(), "vacuous: there was no group");
            still.migrate("resume");
            assertEquals(before, still.content(still.name));
            assertEquals(
                    200,
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql())
                            .number("n"));
            var attached = still.session().journal().entries(e -> e.event() == Event.ATTACHED);
            assertTrue(attached.size() < 40, "each partition went by itself");
            still.execute("INSERT INTO %s SELECT number % 40, 1000 + number, 2 FROM numbers(80) SETTINGS"
                    + " max_partitions_per_insert_block = 0");
            var after = still.content(still.name);
            still.rollback();
            assertEquals(after, still.content(still.name));
        }
    }

    /// Of whatever blocks the condition takes these rows and no others; and it has no term for each partition, which
    /// would be computed for every block of rows.
    @Test
    void aConditionOfManyPartitionsTakesTheRowsOfEach() {
        try (var still = Still.table(
                "(p UInt16, k UInt64) ENGINE = MergeTree PARTITION BY p ORDER BY k SETTINGS enable_block_number_column"
                        + " = 1",
                "p",
                "k, p",
                "")) {
            for (int n = 0; n < 5; n++)
                still.execute("INSERT INTO %s SELECT number % 30, number FROM numbers(90) SETTINGS"
                        + " max_partitions_per_insert_block = 0");
            still.execute("OPTIMIZE TABLE %s FINAL");
            var rows = still.server.query(
                    "SELECT _partition_id AS p, _block_number AS b FROM " + still.name.sql() + " ORDER BY p, b");
            var random = new SplittableRandom(7);
            for (int run = 0; run < 20; run++) {
                var blocks = new HashMap<String, Blocks>();
                for (var r : rows)
                    if (random.nextInt(5) > 1)
                        blocks.merge(r.string("p"), Blocks.of(r.number("b"), r.number("b")), Blocks::plus);
                if (run % 2 == 0) blocks.replaceAll((p, b) -> random.nextInt(6) == 0 ? b : Blocks.of(b.min(), b.max()));
                blocks.put("none", Blocks.of(1, 500));
                var wanted = rows.stream()
                        .filter(r ->
                                blocks.getOrDefault(r.string("p"), Blocks.NONE).contains(r.number("b")))
                        .map(r -> r.string("p") + ":" + r.string("b"))
                        .toList();
                var condition = Chunk.of(blocks).condition();
                assertEquals(
                        wanted,
                        still
                                .server
                                .query("SELECT _partition_id AS p, _block_number AS b FROM " + still.name.sql()
                                        + " WHERE " + condition + " ORDER BY p, b")
                                .stream()
                                .map(r -> r.string("p") + ":" + r.string("b"))
                                .toList(),
                        condition);
            }
            var small = new HashMap<String, Blocks>();
            for (int n = 0; n < 200; n++) small.put("" + n, Blocks.of(n, n + n % 2));
            assertEquals(1, Chunk.of(small).condition().split(" OR ").length);
        }
    }
}
