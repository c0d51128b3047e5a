package rekey.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static rekey.check.Given.passes;
import static rekey.check.Given.refuses;
import static rekey.check.Given.warns;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.check.Check.Level;
import rekey.check.Check.When;
import rekey.clickhouse.ClickHouse;
import rekey.kafka.Headroom;
import rekey.kafka.LogDirs;
import rekey.lab.GuideTable;
import rekey.model.TableName;
import rekey.session.Session;

/// Checks of what feeds a table from Kafka: the guide's table on the shared lab.
@Tag("check")
@Tag("kafka")
class KafkaChecksTest {
    private static final KafkaHeadroom HEADROOM =
            new KafkaHeadroom(When.BEFORE, Duration.ofMillis(200), Duration.ofMinutes(10));
    private static ClickHouse server;
    private static String db;
    private static GuideTable guide;

    @BeforeAll
    static void start() {
        server = Labs.connect();
        db = Labs.database();
        guide = new GuideTable(server, Labs.shared().kafka(), new TableName(db, "events"), GuideTable.Options.GUIDE)
                .create();
        server.execute("CREATE TABLE " + db + ".alone (a UInt64) ENGINE = MergeTree ORDER BY a");
    }

    @AfterAll
    static void end() {
        guide.drop();
        server.close();
    }

    private static Session events() {
        return Given.session(server, Given.rewrite(db, "events", "toYYYYMM(timestamp)", "team_id", ""), Map.of());
    }

    @Test
    void rowsThatComeFromAnotherStream() throws Exception {
        java.nio.file.Files.createDirectories(Labs.shared().clickhouse().home().resolve(db));
        server.execute("CREATE TABLE " + db + ".files (a UInt64) ENGINE = FileLog('" + db + "', 'JSONEachRow')");
        server.execute(
                "CREATE MATERIALIZED VIEW " + db + ".read TO " + db + ".alone AS SELECT a FROM " + db + ".files");
        warns(
                new KafkaViews(),
                Given.session(server, db, "alone"),
                db + ".files brings rows by itself",
                "detach its view");
        server.execute("DROP VIEW " + db + ".read SYNC");
        server.execute("DROP TABLE " + db + ".files SYNC");
        passes(new KafkaViews(), Given.session(server, db, "alone"));
    }

    @Test
    void withoutKafka() {
        var s = Given.session(server, db, "alone");
        passes(new KafkaViews(), s);
        assertEquals("nothing feeds it from Kafka", new KafkaViews().look(s).saw());
        // said once; what depends on it has its own word
        for (var check : List.of(new ConsumerGroup(When.BEFORE), HEADROOM)) {
            passes(check, s);
            assertTrue(List.of("none", "not needed").contains(check.look(s).saw()));
        }
    }

    @Test
    void views() {
        var s = events();
        passes(new KafkaViews(), s);
        var saw = new KafkaViews().look(s).saw();
        assertTrue(saw.contains("group " + guide.group()) && saw.endsWith("through " + guide.view()), saw);
        passes(new ServerAbilities(), s);

        server.execute("CREATE MATERIALIZED VIEW %1$s.idle TO %1$s.alone AS SELECT a FROM %1$s.alone WHERE a = 1"
                .formatted(db));
        server.execute("DETACH TABLE " + db + ".idle");
        warns(new KafkaViews(), s, db + ".idle is detached");
        server.execute("ATTACH TABLE " + db + ".idle");
        server.execute("DROP VIEW " + db + ".idle SYNC");

        server.execute("CREATE TABLE " + db + ".gone (a UInt8) ENGINE = Null");
        server.execute("CREATE MATERIALIZED VIEW " + db + ".stops TO " + db + ".gone AS SELECT toUInt8(1) AS a FROM "
                + guide.kafkaTable().sql());
        server.execute("DROP TABLE " + db + ".gone SYNC");
        TableChecksTest.until(() -> warns(new KafkaViews(), s, "does not read, for a target is missing: " + db + "."));
        server.execute("DROP VIEW " + db + ".stops SYNC");
        TableChecksTest.until(() -> passes(new KafkaViews(), s));
    }

