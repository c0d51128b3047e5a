package rekey.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Scene;
import rekey.Wire;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Entry.Event;
import rekey.session.Session;

/// What is found in the last moment, while ingestion is held: nothing is swapped, and Kafka is read on.
@Tag("migration")
class SwapTest {
    /// The target loses a row behind rekey's back when all has been carried and compared.
    @Test
    void aRowLostWhileHeldIsFound() {
        try (var scene = Scene.live(Scene.PLAIN)) {
            var lost = new AtomicBoolean();
            var session = scene.session();
            onceHeld(session, lost, () -> loseARow(scene));
            isNotSwapped(scene, session, lost, "differ");
            assertFalse(scene.journal().stream().anyMatch(e -> e.is("swap", Event.INTENT)));
            goesBack(scene);
        }
    }

    /// The same when the parts and mutations have been looked at, too: the rows are counted last.
    @Test
    void aRowLostInTheLastMomentIsCounted() throws IOException {
        try (var scene = Scene.live(Scene.PLAIN)) {
            var lost = new AtomicBoolean();
            try (var wire = new Wire(
                            scene.lab.url(),
                            sql -> {
                                if (sql.startsWith("SELECT (SELECT count() FROM") && lost.compareAndSet(false, true))
                                    loseARow(scene);
                            },
                            sql -> false);
                    var server = ClickHouse.connect(Endpoint.of(wire.url()))) {
                isNotSwapped(scene, scene.session(server), lost, " rows and ");
            }
            assertEquals(
                    1,
                    scene.journal().stream()
                            .filter(e -> e.is("swap", Event.POISONED))
                            .count());
            assertFalse(scene.journal().stream().anyMatch(e -> e.is("swap", Event.INTENT)));
            goesBack(scene);
        }
    }

    private static void loseARow(Scene scene) {
        var target = scene.migration.rewrite().target();
        long before = scene.count(target, "1");
        scene.server.execute("ALTER TABLE " + target.sql() + " DELETE WHERE uuid = (SELECT min(uuid) FROM "
                + target.sql() + ") SETTINGS mutations_sync = 2");
        assertTrue(scene.count(target, "1") < before, "vacuous: no row was lost");
    }

    /// A view that reads from the table follows its name through the EXCHANGE: one that has gone or come meanwhile
    /// is a riddle for a person, and told while nothing has been exchanged.
    @ParameterizedTest
    @Tag("slow")
    @ValueSource(booleans = {true, false})
    void aViewThatGoesOrComesWhileHeldPutsNothingAtRisk(boolean goes) {
        try (var scene = Scene.live(Scene.PLAIN)) {
            var view = scene.events().sibling("seen").sql();
            var into = scene.events().sibling("seen_uuids").sql();
            var create = "CREATE MATERIALIZED VIEW " + view + " TO " + into + " AS SELECT uuid FROM "
                    + scene.events().sql();
            var drop = "DROP VIEW " + view + " SYNC";
            scene.server.execute("CREATE TABLE " + into + " (uuid UUID) ENGINE = MergeTree ORDER BY uuid");
            if (goes) scene.server.execute(create);
            var done = new AtomicBoolean();
            var session = scene.session();
            onceHeld(session, done, () -> scene.server.execute(goes ? drop : create));
            isNotSwapped(scene, session, done, "The views that read from");
            scene.server.execute(goes ? create : drop);
            scene.migrate("resume");
            assertInstanceOf(Position.Swapped.class, Position.of(scene.session()));
            scene.assertNothingLostOrDoubled();
            assertEquals(
                    goes,
                    scene.session().catalog().dependants(scene.events()).stream()
                            .anyMatch(t -> t.sql().equals(view)));
        }
    }

    private static void onceHeld(Session session, AtomicBoolean done, Runnable what) {
        session.journal().listen(e -> {
            if (e.is("remaining", Event.DONE) && done.compareAndSet(false, true)) what.run();
        });
    }

    private static void isNotSwapped(Scene scene, Session session, AtomicBoolean done, String why) {
        var refused = assertThrows(
                Trouble.Refused.class,
                () -> new Runner(session, false, List.of()).run(scene.migration, Optional.of("resume")));
        assertTrue(done.get(), "vacuous: it came to no swap");
        assertTrue(refused.getMessage().contains(why), refused::getMessage);
        assertInstanceOf(Position.Created.class, Position.of(scene.session()));
        assertTrue(scene.ingestionOpen());
        long before = scene.count(scene.events(), "1");
        Scene.await("Kafka to be read on", () -> scene.count(scene.events(), "1") > before);
    }

    /// Running again does not pass a difference; the way back is open.
    private static void goesBack(Scene scene) {
        var again = assertThrows(Trouble.Refused.class, () -> scene.migrate("resume"));
        assertTrue(again.getMessage().contains("Running again does not pass it"), again::getMessage);
        assertTrue(scene.ingestionOpen());
        scene.rollback();
        scene.assertAsBefore();
        scene.assertNothingLostOrDoubled();
    }
}
