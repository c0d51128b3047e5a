package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.Still;
import rekey.ingestion.Gate;
import rekey.model.TableName;
import rekey.step.Backfill;
import rekey.step.Create;
import rekey.step.Finalize;
import rekey.step.Optimize;
import rekey.step.Pause;
import rekey.step.Remaining;
import rekey.step.Resume;
import rekey.step.Swap;
import rekey.step.Verify;

/// Each command is run right after its dry run, and what was sent is held against what was printed. Tables that fold
/// rows, and replicated ones, have a test of their own.
@Tag("cli")
@Tag("slow")
@Order(10)
class PrintedTest {
    /// No part is merged by itself, so that what is found by its parts stays what was printed.
    private static final String DEFINITION = """
        (id UInt64, at DateTime, name String, upper String MATERIALIZED upper(name), note String TTL at + INTERVAL \
        50 YEAR) ENGINE = %s
        PARTITION BY toYYYYMM(at) ORDER BY (id, at) TTL at + INTERVAL 40 YEAR SETTINGS finished_mutations_to_keep = \
        50, min_age_to_force_merge_seconds = 100000, merge_selector_base = 1000\
        """;

    private static Still still(String engine) {
        var still = Still.table(
                DEFINITION.formatted(engine), "toYYYYMM(at)", "name, cityHash64(id), id, at", "cityHash64(id)");
        insert(still, 3000);
        return still.withLimits(Scene.LIMITS.withChunkRows(700).withThreads(1));
    }

    private static void insert(Still still, long rows) {
        insert(still, still.name, rows);
    }

    private static void insert(Still still, TableName into, long rows) {
        still.execute(
                "INSERT INTO %s (id, at, name, note) SELECT number, toDateTime('2026-01-01 00:00:00') + number % 90 *"
                        + " 86400, concat('n', toString(number % 10)), 'x' FROM numbers("
                        + rows + ")",
                into);
    }

    @Test
    void eachOperationByItselfThenBackAndToTheEnd() {
        try (var still = still("MergeTree")) {
            var bed = new PrintedAndSent(still.migration, still::listening, false);
            bed.same(new Create());
            bed.same(new Create());
            bed.same("rollback of an empty target", ConfirmedRun::rollBack);
            bed.same(new Create());
            bed.same(new Backfill());
            insert(still, 10);
            still.execute("ALTER TABLE %s DELETE WHERE id = 2999 SETTINGS mutations_sync = 1");
            bed.same(new Backfill());
            bed.same("backfill --again", ConfirmedRun::again);
            insert(still, 10);
            bed.same(new Verify());
            insert(still, 10);
            bed.same(new Pause());
            bed.same(new Pause());
            bed.same("undo pause", run -> run.undo(new Pause()));
            bed.same(new Pause());
            bed.same(new Remaining());
            // a runner died behind the first statement of its swap
            still.server.execute("RENAME TABLE " + still.target().sql() + " TO "
                    + still.name
                            .sibling(still.target().table() + "_swap_00000000_1")
                            .sql());
            bed.same(new Swap());
            bed.same(new Swap());
            bed.same(new Resume());
            bed.same(new Resume());
            insert(still, 10);
            bed.same(new Optimize());
            still.execute("ALTER TABLE %s DELETE WHERE id = 2998 SETTINGS mutations_sync = 1");
            bed.same("rollback", ConfirmedRun::rollBack);
            bed.same("migrate", run -> run.all(null));
            bed.same(new Finalize());
            bed.same("rollback of nothing", run -> run.undo(new Swap()));
        }
    }