    @Test
    void strangersInTheGroup() {
        var s = events();
        var check = new ConsumerGroup(When.BEFORE);
        TableChecksTest.until(() -> passes(check, s));
        assertEquals("2 members, all this server's", check.look(s).saw());
        try (var stranger = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        Labs.shared().bootstrap(),
                        "group.id",
                        guide.group(),
                        "client.id",
                        "stranger",
                        "session.timeout.ms",
                        "10000"),
                new StringDeserializer(),
                new StringDeserializer())) {
            stranger.subscribe(List.of(guide.topic()));
            TableChecksTest.until(() -> {
                stranger.poll(Duration.ofMillis(100));
                refuses(check, s, "stranger from 127.0.0.1 in group " + guide.group());
            });
        }
        TableChecksTest.until(() -> passes(check, s));
    }

    @Test
    void anotherTableInTheGroup() {
        var other = new GuideTable(server, Labs.shared().kafka(), new TableName(db, "other"), GuideTable.Options.GUIDE)
                .create();
        server.execute(("CREATE TABLE %s.other_kafka (a UInt8) ENGINE = Kafka SETTINGS kafka_broker_list = '%s', "
                        + "kafka_topic_list = '%s', kafka_group_name = '%s', kafka_format = 'JSONEachRow'")
                .formatted(db, Labs.shared().bootstrap(), other.topic(), other.group()));
        server.execute("CREATE TABLE %s.other_sink (a UInt8) ENGINE = Null".formatted(db));
        server.execute("CREATE MATERIALIZED VIEW %1$s.other_view TO %1$s.other_sink AS SELECT a FROM %1$s.other_kafka"
                .formatted(db));
        var s = Given.session(server, db, "other");
        TableChecksTest.until(
                () -> refuses(new ConsumerGroup(When.BEFORE), s, "other_kafka", "in group " + other.group()));
        server.execute("DROP VIEW %s.other_view SYNC".formatted(db));
        server.execute("DROP TABLE %s.other_kafka SYNC".formatted(db));
        other.drop();
    }

    @Test
    void retention() throws Exception {
        var s = events();
        passes(HEADROOM, s);
        assertEquals("31.5 min: 3 times 10.5 min", HEADROOM.look(s).needs());
        alter("retention.ms", "1200000");
        // the broker hears of it a moment after the answer
        TableChecksTest.until(() -> refuses(
                HEADROOM,
                s,
                "20 min in " + guide.topic(),
                "by retention.ms",
                "Raise retention.ms of topic " + guide.topic()));
        alter("retention.ms", "2400000");
        TableChecksTest.until(() -> passes(HEADROOM, s));
        alter("retention.ms", "604800000");
    }

    private static void alter(String key, String value) throws Exception {
        try (var admin = Labs.shared().kafka().admin()) {
            admin.incrementalAlterConfigs(Map.of(
                            new ConfigResource(ConfigResource.Type.TOPIC, guide.topic()),
                            List.of(new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }
    }

    @Test
    void whatTheProbeMayFind() {
        var empty = new Headroom(List.of(), List.of());
        Given.says(
                Level.REFUSAL,
                HEADROOM.judge(
                        new Headroom(
                                List.of(),
                                List.of(new Headroom.Disk(
                                        new LogDirs.Volume(7, "/logs", 1 << 30, 1 << 20, 1 << 20), 10_000))),
                        1890,
                        "n"),
                "the disk of broker 7 (/logs) has 1.0 MiB free and is full in 105 s",
                "lower the retention of other topics");
        assertEquals(Level.OK, HEADROOM.judge(empty, 1890, "n").verdict());
    }

    @Test
    void aBrokerThatWasNamedAndDoesNotAnswerIsRefused() {
        var s = Given.session(
                server,
                events().rewrite(),
                Map.of("bootstrap.servers", "localhost:1", "default.api.timeout.ms", "4000"));
        var v = Checks.look(s, List.of(HEADROOM)).getFirst();
        Given.says(Level.REFUSAL, v, "No Kafka broker answers at localhost:1", "leave both out");
        var later = Checks.look(s, List.of(new KafkaHeadroom(When.DURING))).getFirst();
        Given.says(Level.WARNING, later, "can't look: No Kafka broker answers at localhost:1");
    }
}
