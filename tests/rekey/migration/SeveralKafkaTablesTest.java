package rekey.migration;

import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.SecondTopic;
import rekey.lab.GuideTable;

import static org.junit.jupiter.api.Assertions.assertEquals;

/// Two Kafka tables feed the source, and each has a second view into another table: all of them stop and go on together,
/// and what the other table gets is complete too.
class SeveralKafkaTablesTest {
    @Test void allStopAndGoOnTogether() {
        try (var scene = Scene.live(Scene.PLAIN); var second = new SecondTopic(scene)) {
            var events = scene.events();
            var side = events.sibling("side");
            scene.server.execute("CREATE TABLE " + side.sql() + " (_offset UInt64, _partition UInt64) ENGINE = MergeTree ORDER BY (_partition, _offset)");
            second.view("second_side_mv", side).view("second_mv", events).awaitRows();
            scene.migrate("resume");
            assertEquals(2, scene.journal().stream().filter(e -> e.step().equals("pause") && !e.get("committed").isEmpty()).findFirst().orElseThrow().get("committed").split("_second/").length - 1);
            second.quiet();
            second.assertNothingLostOrDoubled();
            var coordinates = scene.server.one("SELECT count() AS n, uniqExact(_partition, _offset) AS u FROM " + side.sql());
            assertEquals(coordinates.number("n"), coordinates.number("u"));
            // the view of the side began before the one into the source: it has all that the source has
            assertEquals(0, scene.server.one("SELECT count() AS n FROM " + events.sql() + " WHERE _partition >= " + SecondTopic.FIRST + " AND _partition != " + GuideTable.FILLED
                    + " AND (_partition, _offset) NOT IN (SELECT _partition, _offset FROM " + side.sql() + ")").number("n"));
        }
    }
}