    @Test
    void whereverItWasLeftHalfDone() {
        try (var still = still("ReplacingMergeTree")) {
            var bed = new PrintedAndSent(still.migration, still::listening, false);
            bed.same(new Create());
            bed.same("migrate after create", run -> run.all("backfill"));
            insert(still, 10);
            bed.same("rollback before the swap", ConfirmedRun::rollBack);
            // in the copy of the second chunk, then in an attach that nobody noted
            bed.dyingAt("ALTER TABLE " + still.target().sql() + " ATTACH", run -> run.all(null));
            bed.same("migrate with an open attach", run -> run.all("verify"));
            bed.dyingAt("EXCHANGE", run -> run.all(null));
            bed.same("migrate from a target under its swap's name", run -> run.all("swap"));
            bed.same("migrate after the swap", run -> run.all(null));
            insert(still, 10);
            bed.dyingAt("EXCHANGE", ConfirmedRun::rollBack);
            insert(still, 10);
            bed.same("rollback with the backup under its swap's name", ConfirmedRun::rollBack);
            still.migrate("swap");
            bed.same("rollback of a swap without its resume", ConfirmedRun::rollBack);
            still.migrate("resume");
            var once = still.name.sibling(still.target().table() + "_swap_");
            bed.dyingAt("RENAME TABLE " + once.sql().replaceFirst("`$", ""), ConfirmedRun::rollBack);
            bed.same("rollback behind the exchange", ConfirmedRun::rollBack);
            assertEquals(
                    List.of("rekey_journal", "t"),
                    still
                            .server
                            .query("SELECT name FROM system.tables WHERE database = '" + still.name.database()
                                    + "' ORDER BY name")
                            .stream()
                            .map(r -> r.string("name"))
                            .toList());
        }
    }

    /// What stands under "only where" is sent in these cases, each made here.
    @Test
    void inTheCasesThatAreSeldom() {
        try (var still = still("ReplacingMergeTree")) {
            var bed = new PrintedAndSent(still.migration, still::listening, false);
            still.migrate("backfill");
            insert(still, 62); // few enough to be carried together, of three partitions
            // of the partitions of a chunk one was attached, and the server died
            bed.dyingAt(
                    "ALTER TABLE " + still.target().sql() + " ATTACH",
                    sql -> still.server.execute(sql.substring(0, sql.indexOf(", ATTACH"))),
                    run -> run.one(new Backfill()));
            bed.sends("DROP PART", new Backfill());
            still.execute("ALTER TABLE %s DROP PARTITION ID '202602'");
            bed.sends("DROP PARTITION", new Backfill());
            bed.same(new Verify());
            bed.same(new Pause());
            bed.same(new Remaining());
            insert(still, 10); // by others than Kafka, in the moment of the exchange
            bed.sends("ATTACH PARTITION", new Swap());
            bed.same(new Resume());
            still.rollback();
            // the runner died behind the exchange, and what ran through it lies behind newer rows of its keys
            var once = still.target().table() + "_swap_";
            bed.dyingAt(
                    "RENAME TABLE " + still.name.sibling(once).sql().replaceFirst("`$", ""), run -> run.all("swap"));
            var displaced = still.session()
                    .catalog()
                    .tablesLike(still.name.database(), once)
                    .getFirst();
            insert(still, displaced, 10);
            insert(still, 5);
            bed.sends("WHERE NOT tuple(", "migrate behind the exchange", run -> run.all(null));
        }
    }

    @Test
    void whileMessagesComeIn() {
        try (var scene = Scene.live(Scene.REPLACING)) {
            var bed = new PrintedAndSent(scene.migration, scene::listening, true);
            scene.migrate("backfill");
            // the gate is made and not closed
            var closing = new Gate(scene.server, scene.migration.rewrite())
                    .closing(scene.session().catalog().ingestion(scene.events()));
            closing.subList(0, closing.size() * 2 / 3).forEach(scene.server::execute);
            bed.same("migrate with a gate half made", run -> run.all("pause"));
            bed.same(new Pause()); // it stands
            new Gate(scene.server, scene.migration.rewrite())
                    .closing(scene.session().catalog().ingestion(scene.events())).stream()
                            .limit(1)
                            .forEach(scene.server::execute);
            bed.same(new Pause()); // by half
            bed.same(new Remaining());
            bed.same(new Swap());
            bed.same(new Resume());
            bed.same("rollback", ConfirmedRun::rollBack);
            scene.assertAsBefore();
            scene.assertNothingLostOrDoubled();
            assertTrue(scene.ingestionOpen());
        }
    }
}
