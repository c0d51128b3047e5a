package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rekey.Scene;
import rekey.Still;
import rekey.clickhouse.ClickHouse;
import rekey.compare.ComparedPartition;
import rekey.compare.ComparedPartition.Proof;
import rekey.compare.ComparedShare;
import rekey.compare.ComparisonResult;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabOptions;
import rekey.model.TableName;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Limits;
import rekey.step.Position;
import rekey.step.Verify;

/// A table of wide rows on a server with little memory, and on one that runs out of it.
@Tag("copy")
class InsertBlocksTest {
    private static Still filled(ClickHouse server, int rows) {
        server.execute("CREATE DATABASE IF NOT EXISTS small");
        var still = Still.table(
                server,
                new TableName("small", "t"),
                "(id UInt64, day Date, text String) ENGINE = MergeTree PARTITION BY toYYYYMM(day) ORDER BY id",
                "toYYYYMM(day)",
                "day, id",
                "");
        still.execute("""
            INSERT INTO %s SELECT number, toDate('2026-01-01') + number % 60, randomPrintableASCII(1000)
            FROM numbers(ROWS) SETTINGS max_threads = 1, max_insert_threads = 1, max_block_size = 8192,
              min_insert_block_size_bytes = 8000000, min_insert_block_size_rows = 8192\
            """.replace("ROWS", "" + rows));
        return still.withLimits(Scene.LIMITS.withChunkRows(Limits.DEFAULT.chunkRows()));
    }

    /// Blocks are large only where all copies together leave most of the memory to others.
    @ParameterizedTest
    @CsvSource({"0, 2", "40, 10", "256, 64", "1024, 64", "1400, 87", "2048, 128", "100000, 128"})
    void byTheMemoryThatIsLeft(long mebibytesOfAThread, long mebibytes) {
        assertEquals(mebibytes, InsertBlocks.of(mebibytesOfAThread << 20) >> 20);
    }

    /// Blocks of 256 MiB, two at a time, are too much for it.
    @Test
    @Tag("slow")
    @Tag("heavy")
    void aWholeMigrationWithOneGibibyte() {
        try (var lab = EmbeddedLab.start(LabOptions.temporary().withoutKafka().withMemoryBytes(1L << 30));
                var still = filled(lab.clickhouse().connect(), 400_000)) {
            var before = still.content(still.name);
            still.migrate("resume");
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
            assertEquals(before, still.content(still.name));
        }
    }

    /// One partition of 3 GB as it is in memory, by each way in which it is read: copied and checked, compared by
    /// sums of all rows, and by keys where merges have dropped rows on one side alone.
    @Test
    @Tag("slow")
    @Tag("heavy")
    void aPartitionThreeTimesTheServersMemory() {
        try (var lab = EmbeddedLab.start(LabOptions.temporary().withoutKafka().withMemoryBytes(1L << 30));
                var server = lab.clickhouse().connect()) {
            server.execute("CREATE DATABASE large");
            var still = Still.table(
                            server,
                            new TableName("large", "t"),
                            "(id UInt64, v UInt64, text String) ENGINE = ReplacingMergeTree(v) ORDER BY id SETTINGS"
                                    + " max_bytes_to_merge_at_max_space_in_pool = 1, max_parts_in_total = 10000,"
                                    + " parts_to_throw_insert = 10000, parts_to_delay_insert = 10000",
                            "",
                            "cityHash64(id), id",
                            "")
                    .withLimits(Scene.LIMITS.withChunkRows(Limits.DEFAULT.chunkRows()));
            var filling = """
                INSERT INTO %s SELECT number, VERSION, repeat(toString(number % 9973), 250) FROM numbers(ROWS) SETTINGS
                  max_threads = 1, max_insert_threads = 1, min_insert_block_size_bytes = 64000000\
                """;
            still.execute(filling.replace("ROWS", "3000000").replace("VERSION", "1"));
            still.execute(filling.replace("ROWS", "200000").replace("VERSION", "2"));
            still.migrate("backfill");
            assertEquals(List.of(Proof.PARTS), proofs(Verify.look(still.session(), ComparedShare.ALL, false)));
            assertEquals(List.of(Proof.ROWS), proofs(Verify.look(still.session(), ComparedShare.ALL, true)));
            still.execute("OPTIMIZE TABLE %s FINAL");
            still.execute("INSERT INTO %s SELECT 9000000, 1, 'came since: no FINAL'");
            assertEquals(List.of(Proof.KEYS), proofs(Verify.look(still.session(), ComparedShare.ALL, false)));
            still.migrate("resume");
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
            assertEquals(
                    "3000001",
                    server.one("SELECT count() AS n FROM " + still.name.sql() + " FINAL")
                            .string("n"));
            server.execute("SYSTEM FLUSH LOGS query_log");
            var most = server.query("""
                SELECT query_id AS id, memory_usage AS bytes FROM system.query_log WHERE type = 'QueryFinish'
                  AND startsWith(query_id, 'rekey') ORDER BY bytes DESC LIMIT 1\
                """).getFirst();
            assertTrue(most.number("bytes") > 10 << 20, () -> "not rekey's statements: " + most);
            assertTrue(most.number("bytes") <= 640L << 20, most::toString);
        }
    }

    private static List<Proof> proofs(ComparisonResult told) {
        assertEquals("same", told.verdict());
        return told.partitions().stream().map(ComparedPartition::by).toList();
    }

    /// What one statement of a user may have tells nobody before: so the bite gets smaller when it was too large.
    @Test
    void afterErrorTwoHundredAndFortyOneASmallerBite(@TempDir Path folder) throws IOException {
        var users = Files.createDirectories(folder.resolve("lab/clickhouse/users.d"));
        Files.writeString(
                users.resolve("memory.xml"),
                "<clickhouse><profiles><default><max_memory_usage>90000000</max_memory_usage></default></profiles>"
                        + "</clickhouse>");
        try (var lab = EmbeddedLab.start(LabOptions.temporary().withoutKafka().withFolder(folder.resolve("lab")));
                var still = filled(lab.clickhouse().connect(), 120_000)) {
            var before = still.content(still.name);
            still.migrate("resume");
            assertEquals(before, still.content(still.name));
            var notes = still.session().journal().entries(e -> e.is("copy", Entry.Event.NOTE));
            assertTrue(
                    !notes.isEmpty()
                            && notes.getFirst().detail() instanceof Detail.Text t
                            && t.text().contains("241"),
                    notes::toString);
        }
    }
}
