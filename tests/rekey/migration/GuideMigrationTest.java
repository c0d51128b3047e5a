package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Labs;
import rekey.Scene;
import rekey.lab.GuideTable;
import rekey.model.TableName;

/// The seven operations forwards while messages come in, judged by what Kafka acknowledged.
@Tag("migration")
@Order(3)
class GuideMigrationTest {
    @ParameterizedTest
    @ValueSource(strings = {Scene.REPLACING, Scene.PLAIN})
    void theSevenOperationsLoseAndDoubleNothing(String engine) {
        try (var scene = Scene.live(engine)) {
            scene.migrate("resume");
            scene.assertNothingLostOrDoubled();
            scene.shown().mustNotBeVacuous();
            var keys = scene.session().source().keys();
            assertEquals(
                    "team_id, toDate(timestamp), event, cityHash64(distinct_id), cityHash64(uuid)", keys.orderBy());
            assertEquals("cityHash64(distinct_id)", keys.sampleBy());
            scene.migrate("optimize");
            assertTrue(scene.judge().missingFinal() == 0 && scene.judge().doubledFinal() == 0);
        }
    }

    /// Backticks, quotes, spaces, a dot, a backslash, Unicode.
    @Test
    @Tag("slow")
    void hardNames() {
        var name = new TableName("dé `pôt` " + Labs.database(), "it's \"the\" `événements`.v1 \\ 日本 🦆");
        try (var scene = Scene.live(name, GuideTable.Options.GUIDE.withEngine(Scene.PLAIN))) {
            scene.migrate("optimize");
            scene.assertNothingLostOrDoubled();
            scene.shown().mustNotBeVacuous();
            scene.producer.start();
            scene.rollback();
            scene.assertAsBefore();
            scene.assertNothingLostOrDoubled();
        }
    }

    /// A batch goes on for up to 7.5 s after the gate was closed.
    @Test
    @Tag("slow")
    void atClickHousesOwnFlushInterval() {
        try (var scene =
                Scene.live(new TableName(Labs.database(), "events"), GuideTable.Options.GUIDE.withFlushMillis(null))) {
            scene.migrate("resume");
            scene.assertNothingLostOrDoubled();
            scene.shown().mustNotBeVacuous();
        }
    }

    /// Whoever trusts the tests above trusts the judge: it must find one row lost and one doubled.
    @Test
    void theJudgeFindsOneRowLostAndOneDoubled() {
        try (var scene = Scene.live(Scene.PLAIN)) {
            scene.assertNothingLostOrDoubled();
            scene.server.execute("ALTER TABLE " + scene.events().sql() + " DELETE WHERE _partition = "
                    + GuideTable.FILLED + " AND _offset = 77 SETTINGS mutations_sync = 2");
            assertEquals(1, scene.judge().missing());
            assertEquals(0, scene.judge().duplicated());
            scene.server.execute("INSERT INTO " + scene.events().sql() + " (* EXCEPT properties_browser) SELECT * FROM "
                    + scene.events().sql() + " WHERE _partition = " + GuideTable.FILLED + " AND _offset = 78");
            assertEquals(1, scene.judge().missing());
            assertEquals(1, scene.judge().duplicated());
            // a batch whose offsets were not committed before a server died, Kafka's consumer inserts again: at
            // another moment
            scene.server.execute("INSERT INTO " + scene.events().sql()
                    + " (* EXCEPT properties_browser) SELECT * REPLACE (now64(6) AS inserted_at) FROM "
                    + scene.events().sql() + " WHERE _partition = 1 AND _offset = 0");
            assertEquals(1, scene.judge().duplicated());
            assertEquals(1, scene.judge().doubledByKafka());
        }
    }
}
