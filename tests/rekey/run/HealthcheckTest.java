package rekey.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.Still;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Entry.Event;
import rekey.session.Session;
import rekey.step.Position;

/// What a run does when something becomes scarce, or is no longer as it must be, while it goes.
@Tag("check")
class HealthcheckTest {
    private static Still table() {
        var still = Still.table(
                "(a UInt64, b String) ENGINE = MergeTree ORDER BY a SETTINGS parts_to_delay_insert = 10,"
                        + " parts_to_throw_insert = 20",
                "",
                "b, a",
                "");
        still.execute("INSERT INTO %s SELECT number, 'x' FROM numbers(100)");
        return still;
    }

    private static Runner watched(Session session) {
        return new Runner(session, false, List.of(new Healthcheck(Duration.ofMillis(500))));
    }

    /// What the healthcheck has said last, for all to read.
    private static String health(Still still) {
        return Entry.last(still.session().journal().entries(), Detail.Health.class)
                .map(Detail.Health::health)
                .orElse("");
    }

    /// A run that has all behind it but the pause.
    private static Session beforeThePause(Still still, Runnable then) {
        still.migrate("verify");
        var session = still.session();
        session.control().postpone(true);
        session.journal().listen(e -> {
            if (e.is("while paused", Event.BEGUN)) then.run();
        });
        return session;
    }

    /// Of the new table: a change of the old one is found by the next round, maybe before the healthcheck looks.
    @Test
    void aRefusalStopsARun() {
        try (var still = table()) {
            var session = beforeThePause(
                    still, () -> still.execute("ALTER TABLE %s COMMENT COLUMN b 'another'", still.target()));
            var stopped = assertThrows(
                    Trouble.Stopped.class, () -> watched(session).run(still.migration, Optional.of("resume")));
            assertTrue(
                    stopped.getMessage().startsWith("Stopped by the healthcheck: columns: saw ")
                            && stopped.getMessage().endsWith("or go back with rollback."),
                    stopped::getMessage);
            assertInstanceOf(Position.Created.class, Position.of(still.session()));
        }
    }

    @Test
    void aWarningSlowsItDown() throws Exception {
        try (var still = table()) {
            var session = beforeThePause(still, () -> {
                still.execute("SYSTEM STOP MERGES %s");
                // in one statement: a look between two of them tells of fewer
                still.execute("INSERT INTO %s SETTINGS max_block_size = 1, max_insert_threads = 1,"
                        + " min_insert_block_size_rows = 1, min_insert_block_size_bytes = 1"
                        + " SELECT 1000, 'y' FROM numbers(6)");
            });
            var run = Thread.ofPlatform().start(() -> watched(session).run(still.migration, Optional.of("resume")));
            Scene.await("it to be slowed down", () -> session.control().throttled() != null);
            assertTrue(
                    session.control().throttled().matches("(?s)slowed down, .*parts: saw \\d+ in partition all.*"),
                    session.control()::throttled);
            assertTrue(health(still).contains("parts: "), () -> health(still));
            still.execute("SYSTEM START MERGES %s");
            session.control().postpone(false);
            run.join();
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
            assertEquals(
                    106,
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql())
                            .number("n"));
        }
    }

    /// With as many threads as there may be, and what the run tells others of it.
    @Test
    void fewerChunksMayBeUnderWayWhileItIsScarceAndAsManyAsWasSaidBehindIt() throws Exception {
        try (var still = table()) {
            still.migrate("verify");
            var session = still.withLimits(still.limits().withThreads(4)).session();
            session.control().postpone(true);
            // before the run: a look between two statements would find it well
            still.execute("SYSTEM STOP MERGES %s");
            still.execute("INSERT INTO %s SETTINGS max_block_size = 1, max_insert_threads = 1,"
                    + " min_insert_block_size_rows = 1, min_insert_block_size_bytes = 1"
                    + " SELECT 1000, 'y' FROM numbers(6)");
            var run = Thread.ofPlatform().start(() -> watched(session).run(still.migration, Optional.of("resume")));
            Scene.await("one chunk at a time", () -> session.lanes().now() == 1);
            Scene.await("the copy to wait as well", () -> session.control().throttled() != null);
            var told = Status.of(still.session(), still.migration, null).threads();
            assertTrue(told.startsWith("1 of 4 threads: "), told);
            still.execute("SYSTEM START MERGES %s");
            still.execute("OPTIMIZE TABLE %s FINAL");
            Scene.await("four again", () -> session.lanes().now() == 4);
            Scene.await(
                    "nothing told of it",
                    () -> Status.of(still.session(), still.migration, null).threads() == null);
            session.control().postpone(false);
            run.join();
            var steps = still.session().journal().entries().stream()
                    .filter(e -> e.detail() instanceof Detail.Adapted)
                    .map(e -> ((Detail.Adapted) e.detail()).now())
                    .toList();
            // where the machine's memory is short, too, some come twice
            assertTrue(steps.containsAll(List.of(1, 2, 3, 4)), steps::toString);
            assertInstanceOf(Position.Swapped.class, Position.of(still.session()));
        }
    }

    /// Whoever wants to go back is not kept in the state that is complained of.
    @Test
    void nothingStopsAWayBack() {
        for (var until : List.of("swap", "backfill"))
            try (var still = table()) {
                still.migrate(until);
                still.execute(
                        until.equals("swap")
                                ? "ALTER TABLE %s MODIFY SETTING parts_to_delay_insert = 1"
                                : "ALTER TABLE %s MODIFY COMMENT 'another'");
                var session = still.listening(sql -> {
                    if (sql.startsWith("EXCHANGE") || sql.startsWith("DROP TABLE `"))
                        Scene.await(
                                "the healthcheck to say something",
                                () -> !health(still).isEmpty());
                });
                watched(session).rollback(still.migration);
                // on a slow machine it says behind it that all is well again
                var said = Entry.all(still.session().journal().entries(), Detail.Health.class)
                        .map(Detail.Health::health)
                        .findFirst()
                        .orElse("");
                assertTrue(said.startsWith(until.equals("swap") ? "parts: " : "definition: "), said);
                assertInstanceOf(Position.NotBegun.class, Position.of(still.session()));
                assertEquals("a", still.session().source().keys().orderBy());
            }
    }
}
