package rekey.migration;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Scene;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// The seven operations forwards while messages come in, judged by what Kafka acknowledged.
@Tag("migration")
class GuideMigrationTest {
    @ParameterizedTest @ValueSource(strings = {Scene.REPLACING, Scene.PLAIN})
    void theSevenOperationsLoseAndDoubleNothing(String engine) {
        try (var scene = Scene.live(engine)) {
            scene.migrate("resume");
            scene.assertNothingLostOrDoubled();
            scene.shown().mustNotBeVacuous();
            var keys = scene.session().source().keys();
            assertEquals("team_id, toDate(timestamp), event, cityHash64(distinct_id), cityHash64(uuid)", keys.orderBy());
            assertEquals("cityHash64(distinct_id)", keys.sampleBy());
            scene.migrate("optimize");
            assertTrue(scene.judge().missingFinal() == 0 && scene.judge().doubledFinal() == 0);
        }
    }
}
