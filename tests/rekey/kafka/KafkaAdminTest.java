package rekey.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rekey.Labs;

/// Asks the shared lab's broker.
@Tag("kafka")
class KafkaAdminTest {
    private static KafkaAdmin kafka;
    private static KafkaProducer<String, String> producer;

    @BeforeAll
    static void start() {
        kafka = KafkaAdmin.connect(Labs.shared().bootstrap(), Map.of());
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.brokers()), new StringSerializer(), new StringSerializer());
    }

    @AfterAll
    static void end() {
        producer.close();
        kafka.close();
    }

    private static void topic(String name, Map<String, String> config) {
        Labs.shared().kafka().createTopic(name, 2, config);
    }

    private static void send(String topic, int partition, int messages, long oldestMillis) {
        for (int i = 0; i < messages; i++)
            producer.send(new ProducerRecord<>(topic, partition, oldestMillis + i, "k", "v".repeat(100)));
        producer.flush();
    }

    private static KafkaConsumer<String, String> consumer(String group) {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.brokers(), "group.id", group, "client.id", "stranger"),
                new StringDeserializer(),
                new StringDeserializer());
    }

    @Test
    void offsetsOfAGroup() {
        topic("admin_offsets", Map.of());
        send("admin_offsets", 1, 10, System.currentTimeMillis());
        var none = List.of(new Offsets("admin_offsets", 0, -1, 0, 0), new Offsets("admin_offsets", 1, -1, 0, 10));
        assertEquals(none, kafka.offsets("nobody", List.of("admin_offsets")));
        try (var c = consumer("admin_offsets_group")) {
            c.commitSync(Map.of(new TopicPartition("admin_offsets", 1), new OffsetAndMetadata(4)));
        }
        assertEquals(
                new Offsets("admin_offsets", 1, 4, 0, 10),
                kafka.offsets("admin_offsets_group", List.of("admin_offsets")).get(1));
    }

    @Test
    void membersOfAGroup() {
        topic("admin_members", Map.of());
        assertEquals(List.of(), kafka.members("admin_members_group"));
        try (var c = consumer("admin_members_group")) {
            c.subscribe(List.of("admin_members"));
            while (c.assignment().isEmpty()) c.poll(Duration.ofMillis(100));
            var member = kafka.members("admin_members_group").getFirst();
            assertEquals("stranger", member.clientId());
            assertTrue(member.id().startsWith("stranger-"), member::toString);
        }
        assertEquals(List.of(), kafka.members("admin_members_group"));
    }

    @Test
    void retentionAndSizes() {
        topic(
                "admin_retention",
                Map.of("retention.ms", "3600000", "retention.bytes", "1000000", "cleanup.policy", "compact,delete"));
        send("admin_retention", 0, 100, System.currentTimeMillis());
        var r = kafka.retention(List.of("admin_retention")).getFirst();
        assertEquals(3_600_000, r.millis());
        assertEquals(1_000_000, r.bytes());
        assertTrue(r.deletes());
        var dirs = kafka.logDirs();
        assertTrue(dirs.bytes().get(new TopicPartition("admin_retention", 0)) > 10_000, dirs::toString);
        var volume = dirs.volumes().getFirst();
        assertTrue(volume.usable() > 0 && volume.usable() < volume.total() && volume.used() > 10_000, volume::toString);
    }

    /// The oldest message that waits is 30 min old in one partition; the other has none, and nothing limits its size
    /// yet.
    @Test
    void headroom() {
        topic("admin_headroom", Map.of("retention.ms", "3600000", "retention.bytes", "1000000"));
        send("admin_headroom", 0, 1000, System.currentTimeMillis() - 1_800_000);
        var h = new HeadroomProbe(kafka).look("nobody", List.of("admin_headroom"), Duration.ofMillis(300));
        var old = h.partitions().getFirst();
        assertTrue(old.byTime() <= 1800 && old.byTime() > 1500, old::toString);
        assertEquals("retention.ms", old.decides());
        assertTrue(
                old.bySize() > old.byTime() && Double.isFinite(old.bySize()),
                old::toString); // the mean of the last hour
        assertEquals(3600, h.partitions().get(1).seconds());
        assertTrue(h.worstDisk().isPresent());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "localhost:1             | security.protocol | PLAINTEXT | No Kafka broker answers at localhost:1",
                "no-such-host.invalid:92 | security.protocol | PLAINTEXT | No Kafka client can be made for"
                        + " no-such-host.invalid:92",
                "localhost:1             | security.protocol | NOPE      | --kafka-config",
                "''                      | security.protocol | PLAINTEXT | give --kafka HOST:PORT"
            })
    void whatIsWrongInOneSentence(String brokers, String key, String value, String sentence) {
        long begun = System.nanoTime();
        var e = assertThrows(KafkaFailed.class, () -> KafkaAdmin.connect(brokers, Map.of(key, value)));
        assertTrue(e.getMessage().contains(sentence), e::getMessage);
        assertEquals(1, e.getMessage().lines().count());
        assertTrue(System.nanoTime() - begun < 50e9, "it waits as long as Kafka does by itself");
    }

    @Test
    void noSuchTopic() {
        var e = assertThrows(KafkaFailed.class, () -> kafka.offsets("g", List.of("no_such_topic")));
        assertTrue(
                e.getMessage().contains("no_such_topic") && e.getMessage().contains("kafka_topic_list"), e::getMessage);
    }

    @Test
    void aPasswordIsNeverToldOn() {
        for (var login : List.of(
                "Module s3cret",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=u password=s3cret")) {
            var e = assertThrows(
                    KafkaFailed.class,
                    () -> KafkaAdmin.connect(
                            "localhost:1",
                            Map.of(
                                    "security.protocol",
                                    "SASL_PLAINTEXT",
                                    "sasl.mechanism",
                                    "PLAIN",
                                    "sasl.jaas.config",
                                    login)));
            for (Throwable t = e; t != null; t = t.getCause())
                assertFalse(String.valueOf(t.getMessage()).contains("s3cret"), t::toString);
        }
    }
}
