package rekey.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rekey.Labs;
import rekey.Scene;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.clickhouse.KeeperPaths;
import rekey.clickhouse.Peer;
import rekey.clickhouse.ServerGone;
import rekey.lab.ClusterShape;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabOptions;
import rekey.model.Ingestion;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.IngestionHosts;
import rekey.session.Journal;
import rekey.session.Session;

/// What is well on the host that copies and not on another: it is found, and the host is named.
@Tag("check")
@Tag("slow")
@Tag("heavy")
class HostChecksTest {
    @TempDir
    static Path folder;

    private static EmbeddedLab lab;
    private static ClickHouse one, two;

    /// The second host has a configuration of its own.
    @BeforeAll
    static void start() throws IOException {
        Files.writeString(secondHost("users.d"), """
            <clickhouse><quotas><few><interval><duration>3600</duration><queries>1000000</queries></interval></few>\
            </quotas><users><counted><quota>few</quota><databases><policies><t><filter>a &lt; 10</filter></t>\
            </policies></databases></counted></users></clickhouse>\
            """);
        Files.writeString(secondHost("config.d"), """
            <clickhouse><merge_tree><allow_experimental_replacing_merge_with_cleanup>1\
            </allow_experimental_replacing_merge_with_cleanup></merge_tree></clickhouse>\
            """);
        lab = EmbeddedLab.start(LabOptions.temporary()
                .withFolder(folder.resolve("lab"))
                .withoutKafka()
                .withShape(new ClusterShape(1, 2))
                .withServerXml("<replicated_merge_tree><parts_to_delay_insert>17</parts_to_delay_insert>"
                        + "</replicated_merge_tree>")
                .withUser("counted", "c")
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

    private static Path secondHost(String kind) throws IOException {
        return Files.createDirectories(folder.resolve("lab/clickhouse2").resolve(kind))
                .resolve("own.xml");
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

    /// `t` of a database on both hosts.
    private static Session plain(String database) {
        return plain(database, "MergeTree ORDER BY a");
    }

    private static Session plain(String database, String engine) {
        both("CREATE DATABASE " + database);
        both("CREATE TABLE " + database + ".t (a UInt64, b UInt64) ENGINE = " + engine);
        return session(database);
    }

    /// Where the user of the other host's connection has settings of its own.
    private static Session setting(String database, String name, String value) {
        var there = new Endpoint(
                lab.host(1, 2).url(), "default", "", "default", Map.of("clickhouse_setting_" + name, value));
        return Given.session(one, Given.rewrite(database, "t", "a", "b", ""), Map.of())
                .with(List.of(new Peer("the-other", there, sql -> {})));
    }

    @Test
    void whatAUserMayThere() {
        plain("policies");
        try (var here = Labs.connect(lab, "counted", "c", Map.of());
                var there = new Peer(
                        "the-other",
                        new Endpoint(lab.host(1, 2).url(), "counted", "c", "default", Map.of()),
                        sql -> {})) {
            var alone = Given.session(here, "policies", "t");
            Given.passes(new Quotas(), alone);
            Given.passes(new RowPolicies(), alone);
            var session = alone.with(List.of(there));
            Given.refuses(new Quotas(), session, "on host the-other", "quota few");
            Given.refuses(new RowPolicies(), session, "on host the-other", "policies.t");
        }
    }

    @Test
    void whatAProfileSaysThere() {
        plain("profiles");
        Given.passes(new SessionSettings(), session("profiles"));
        Given.refuses(new SessionSettings(), setting("profiles", "final", "1"), "on host the-other", "final = ");
        one.execute("INSERT INTO profiles.t SELECT number, number FROM numbers(5)");
        Given.passes(new PartitionsPerInsert(), setting("profiles", "max_partitions_per_insert_block", "9"));
        Given.refuses(
                new PartitionsPerInsert(),
                setting("profiles", "max_partitions_per_insert_block", "3"),
                "on host the-other",
                "falls into 5 partitions");
    }

    @Test
    void aServersOwnSettings() {
        var session = plain("cleanup", "ReplacingMergeTree(b) ORDER BY a");
        Given.passes(new CleanupMerges(), Given.session(one, "cleanup", "t"));
        Given.refuses(new CleanupMerges(), session, "on host the-other", "merge_with_cleanup = 1");
    }

    /// A server's configuration may have other values for these.
    @Test
    void theSettingsOfReplicatedTables() {
        var session = plain("limits", "ReplicatedMergeTree('/l/t', '{replica}') ORDER BY a");
        both("CREATE TABLE limits.own (a UInt64) ENGINE = MergeTree ORDER BY a");
        var check = new PartsLimit(Check.When.BEFORE);
        assertTrue(check.look(session).needs().endsWith("from 17"), check.look(session)::toString);
        var own = check.look(Given.session(one, "limits", "own"));
        assertTrue(own.needs().contains("from ") && !own.needs().endsWith("from 17"), own::toString);
    }

    @Test
    void aDatabaseOfAnotherEngine() {
        one.execute("CREATE DATABASE engines");
        two.execute(
                "CREATE DATABASE engines ENGINE = Ordinary",
                UUID.randomUUID().toString(),
                Map.of("allow_deprecated_database_ordinary", "1"));
        both("CREATE TABLE engines.t (a UInt64) ENGINE = MergeTree ORDER BY a");
        Given.passes(new AtomicDatabase(), Given.session(one, "engines", "t"));
        Given.refuses(new AtomicDatabase(), session("engines"), "on host the-other", "Ordinary");
    }

    @Test
    void aMutationThatOneReplicaHasNotMade() {
        var session = plain("mutated", "ReplicatedMergeTree('/m/t', '{replica}') ORDER BY a");
        one.execute("INSERT INTO mutated.t VALUES (1, 1)");
        two.execute("SYSTEM SYNC REPLICA mutated.t");
        two.execute("SYSTEM STOP MERGES mutated.t");
        two.execute("SYSTEM STOP FETCHES mutated.t");
        one.execute("ALTER TABLE mutated.t DELETE WHERE b = 2 SETTINGS mutations_sync = 1");
        Given.passes(new UnfinishedMutations(), Given.session(one, "mutated", "t"));
        Scene.await(
                "the other host to know of it",
                () -> new UnfinishedMutations().look(session).verdict() == Check.Level.WARNING);
        Given.warns(new UnfinishedMutations(), session, "on host the-other", "DELETE WHERE b = 2");
        two.execute("SYSTEM START FETCHES mutated.t");
        two.execute("SYSTEM START MERGES mutated.t");
        Scene.await(
                "the mutation there",
                () -> new UnfinishedMutations().look(session).verdict() == Check.Level.OK);
    }

    /// Its replica is gone from Keeper.
    @Test
    void aReplicaThatCantBeWrittenTo() {
        var session = plain("closed", "ReplicatedMergeTree('/c/t', '{replica}') ORDER BY a");
        Given.passes(new ReplicationQueue(), session);
        Given.passes(new Replicas(), session);
        var name = two.one("SELECT replica_name AS n FROM system.replicas WHERE database = 'closed'")
                .string("n");
        two.execute("DETACH TABLE closed.t SYNC");
        one.execute("SYSTEM DROP REPLICA '" + name + "' FROM TABLE closed.t");
        two.execute("ATTACH TABLE closed.t");
        Scene.await(
                "the replica to be read-only",
                () -> new ReplicationQueue().look(session).verdict() == Check.Level.WARNING);
        Given.warns(new ReplicationQueue(), session, "on host the-other", "read-only", "nothing is swapped before");
        Given.refuses(new Replicas(), session, "2 of them are known");
        // of it nothing is in Keeper that the drop would look for
        two.execute("DETACH TABLE closed.t SYNC");
    }

    @Test
    void viewsAndBuffersOfOneHost() {
        var session = plain("hung");
        var host = "host " + two.endpoint().host();
        for (var check : List.of(
                new KafkaViews(), new Dependants(), new OtherWriters(), new RefreshableViews(Check.When.BEFORE)))
            Given.passes(check, session);
        two.execute("CREATE TABLE hung.from AS hung.t");
        two.execute("CREATE MATERIALIZED VIEW hung.idle TO hung.t AS SELECT a, b FROM hung.from");
        two.execute("DETACH TABLE hung.idle");
        Given.warns(new KafkaViews(), session, "on host the-other", "hung.idle is detached");
        two.execute("CREATE TABLE hung.several ENGINE = Merge(hung, '^t')");
        Given.warns(new Dependants(), session, "on host the-other", "hung.several (Merge)");
        two.execute("CREATE TABLE hung.buffer AS hung.t ENGINE = Buffer('hung', 't', 1, 1, 2, 1, 2, 1, 2)");
        Given.warns(new OtherWriters(), session, "hung.buffer of " + host + " flushes into it");
        two.execute("CREATE MATERIALIZED VIEW hung.anew REFRESH EVERY 10 YEAR TO hung.t EMPTY AS SELECT number AS a,"
                + " number AS b FROM numbers(3)");
        Given.refuses(new RefreshableViews(Check.When.BEFORE), session, "on " + host, "hung.anew");
        two.execute("DROP TABLE hung.buffer SYNC");
        two.execute("DROP VIEW hung.anew SYNC");
    }

    @Test
    void partsThatOneHostHasAside() {
        var session = plain("aside");
        two.execute("INSERT INTO aside.t VALUES (1, 1)");
        Given.passes(new DetachedParts(), session);
        two.execute("ALTER TABLE aside.t DETACH PARTITION ID 'all'");
        Given.warns(
                new DetachedParts(),
                session,
                "of partition all on host " + two.endpoint().host());
    }

    @Test
    void mergesThatOneHostCantHold() {
        var session = plain(
                "summed",
                "SummingMergeTree ORDER BY a SETTINGS parts_to_delay_insert = 20,"
                        + " max_bytes_to_merge_at_max_space_in_pool = 1");
        Given.passes(new MergeHoldBudget(Check.When.DURING), session);
        for (int n = 0; n < 16; n++) two.execute("INSERT INTO summed.t VALUES (1, 1)");
        Given.refuses(new MergeHoldBudget(Check.When.DURING), session, "on host the-other", "16 parts");
    }

    /// The server found them in `create`, behind the first change. The lab's servers read no configuration anew, so
    /// a macro that was taken away is a text's alone here.
    @Test
    void macrosThatAreMissingOrAlike() {
        Given.passes(new Macros(), plain("named", "ReplicatedMergeTree('/{shard}/named/', '{replica}') ORDER BY a"));
        Given.passes(new Macros(), plain("literal", "ReplicatedMergeTree('/literal', '{replica}') ORDER BY a"));
        both("CREATE DATABASE alike");
        one.execute("CREATE TABLE alike.t (a UInt64) ENGINE = ReplicatedMergeTree('/a/t', '{replica}') ORDER BY a");
        two.execute("CREATE TABLE alike.t (a UInt64) ENGINE = ReplicatedMergeTree('/b/t', 's1r1') ORDER BY a");
        Given.refuses(new Macros(), session("alike"), "the-other both are replica s1r1", "name of its own");
        var path = new KeeperPaths(two).resolved("'/{shard}/{nope}/{replica}'");
        assertEquals("/1/{nope}/s1r2", path);
        assertEquals(Set.of("nope"), KeeperPaths.macros(path));
        assertEquals("/1/t", KeeperPaths.plain("other:/1/t/"));
    }

    /// One that was made anew has an empty journal, and may be the host that copies.
    @Test
    void aMigrationThatOnlyAnotherHostsJournalKnows() {
        plain("journals");
        var there = Given.session(two, "journals", "t");
        Given.begun(there);
        var here = new Session(
                        one,
                        Given.rewrite("journals", "t", "", "b", ""),
                        Map.of(),
                        new Journal(one, there.journal().table(), "m2", "r2", Optional.empty()),
                        there.control(),
                        there.progress())
                .with(List.of(new Peer("the-other", two)));
        var prior = new PriorMigrations(List.of(Given.MIGRATION));
        Given.refuses(new OtherMigrations(), here, Given.MIGRATION + " of journals.t has been begun");
        Given.refuses(prior, here, Given.MIGRATION);
        there.journal().append("", new Detail.Bare(Entry.Event.FINALIZED));
        Given.passes(new OtherMigrations(), here);
        Given.passes(prior, here);
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
