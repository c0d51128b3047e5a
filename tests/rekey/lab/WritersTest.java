package rekey.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Labs;
import rekey.Scene;
import rekey.clickhouse.ClickHouse;
import rekey.model.TableName;

/// The judge of writers that never pause proves itself: what is spoilt behind their back is counted.
@Tag("lab")
class WritersTest {

    @Test
    void aRowThatIsGoneOrDoubledIsCounted() {
        try (var server = Labs.connect()) {
            var table = table(server, Scene.PLAIN);
            try (var writers = written(server, table)) {
                assertTrue(writers.judge(server).ok(), writers.judge(server)::toString);
                server.execute("ALTER TABLE " + table.sql() + " DELETE WHERE _partition = " + Writers.FIRST
                        + " AND _offset = 7 SETTINGS mutations_sync = 2");
                server.execute("INSERT INTO " + table.sql() + " SELECT * FROM " + table.sql() + " WHERE _partition = "
                        + (Writers.FIRST + 1) + " AND _offset IN (3, 4)");
                var found = writers.judge(server);
                assertEquals(1, found.missing(), found::toString);
                assertEquals(2, found.duplicated(), found::toString);
            }
        }
    }

    /// The older row of a key comes behind the newer one, as a trailing round brought it once.
    @Test
    void aKeyThatShowsAnOlderRowIsCounted() {
        try (var server = Labs.connect()) {
            var table = table(server, "ReplacingMergeTree");
            try (var writers = written(server, table)) {
                assertTrue(writers.judge(server).ok(), writers.judge(server)::toString);
                // so that each key has the last of its rows alone, and the one before it comes once more
                server.execute("OPTIMIZE TABLE " + table.sql() + " FINAL");
                server.execute(
                        "INSERT INTO " + table.sql() + " SELECT * REPLACE (_offset - 5 AS _offset) FROM (SELECT *"
                                + " FROM " + table.sql() + " WHERE _partition = 2000000 AND intDiv(_offset, 5) % 2 = 1"
                                + " LIMIT 1)");
                var found = writers.judge(server);
                assertEquals(1, found.stale(), found::toString);
                assertEquals(0, found.missing() + found.duplicated(), found::toString);
                server.execute("ALTER TABLE " + table.sql() + " DELETE WHERE _partition = 2000001 AND distinct_id ="
                        + " 'writer-0' SETTINGS mutations_sync = 2");
                assertEquals(
                        1,
                        writers.judge(server).missing(),
                        () -> writers.judge(server).toString());
            }
        }
    }

    /// The demo, alone and beside Kafka.
    @ParameterizedTest
    @ValueSource(ints = {0, 500})
    @Tag("slow")
    void theDemoIsJudgedByWhatTheyWrote(int rate) {
        var demo = new Demo(60_000, rate, 1, List.of(), said -> {}, entry -> {}, 3, "ReplacingMergeTree");
        try (var lab = EmbeddedLab.start(demo.lab())) {
            var outcome = demo.run(lab);
            assertTrue(outcome.ok() && outcome.written() > 0, outcome::text);
        }
    }

    private static TableName table(ClickHouse server, String engine) {
        var table = new TableName(Labs.database(), "events");
        new GuideTable(server, null, table, GuideTable.Options.GUIDE.withEngine(engine)).create();
        return table;
    }

    /// Each of two has written every key twice.
    private static Writers written(ClickHouse server, TableName table) {
        var writers = new Writers(Labs::connect, table, 2);
        Scene.await(
                "two rows of a key",
                () -> server.one("SELECT if(count() = 2, min(m), 0) AS n FROM (SELECT max(_offset) AS m FROM "
                                        + table.sql() + " GROUP BY _partition)")
                                .number("n")
                        > 150);
        return writers.stop();
    }
}
