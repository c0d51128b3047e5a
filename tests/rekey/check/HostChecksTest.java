package rekey.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.clickhouse.Peer;
import rekey.clickhouse.ServerGone;
import rekey.lab.ClusterShape;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabOptions;
import rekey.model.Ingestion;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.IngestionHosts;
import rekey.session.Session;

/// What is well on the host that copies and not on another: it is found, and the host is named.
@Tag("check")
@Tag("slow")
@Tag("heavy")
class HostChecksTest {
    private static EmbeddedLab lab;
    private static ClickHouse one, two;

    @BeforeAll
    static void start() {
        lab = EmbeddedLab.start(LabOptions.temporary()
                .withoutKafka()
                .withShape(new ClusterShape(1, 2))
                .withReader("reader", ""));
        one = lab.host(1, 1).connect();
        two = lab.host(1, 2).connect();
    }

    @AfterAll
    static void stop() {
        one.close();
        two.close();
        lab.close();
    }

    private static void both(String sql) {
        one.execute(sql);
        two.execute(sql);
    }

    private static Session session(String database) {
        return Given.session(one, database, "t").with(List.of(new Peer("the-other", two)));
    }

    @Test
    void partsThatOneHostAloneHas() {
        both("CREATE DATABASE parts");
        both("CREATE TABLE parts.t (a UInt64) ENGINE = MergeTree ORDER BY tuple()"
                + " SETTINGS parts_to_delay_insert = 10, max_bytes_to_merge_at_max_space_in_pool = 1");
        one.execute("INSERT INTO parts.t VALUES (1)");
        Given.passes(new PartsLimit(Check.When.BEFORE), session("parts"));
        for (int n = 0; n < 9; n++) two.execute("INSERT INTO parts.t VALUES (1)");
        Given.refuses(new PartsLimit(Check.When.BEFORE), session("parts"), "on host the-other", "9 in partition");
    }

    /// All that was seen was thrown away for the one that does not answer.
    @Test
    void whileItRunsAHostThatIsAwayHidesNothingOfTheOthers() {
        both("CREATE DATABASE away");
        one.execute("CREATE TABLE away.t (a UInt64) ENGINE = MergeTree ORDER BY tuple()"
                + " SETTINGS parts_to_delay_insert = 10, max_bytes_to_merge_at_max_space_in_pool = 1");
        for (int n = 0; n < 9; n++) one.execute("INSERT INTO away.t VALUES (1)");
        var away = new Peer("gone", Endpoint.of("http://127.0.0.1:1"), sql -> {});
        var session = Given.session(one, "away", "t").with(List.of(away));
        var verdicts = Checks.look(session, Checks.during());
        assertEquals(Checks.during().size(), verdicts.size());
        assertTrue(verdicts.stream().anyMatch(v -> v.saw().contains("9 in partition")), verdicts::toString);
        assertTrue(verdicts.stream().anyMatch(v -> v.saw().contains("can't look")), verdicts::toString);
        assertThrows(ServerGone.class, () -> Checks.look(session, Checks.atSwap()));
    }

    @Test
    void aUserWhoMayNotWriteThere() {
        both("CREATE DATABASE rights");
        both("CREATE TABLE rights.t (a UInt64) ENGINE = ReplicatedMergeTree('/r/t', '{replica}') ORDER BY tuple()");
        var by = new Endpoint(
                lab.host(1, 2).url(), "reader", "", "default", one.endpoint().properties());
        var session = Given.session(one, "rights", "t").with(List.of(new Peer("the-other", by, sql -> {})));
        Given.warns(new Privileges(), session, "on host " + two.endpoint().host(), "reader may only read");
    }

    @Test
    void aQueueWhoseSendsAreStopped() {
        both("CREATE DATABASE queues");
        both("CREATE TABLE queues.t (a UInt64) ENGINE = ReplicatedMergeTree('/q/t', '{replica}') ORDER BY tuple()");
        // one that has something to send to the other host
        both("CREATE TABLE queues.all AS queues.t ENGINE = Distributed(lab_doubling, queues, t)");
        Given.passes(new DistributedQueues(), session("queues"));
        two.execute("SYSTEM STOP DISTRIBUTED SENDS queues.all");
        two.execute("INSERT INTO queues.all VALUES (1)");
        try {
            Given.warns(
                    new DistributedQueues(), session("queues"), two.endpoint().host(), "queues.all", "stopped");
            both("CREATE TABLE queues.kafka (a UInt64) ENGINE = Kafka('127.0.0.1:9', 'topic', 'group', 'JSONEachRow')");
            both("CREATE MATERIALIZED VIEW queues.mv TO queues.all AS SELECT a FROM queues.kafka");
            Given.refuses(
                    new DistributedQueues(), session("queues"), two.endpoint().host(), "START DISTRIBUTED");
        } finally {
            two.execute("SYSTEM START DISTRIBUTED SENDS queues.all");
        }
        Given.passes(new DistributedQueues(), session("queues"));
    }

    /// A flush to a host that hangs waited for five minutes, and the pause with it.
    @Test
    void aQueueForAHostThatHangsIsNotWaitedFor() throws Exception {
        both("CREATE DATABASE hangs");
        both("CREATE TABLE hangs.t (a UInt64) ENGINE = MergeTree ORDER BY tuple()");
        one.execute("CREATE TABLE hangs.all AS hangs.t ENGINE = Distributed(lab_doubling, hangs, t)");
        var session = Given.session(one, "hangs", "t");
        var intake = new IngestionHosts(
                List.of(new IngestionHosts.Host(one, Ingestion.NONE, List.of(new TableName("hangs", "all")))));
        one.execute("INSERT INTO hangs.all VALUES (1)");
        intake.flush(session, Instant.now().plusSeconds(60));
        one.execute("SYSTEM STOP DISTRIBUTED SENDS hangs.all");
        one.execute("INSERT INTO hangs.all VALUES (2)");
        signal("STOP");
        try {
            var flushed = CompletableFuture.runAsync(
                    () -> intake.flush(session, Instant.now().plusSeconds(2)));
            var e = assertThrows(ExecutionException.class, () -> flushed.get(120, TimeUnit.SECONDS));
            assertTrue(e.getCause() instanceof Trouble.PutOff, e::toString);
            assertTrue(e.getCause().getMessage().contains("hangs.all"), e::toString);
        } finally {
            signal("CONT");
        }
    }

    private static void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, "" + lab.host(1, 2).pid())
                .inheritIO()
                .start()
                .waitFor();
    }
}
