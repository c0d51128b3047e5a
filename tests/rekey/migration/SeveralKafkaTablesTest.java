package rekey.migration;

import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.clickhouse.Sql;
import rekey.lab.EventProducer;
import rekey.lab.GuideTable;
import rekey.lab.Ledger;
import rekey.model.TableName;

import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Two Kafka tables feed the source, and each has a second view into another table: all of them stop and go on together,
/// and what the other table gets is complete too.
class SeveralKafkaTablesTest {
    private static final int SECOND = 1000;

    private static void view(Scene scene, TableName name, TableName to, TableName kafka, int plus) {
        scene.server.execute("CREATE MATERIALIZED VIEW " + name.sql() + " TO " + to.sql() + (to.equals(scene.events())
                ? " AS SELECT uuid, event, properties, timestamp, team_id, distinct_id, created_at, assumeNotNull(_timestamp) AS _timestamp, _offset, _partition + " + plus + " AS _partition FROM "
                : " AS SELECT _offset, _partition + " + plus + " AS _partition FROM ") + kafka.sql());
    }

    @Test void allStopAndGoOnTogether() {
        try (var scene = Scene.live(Scene.PLAIN)) {
            var events = scene.events();
            var topic = scene.table.topic() + "_second";
            scene.lab.kafka().createTopic(topic, 2, Map.of());
            var kafka = events.sibling("kafka_second");
            var side = events.sibling("side");
            scene.server.execute("CREATE TABLE " + side.sql() + " (_offset UInt64, _partition UInt64) ENGINE = MergeTree ORDER BY (_partition, _offset)");
            scene.server.execute("CREATE TABLE " + kafka.sql() + " AS " + scene.table.kafkaTable().sql() + " ENGINE = Kafka SETTINGS kafka_broker_list = " + Sql.text(scene.lab.bootstrap())
                    + ", kafka_topic_list = " + Sql.text(topic) + ", kafka_group_name = " + Sql.text(topic) + ", kafka_format = 'JSONEachRow', kafka_flush_interval_ms = 300, kafka_poll_timeout_ms = 100");
            var ledger = new Ledger();
            try (var producer = new EventProducer(scene.lab.bootstrap(), topic, EventProducer.Options.of(300, 5), ledger).start()) {
                view(scene, events.sibling("second_side_mv"), side, kafka, SECOND);
                view(scene, events.sibling("second_mv"), events, kafka, SECOND);
                Scene.await("the second topic's messages", () -> scene.count(events, "_partition >= " + SECOND + " AND _partition != " + GuideTable.FILLED) > 0);
                scene.migrate("resume");
                assertEquals(2, scene.journal().stream().filter(e -> e.step().equals("pause") && !e.get("committed").isEmpty()).findFirst().orElseThrow().get("committed").split(topic + "/").length - 1);
                producer.pause();
                scene.quiet();
                Scene.await("the second topic to be read", () -> ledger.endOffsets().entrySet().stream()
                        .allMatch(e -> scene.lab.kafka().committed(topic, topic).getOrDefault(e.getKey(), 0L) >= e.getValue()));
            }
            same(scene, events, "_partition >= " + SECOND + " AND _partition != " + GuideTable.FILLED, ledger.count());
            same(scene, side, "_partition >= " + SECOND, scene.count(side, "_partition >= " + SECOND));
            same(scene, events, "_partition < " + SECOND + " AND _partition != " + GuideTable.FILLED, scene.producer.ledger().count());
            // the view of the side began before the one into the source: it has all that the source has
            assertEquals(0, scene.server.one("SELECT count() AS n FROM " + events.sql() + " WHERE _partition >= " + SECOND + " AND _partition != " + GuideTable.FILLED
                    + " AND (_partition, _offset) NOT IN (SELECT _partition, _offset FROM " + side.sql() + ")").number("n"));
        }
    }

    private static void same(Scene scene, TableName table, String where, long count) {
        var r = scene.server.one("SELECT count() AS n, uniqExact(_partition, _offset) AS u FROM " + table.sql() + " WHERE " + where);
        assertTrue(r.number("n") > 0);
        assertEquals(count, r.number("u"));
        assertEquals(count, r.number("n"));
    }
}
