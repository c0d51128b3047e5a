package rekey.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.ServerError;
import rekey.model.Trouble;

/// A cluster of one shard with two replicas: that it is one, and stays one whatever of it is killed.
@Tag("slow")
@Tag("heavy")
class ClusterTest {
    private static EmbeddedLab lab;

    @BeforeAll
    static void start() {
        lab = EmbeddedLab.start(LabOptions.temporary().withoutKafka().withShape(new ClusterShape(1, 2)));
        try (var one = lab.host(1, 1).connect()) {
            one.execute("CREATE DATABASE p ON CLUSTER lab");
            one.execute("""
                CREATE TABLE p.t ON CLUSTER lab (n UInt64)
                ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/p.t', '{replica}') ORDER BY n\
                """);
        }
    }

    @AfterAll
    static void stop() {
        lab.close();
    }

    /// What is written through one is fetched by the other.
    @Test
    void aRowOfOneAppearsOnTheOther() {
        try (var one = lab.host(1, 1).connect();
                var two = lab.host(1, 2).connect()) {
            one.execute("INSERT INTO p.t VALUES (1)");
            two.execute("SYSTEM SYNC REPLICA p.t");
            assertEquals(1, count(two, 1));
            assertEquals(
                    List.of("127.0.0.1 0", "127.0.1.1 1"),
                    two
                            .query("SELECT host_name || ' ' || toString(is_local) AS host FROM system.clusters"
                                    + " WHERE cluster = 'lab' ORDER BY replica_num")
                            .stream()
                            .map(r -> r.string("host"))
                            .toList(),
                    "it does not know which of them it is");
            assertEquals(
                    List.of("s1r1", "s1r2"),
                    one
                            .query("SELECT name FROM system.zookeeper WHERE path = '/clickhouse/tables/1/p.t/replicas'"
                                    + " ORDER BY name")
                            .stream()
                            .map(r -> r.string("name"))
                            .toList());
        }
    }

    @Test
    void aHostThatWasKilledCatchesUp() {
        lab.host(1, 2).kill();
        try (var one = lab.host(1, 1).connect()) {
            one.execute("INSERT INTO p.t VALUES (2)");
        } finally {
            lab.host(1, 2).start();
        }
        try (var two = lab.host(1, 2).connect()) {
            awaitWritable(two);
            two.execute("SYSTEM SYNC REPLICA p.t");
            assertEquals(1, count(two, 2));
            two.execute("INSERT INTO p.t VALUES (3)");
            two.execute("CREATE DATABASE after_a_kill ON CLUSTER lab");
        }
    }

    @Test
    void withoutZooKeeperNobodyWritesAndWithItEverybodyDoes() {
        try (var one = lab.host(1, 1).connect();
                var two = lab.host(1, 2).connect()) {
            lab.keeper().kill();
            try {
                assertThrows(
                        ServerError.class,
                        () -> one.execute("INSERT INTO p.t SETTINGS insert_keeper_max_retries = 0 VALUES (4)"));
                assertEquals(0, count(one, 4));
            } finally {
                lab.keeper().start();
            }
            awaitWritable(one);
            awaitWritable(two);
            one.execute("INSERT INTO p.t VALUES (5)");
            two.execute("SYSTEM SYNC REPLICA p.t");
            assertEquals(1, count(two, 5));
        }
    }

    /// `SYSTEM STOP FETCHES` keeps a part from a peer, `SYSTEM START FETCHES` lets it come.
    @Test
    void fetchesCanBeStopped() {
        try (var one = lab.host(1, 1).connect();
                var two = lab.host(1, 2).connect()) {
            two.execute("SYSTEM STOP FETCHES p.t");
            one.execute("INSERT INTO p.t VALUES (6)");
            Scene.await(
                    "the fetch to be in the queue",
                    () -> two.one("SELECT count() AS n FROM system.replication_queue")
                                    .number("n")
                            > 0);
            assertEquals(0, count(two, 6));
            two.execute("SYSTEM START FETCHES p.t");
            two.execute("SYSTEM SYNC REPLICA p.t");
            assertEquals(1, count(two, 6));
        }
    }

    /// One byte differs where ours would be written: nothing is, and no server starts.
    @Test
    void aLibraryThatDiffersIsRefused() throws Exception {
        var original = ClickHouseLibrary.path(ClickHouseLibrary.VERSION);
        try (var folder = LabFolder.open(null)) {
            var copy = folder.path().resolve("libchdb.so");
            Files.copy(original, copy);
            try (var file = FileChannel.open(copy, StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap(new byte[] {(byte) 0x90}), PreparedLibrary.replicatedDdlInFile());
            }
            var refused = assertThrows(
                    Trouble.Refused.class,
                    () -> ClickHouseProcess.start(
                            LabOptions.temporary(),
                            copy,
                            folder.path().resolve("host"),
                            null,
                            Cluster.free(new ClusterShape(1, 1), false).host(0)));
            assertTrue(refused.getMessage().contains("where REPLICATED_DDL should be"), refused.getMessage());
        }
    }

    @Test
    void anotherPlatformIsRefused() {
        assertTrue(assertThrows(
                        PreparedLibrary.Refused.class,
                        () -> PreparedLibrary.refuseOther(
                                ClickHouseLibrary.platform("Mac OS X", "aarch64"), ClickHouseLibrary.VERSION))
                .getMessage()
                .contains("the one for darwin-arm64"));
    }

    @Test
    void anotherVersionIsRefused() {
        assertTrue(assertThrows(
                        PreparedLibrary.Refused.class,
                        () -> PreparedLibrary.refuseOther(PreparedLibrary.PLATFORM, "26.7.0-stable.1"))
                .getMessage()
                .contains("it is version 26.7.0-stable.1"));
        assertTrue(assertThrows(Trouble.Usage.class, () -> ClickHouseLibrary.path("latest"))
                .getMessage()
                .contains("'latest' is no version of the ClickHouse library"));
    }

    @Test
    void moreHostsThanThereAreAddressesForAreRefused() {
        assertTrue(assertThrows(Trouble.Usage.class, () -> new ClusterShape(4, 2))
                .getMessage()
                .contains("8 hosts"));
    }

    private static long count(ClickHouse host, int n) {
        return host.one("SELECT count() AS rows FROM p.t WHERE n = " + n).number("rows");
    }

    private static void awaitWritable(ClickHouse host) {
        Scene.await(
                "its table to be writable",
                () -> host.one("SELECT max(is_readonly) AS n FROM system.replicas")
                                .number("n")
                        == 0);
    }
}
