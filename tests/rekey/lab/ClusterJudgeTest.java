package rekey.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.ServerGone;
import rekey.model.TableName;

/// Two shards with two replicas, fed by one group: nothing is found where nothing was spoilt, and one row where one
/// was, on whichever replica.
@Tag("slow")
@Tag("heavy")
class ClusterJudgeTest {
    private static final int ROWS = 2000;
    private static EmbeddedLab lab;

    @BeforeAll
    static void start() {
        lab = EmbeddedLab.start(LabOptions.temporary().withShape(new ClusterShape(2, 2)));
    }

    @AfterAll
    static void stop() {
        lab.close();
    }

    @Test
    void aRowMissingOnOneReplicaAloneAndOneInTwoShardsAreFound() throws Exception {
        try (var table = new ClusterTable(lab).create().fill(ROWS, 3)) {
            var ledger = new Ledger();
            try (var producer = new EventProducer(
                            lab.bootstrap(), table.topic(), EventProducer.Options.of(500, 3), ledger)
                    .start()) {
                Scene.await("some messages", () -> producer.sent() > 500);
                producer.pause();
            }
            table.awaitConsumed(ledger, Scene.PATIENCE);
            for (var server : table.servers()) {
                assertTrue(count(server, table.local()) > ROWS / 4, "a shard has next to nothing");
                assertTrue(count(server, table.events()) > ROWS, "events does not show all shards");
                // a merge would tell ClickHouse what was done to its files
                server.execute("ALTER TABLE " + table.local().sql()
                        + " MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1");
            }
            var judge = ClusterJudge.of(table, ledger);
            var well = judge.judge(table.local());
            assertTrue(well.ok(), well.toString());

            var judgeAtOnce = judge.withPatience(Duration.ofSeconds(15));
            long number = intoTheOtherShard(table);
            var twice = judgeAtOnce.judge(table.local());
            assertEquals(1, twice.inTwoShards(), twice.toString());
            assertEquals(0, twice.missing() + twice.differing(), twice.toString());
            outOfTheSecondShard(table, number);

            withoutARow(lab.host(2, 2), table);
            Scene.await("a connection to it anew", () -> answers(table.servers().getLast()));
            var without = judgeAtOnce.judge(table.local());
            assertEquals(1, without.missing(), without.toString());
            assertEquals(1, without.differing(), without.toString());
            assertTrue(without.examples().getFirst().endsWith("(replica 2)"), without.toString());
        }
    }

    private static boolean answers(ClickHouse server) {
        try {
            return !server.query("SELECT 1").isEmpty();
        } catch (ServerGone e) {
            return false;
        }
    }

    /// Copies a filled row of the first shard into the second.
    ///
    /// @return its number
    private static long intoTheOtherShard(ClusterTable table) {
        try (var one = lab.host(1, 1).connect()) {
            var row = "_partition = " + GuideTable.FILLED + " AND _offset = ";
            long number = one.one("SELECT min(_offset) AS n FROM %s WHERE _partition = %d"
                            .formatted(table.local().sql(), GuideTable.FILLED))
                    .number("n");
            one.execute("INSERT INTO FUNCTION remote('%s', %s, %s) SELECT * FROM %s WHERE %s"
                    .formatted(
                            lab.host(2, 1).address() + ":" + lab.host(2, 1).tcpPort(),
                            table.local().database(),
                            table.local().table(),
                            table.local().sql(),
                            row + number));
            return number;
        }
    }

    private static void outOfTheSecondShard(ClusterTable table, long number) {
        try (var two = lab.host(2, 1).connect()) {
            two.execute("ALTER TABLE %s DELETE WHERE _partition = %d AND _offset = %d SETTINGS mutations_sync = 2"
                    .formatted(table.local().sql(), GuideTable.FILLED, number));
        }
    }

    /// One row is taken out of one part's files, behind ClickHouse's back: it starts on them without a word.
    private static void withoutARow(ClickHouseProcess host, ClusterTable table) throws Exception {
        var spoilt = table.local().sibling("spoilt");
        Path part, without;
        try (var server = host.connect()) {
            var name = server.one("SELECT _part FROM " + table.local().sql() + " WHERE _partition = "
                            + GuideTable.FILLED + " LIMIT 1")
                    .string("_part");
            server.execute("CREATE TABLE %s AS %s ENGINE = MergeTree PARTITION BY toYYYYMM(timestamp)"
                            .formatted(spoilt.sql(), table.local().sql())
                    + " ORDER BY (team_id, toDate(timestamp), distinct_id, uuid)");
            server.execute(("INSERT INTO %s SELECT * FROM %s WHERE _part = '%s' ORDER BY _partition != %d, _offset"
                            + " LIMIT 1000000 OFFSET 1")
                    .formatted(spoilt.sql(), table.local().sql(), name, GuideTable.FILLED));
            part = path(server, table.local(), name);
            without = path(server, spoilt, "");
        }
        host.kill();
        LabFolder.delete(part);
        Files.move(without, part);
        host.start();
        try (var server = host.connect()) {
            Scene.await(
                    "its tables to be writable",
                    () -> server.one("SELECT max(is_readonly) AS n FROM system.replicas")
                                    .number("n")
                            == 0);
        }
    }

    private static Path path(ClickHouse server, TableName table, String part) {
        return Path.of(server.one(("SELECT path FROM system.parts WHERE database = '%s' AND table = '%s'"
                                + " AND active AND name LIKE '%s%%'")
                        .formatted(table.database(), table.table(), part))
                .string("path"));
    }

    private static long count(ClickHouse server, TableName table) {
        return server.one("SELECT count() AS n FROM " + table.sql()).number("n");
    }
}
