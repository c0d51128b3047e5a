package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.SecondTopic;
import rekey.lab.GuideTable;
import rekey.model.Trouble;
import rekey.run.Estimate;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.IngestionHosts;
import rekey.step.Position;

/// Two Kafka tables feed the source, and each has a second view into another table: all of them stop and go on
/// together, and what the other table gets is complete too.
class SeveralKafkaTablesTest {
    /// One who has joined the group since it began would take over the partitions of consumers that pause.
    private static void aStrangerStopsIt(Scene scene) {
        try (var stranger = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        scene.lab.bootstrap(),
                        "group.id",
                        scene.table.group(),
                        "client.id",
                        "stranger",
                        "enable.auto.commit",
                        "false"),
                new StringDeserializer(),
                new StringDeserializer())) {
            stranger.subscribe(List.of(scene.table.topic()));
            Scene.await("the stranger to get partitions", () -> {
                stranger.poll(Duration.ofMillis(100));
                return !stranger.assignment().isEmpty();
            });
            var refused = assertThrows(Trouble.Refused.class, () -> scene.migrate("resume"));
            assertTrue(refused.getMessage().contains("stranger from "), refused::getMessage);
            assertTrue(scene.ingestionOpen() && Position.of(scene.session()) instanceof Position.Created);
        }
    }

    @Test
    void allStopAndGoOnTogether() {
        try (var scene = Scene.live(Scene.PLAIN);
                var second = new SecondTopic(scene)) {
            var events = scene.events();
            var side = events.sibling("side");
            scene.server.execute("CREATE TABLE " + side.sql()
                    + " (_offset UInt64, _partition UInt64) ENGINE = MergeTree ORDER BY (_partition, _offset)");
            second.view("second_side_mv", side).view("second_mv", events).awaitRows();
            // each waits for the last of all
            var held = Estimate.heldTime(scene.session(), IngestionHosts.of(scene.session()));
            assertTrue(held.toMillis() > 200 + Scene.LIMITS.maxHeld().toMillis() / 3, held::toString);
            scene.migrate("verify");
            aStrangerStopsIt(scene);
            scene.migrate("resume");
            assertEquals(
                    2,
                    Entry.all(scene.journal(), Detail.Paused.class)
                                    .flatMap(p -> p.committed().stream())
                                    .findFirst()
                                    .orElseThrow()
                                    .split("_second/")
                                    .length
                            - 1);
            second.quiet();
            second.assertNothingLostOrDoubled();
            var coordinates =
                    scene.server.one("SELECT count() AS n, uniqExact(_partition, _offset) AS u FROM " + side.sql());
            assertEquals(coordinates.number("n"), coordinates.number("u"));
            // the view of the side began before the one into the source: it has all that the source has
            assertEquals(
                    0,
                    scene.server
                            .one("SELECT count() AS n FROM " + events.sql() + " WHERE _partition >= "
                                    + SecondTopic.FIRST + " AND _partition != " + GuideTable.FILLED
                                    + " AND (_partition, _offset) NOT IN (SELECT _partition, _offset FROM " + side.sql()
                                    + ")")
                            .number("n"));
        }
    }
}
