package rekey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import rekey.clickhouse.Sql;
import rekey.lab.EventProducer;
import rekey.lab.GuideTable;
import rekey.lab.Ledger;
import rekey.model.TableName;

/// A second Kafka table that feeds a scene's table, from a topic of its own. Its rows' `_partition` is [#FIRST] and
/// more, so that they are told from the first topic's.
public final class SecondTopic implements AutoCloseable {
    public static final int FIRST = 1000;

    private final Scene scene;
    private final String topic;
    private final Ledger ledger = new Ledger();
    private final EventProducer producer;
    public final TableName kafka;

    /// Messages come in from now on; nothing reads them before [#view].
    public SecondTopic(Scene scene) {
        this.scene = scene;
        topic = scene.table.topic() + "_second";
        kafka = scene.events().sibling(scene.table.kafkaTable().table() + "_second");
        scene.lab.kafka().createTopic(topic, 2, Map.of());
        scene.server.execute("CREATE TABLE " + kafka.sql() + " AS "
                + scene.table.kafkaTable().sql() + " ENGINE = Kafka SETTINGS kafka_broker_list = "
                + Sql.text(scene.lab.bootstrap()) + ", kafka_topic_list = " + Sql.text(topic) + ", kafka_group_name = "
                + Sql.text(topic)
                + ", kafka_format = 'JSONEachRow', kafka_flush_interval_ms = 300, kafka_poll_timeout_ms = 100");
        producer = new EventProducer(
                        scene.lab.bootstrap(),
                        topic,
                        EventProducer.Options.of(300, 5).withMonths(Scene.MONTHS),
                        ledger)
                .start();
    }

    /// A view of the Kafka table.
    ///
    /// @param to the scene's table, or one of coordinates alone
    public SecondTopic view(String name, TableName to) {
        scene.server.execute("CREATE MATERIALIZED VIEW " + to.sibling(name).sql() + " TO " + to.sql()
                + (to.equals(scene.events())
                        ? " AS SELECT uuid, event, properties, timestamp, team_id, distinct_id, created_at,"
                                + " assumeNotNull(_timestamp) AS _timestamp, _offset, _partition + "
                                + FIRST + " AS _partition, now64(6) AS " + GuideTable.INSERTED_AT + " FROM "
                        : " AS SELECT _offset, _partition + " + FIRST + " AS _partition FROM ")
                + kafka.sql());
        return this;
    }

    public SecondTopic awaitRows() {
        Scene.await(
                "the second topic's messages",
                () -> scene.count(scene.events(), "_partition >= " + FIRST + " AND _partition != " + GuideTable.FILLED)
                        > 0);
        return this;
    }

    /// Ends producing into both topics, and waits until all of it has been read.
    public void quiet() {
        producer.pause();
        scene.quiet();
        Scene.await(
                "the second topic to be read",
                () -> ledger.endOffsets().entrySet().stream()
                        .allMatch(e -> scene.lab.kafka().committed(topic, topic).getOrDefault(e.getKey(), 0L)
                                >= e.getValue()));
    }

    /// That each message of both topics and each row filled before is in the scene's table, once.
    public void assertNothingLostOrDoubled() {
        for (var t : List.of(
                new Expected("_partition >= " + FIRST + " AND _partition != " + GuideTable.FILLED, ledger.count()),
                new Expected("_partition < " + FIRST, scene.producer.ledger().count()),
                new Expected("_partition = " + GuideTable.FILLED, scene.table.filled()))) t.in(scene, scene.events());
    }

    private record Expected(String where, long count) {
        void in(Scene scene, TableName table) {
            assertTrue(count > 0, where);
            var r = scene.server.one(
                    "SELECT count() AS n, uniqExact(_partition, _offset) AS u FROM " + table.sql() + " WHERE " + where);
            assertEquals(count, r.number("u"), where);
            assertEquals(count, r.number("n"), where);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
