package rekey.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.kafka.Offsets;
import rekey.lab.EmbeddedLab;
import rekey.lab.GuideTable;
import rekey.lab.LabOptions;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;

/// What somebody does to Kafka while ingestion is held is told when it goes on, once, on the way there and on the
/// way back.
class KafkaCatchUpTest {
    /// A group forgets its members of before after so long, by default after 45 s.
    private static final String SESSION = ("<kafka><session_timeout_ms>6000</session_timeout_ms>"
            + "<heartbeat_interval_ms>1000</heartbeat_interval_ms></kafka>");

    @Test
    void messagesThatNobodyWillReadAreToldOf() {
        try (var lab = EmbeddedLab.start(LabOptions.temporary().withServerXml(SESSION));
                var scene = Scene.live(
                        lab, new TableName("read_on", "events"), GuideTable.Options.GUIDE.withEngine(Scene.PLAIN))) {
            var forward = inTheSwap(scene, false, () -> skip(scene));
            var told = assertThrows(
                    Trouble.Refused.class,
                    () -> new Runner(forward, false, List.of()).run(scene.migration, Optional.of("resume")));
            assertTrue(
                    told.getMessage().contains("went forward in " + scene.table.topic() + "/0")
                            && told.getMessage().contains("The new table is live"),
                    told::getMessage);
            assertInstanceOf(Position.Swapped.class, Position.of(scene.session()));
            scene.migrate("resume");
            var done = Entry.last(scene.journal(), Detail.Drained.class).orElseThrow();
            assertTrue(done.left().orElseThrow() <= 4, "what had waited has not been read: " + done);

            var back = inTheSwap(scene, true, () -> delete(scene));
            told = assertThrows(
                    Trouble.Refused.class, () -> new Runner(back, false, List.of()).rollback(scene.migration));
            assertTrue(
                    told.getMessage().contains("Kafka deleted messages of " + scene.table.topic() + "/1")
                            && told.getMessage().contains("The old table is live again"),
                    told::getMessage);
            scene.rollback();
            scene.assertAsBefore();
        }
    }

    /// Its reopening comes after that, so ingestion is held still.
    private static Session inTheSwap(Scene scene, boolean back, Runnable what) {
        var session = scene.session();
        session.journal().listen(e -> {
            if (e.detail() instanceof Detail.Exchanging x && x.back() == back) what.run();
        });
        return session;
    }

    /// Sets the group forward, as a person could: a group with members in it refuses.
    private static void skip(Scene scene) {
        scene.server.execute("DETACH TABLE " + scene.table.kafkaTable().sql() + " SYNC");
        try (var admin = scene.lab.kafka().admin()) {
            Scene.await("messages to skip", () -> end(scene) > committed(scene, 0) + 5);
            var forward =
                    Map.of(new TopicPartition(scene.table.topic(), 0), new OffsetAndMetadata(committed(scene, 0) + 5));
            Scene.await(
                    "the consumers to leave their group",
                    () -> done(() -> admin.alterConsumerGroupOffsets(scene.table.group(), forward)
                            .all()
                            .get(10, TimeUnit.SECONDS)));
        }
        scene.server.execute("ATTACH TABLE " + scene.table.kafkaTable().sql());
    }

    private static void delete(Scene scene) {
        try (var admin = scene.lab.kafka().admin()) {
            long committed = committed(scene, 1);
            Scene.await(
                    "messages to delete",
                    () -> done(() -> admin.deleteRecords(Map.of(
                                    new TopicPartition(scene.table.topic(), 1),
                                    RecordsToDelete.beforeOffset(committed + 3)))
                            .all()
                            .get(10, TimeUnit.SECONDS)));
        }
    }

    private interface Call {
        void run() throws Exception;
    }

    private static boolean done(Call call) {
        try {
            call.run();
            return true;
        } catch (Exception e) {
            return false; // not yet
        }
    }

    private static long committed(Scene scene, int partition) {
        return scene.lab
                .kafka()
                .committed(scene.table.group(), scene.table.topic())
                .get(partition);
    }

    private static long end(Scene scene) {
        return scene.producer.ledger().endOffsets().getOrDefault(0, 0L);
    }

    @Test
    void whatHadWaitedAndIsNotRead() {
        var then = List.of(new Offsets("a", 0, 5, 0, 10), new Offsets("a", 1, -1, 2, 4));
        assertEquals(7, KafkaCatchUp.unread(then, then));
        assertEquals(
                3, KafkaCatchUp.unread(then, List.of(new Offsets("a", 0, 7, 0, 90), new Offsets("a", 1, 9, 2, 9))));
        assertEquals(
                0, KafkaCatchUp.unread(then, List.of(new Offsets("a", 0, 10, 0, 10), new Offsets("a", 1, 4, 2, 4))));
    }
}
