package rekey.ingestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.ChildProcess;
import rekey.Scene;
import rekey.Still;
import rekey.Wire;
import rekey.clickhouse.Endpoint;
import rekey.copy.MergeHold;
import rekey.run.ProgressLine;
import rekey.run.Runner;
import rekey.run.Standstill;
import rekey.run.Status;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Entry.Event;
import rekey.session.SomeLines;
import rekey.step.Position;

/// The process that reopens ingestion when the one that paused it is dead.
@Tag("guard")
@Tag("slow")
class GuardTest {
    /// Seconds until the deadline, from the moment on in which ingestion is held: with 8, and once with 20, the
    /// guard had opened it before a busy machine came to kill its runner.
    private static final String SOON = "45";

    @Test
    void ingestionOpensByTheDeadlineThoughItsRunnerIsDead() throws Exception {
        try (var scene = Scene.live(Scene.PLAIN)) {
            scene.migrate("verify");
            try (var runner = ChildProcess.start(
                    Pauser.class, scene.lab.url(), scene.events().database(), SOON, "pause DONE")) {
                runner.await("paused");
                assertFalse(scene.ingestionOpen());
                runner.kill();
            }
            Scene.await("ingestion to be opened", scene::ingestionOpen);
            Scene.await(
                    "the guard's word of it", () -> scene.journal().getLast().event() == Event.RESUMED);
            assertTrue(byGuard(scene.journal().getLast()));
            Scene.await(
                    "merges of the source to be given back",
                    () -> !scene.session().source().settings().containsKey("max_bytes_to_merge_at_max_space_in_pool"));
            scene.migrate("resume");
            assertInstanceOf(Position.Swapped.class, Position.of(scene.session()));
            scene.assertNothingLostOrDoubled();
            scene.shown().mustNotBeVacuous();
        }
    }

    /// Ctrl-Z stops all that the terminal has started.
    @Test
    void ctrlZStopsTheRunnerAndNotItsGuard() throws Exception {
        try (var scene = Scene.live(Scene.PLAIN)) {
            scene.migrate("create");
            var session = scene.session();
            var guard = Guard.start(
                    scene.server.endpoint(),
                    scene.migration.rewrite(),
                    session.journal().runner(),
                    "first");
            // the kernel stops nobody by it whose group has no parent in its session, as in CI: so it is asked too
            Scene.await("the guard to pass it over", () -> ignores(guard.pid(), 20));
            assertEquals(
                    0,
                    new ProcessBuilder("kill", "-TSTP", "" + guard.pid())
                            .start()
                            .waitFor());
            new Gate(scene.server, scene.migration.rewrite())
                    .close(session.catalog().ingestion(scene.events()));
            long now = HeldTime.now(scene.server);
            session.journal().append("pause", SomeLines.held("first", now, now + 1_000_000));
            Scene.await("ingestion to be opened", scene::ingestionOpen);
        }
    }

    private static boolean ignores(long pid, int signal) {
        try {
            var mask = Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                    .filter(line -> line.startsWith("SigIgn:"))
                    .findFirst()
                    .orElseThrow()
                    .replaceFirst("SigIgn:\\s*", "");
            return (Long.parseUnsignedLong(mask, 16) >> signal - 1 & 1) == 1;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A host that was cut off answers nothing more, not even that it is gone, to whoever is connected to it.
    @Test
    void itDoesNotWaitForEverForAnAnswer() throws Exception {
        try (var scene = Scene.live(Scene.PLAIN);
                var wire = new Blackhole(scene.lab.url())) {
            scene.migrate("verify");
            try (var runner =
                    ChildProcess.start(Pauser.class, wire.url(), scene.events().database(), SOON, "pause DONE")) {
                runner.await("paused");
                runner.kill();
            }
            wire.swallow();
            Scene.await("ingestion to be opened", Scene.PATIENCE, scene::ingestionOpen);
            assertTrue(wire.swallowed() > 0, "vacuous: the guard asked nothing");
            Scene.await(
                    "the guard's word of it", () -> scene.journal().getLast().event() == Event.RESUMED);
            assertTrue(byGuard(scene.journal().getLast()));
        }
    }

    /// Of one that had begun to open ingestion when the other pause closed it anew.
    @Test
    void theLateWordOfAnEarlierPausesGuardDoesNotDisarmIt() {
        try (var scene = Scene.live(Scene.PLAIN)) {
            scene.migrate("create");
            var session = scene.session();
            long now = HeldTime.now(scene.server);
            for (var hold : List.of("first", "second"))
                session.journal().append("pause", SomeLines.held(hold, now, now + 2_000_000));
            new Gate(scene.server, scene.migration.rewrite())
                    .close(session.catalog().ingestion(scene.events()));
            session.journal().append("pause", SomeLines.resumed("first", "guard"));
            Guard.start(
                    scene.server.endpoint(),
                    scene.migration.rewrite(),
                    session.journal().runner(),
                    "second");
            Scene.await("ingestion to be opened", scene::ingestionOpen);
        }
    }

    /// Its gate is opened when it is back; the others' parts must not pile up until then.
    @Test
    void aHostThatIsAwayKeepsNoOtherFromItsMerges() throws Exception {
        try (var scene = Scene.live(Scene.PLAIN)) {
            scene.migrate("create");
            var session = scene.session();
            var rewrite = session.rewrite();
            new MergeHold(session).hold(scene.events());
            assertTrue(MergeHold.held(session.source()));
            new Gate(scene.server, rewrite).close(session.catalog().ingestion(scene.events()));
            var here = scene.server.endpoint();
            Process guard;
            try (var away = new Wire(here.url(), sql -> false)) {
                var there = new Endpoint(away.url(), here.user(), here.password(), here.database(), here.properties());
                guard = Guard.start(
                        List.of(here, there), 1, rewrite, session.journal().runner(), "h");
            }
            try {
                long now = HeldTime.now(scene.server);
                session.journal().append("pause", SomeLines.held("h", now, now + 1_000_000));
                Scene.await("ingestion to be opened", scene::ingestionOpen);
                Scene.await("merges to be given back", () -> !MergeHold.held(session.source()));
                assertTrue(guard.isAlive(), "the gate of the host that is away has nobody any more");
            } finally {
                guard.destroyForcibly();
            }
        }
    }

    /// Whoever drops the journal drops no deadline.
    @Test
    void itOpensIngestionThoughTheJournalIsGone() throws Exception {
        try (var scene = Scene.live(Scene.PLAIN)) {
            scene.migrate("verify");
            try (var runner = ChildProcess.start(
                    Pauser.class, scene.lab.url(), scene.events().database(), SOON, "pause DONE")) {
                runner.await("paused");
                var paused = scene.journal().getLast().at();
                Scene.await("the guard to have looked", () -> looks(scene, paused) > 0);
                scene.server.execute(
                        "DROP TABLE " + scene.session().rewrite().journal().sql() + " SYNC");
                assertFalse(scene.ingestionOpen());
                runner.kill();
            }
            Scene.await("ingestion to be opened", scene::ingestionOpen);
        }
    }

    /// How often a pause's state was read from the journal since a moment: nobody but the guard does.
    private static long looks(Scene scene, Instant since) {
        scene.server.execute("SYSTEM FLUSH LOGS query_log");
        return scene.server
                .one("SELECT count() AS n FROM system.query_log WHERE type = 'QueryFinish' AND query LIKE '%(event"
                        + " IN (''HELD'', ''RESUMED'') OR %' AND position(query, '"
                        + scene.session().rewrite().journal().sql()
                        + "') > 0 AND query_start_time_microseconds > fromUnixTimestamp64Milli("
                        + since.toEpochMilli() + ")")
                .number("n");
    }

    /// A server that is short of memory, say, refuses the guard's questions for a while: that must not end it.
    @Test
    void itOutlivesTheServersErrors() throws Exception {
        try (var scene = Scene.live(Scene.PLAIN)) {
            scene.migrate("verify");
            var journal = scene.session().rewrite().journal().sql();
            try (var runner = ChildProcess.start(
                    Pauser.class, scene.lab.url(), scene.events().database(), SOON, "pause DONE")) {
                runner.await("paused");
                scene.server.execute(
                        "ALTER TABLE " + journal + " RENAME COLUMN detail TO away SETTINGS mutations_sync = 2");
                runner.kill();
            }
            Scene.await(
                    "the guard to be refused",
                    () -> scene.server
                                    .one("SELECT count() AS n FROM system.query_log WHERE exception_code = 47 AND"
                                            + " query LIKE '%"
                                            + scene.events().database() + "%rekey_journal%RESUMED%'")
                                    .number("n")
                            > 1);
            scene.server.execute(
                    "ALTER TABLE " + journal + " RENAME COLUMN away TO detail SETTINGS mutations_sync = 2");
            Scene.await("ingestion to be opened", scene::ingestionOpen);
        }
    }

    /// A REPL outlives its runs: when one ends with a server that is away for longer than it waits, merges stay
    /// held. They are given back by the guard, unless an attach into the live table is open: after a merge nobody
    /// could tell any more whether it has happened.
    @Test
    void ofARunThatIsOverItGivesTheMergesBackThoughItsProcessLives() throws Exception {
        try (var still = Still.table("(a UInt64) ENGINE = MergeTree ORDER BY a", "", "cityHash64(a), a", "")) {
            still.execute("INSERT INTO %s VALUES (1)");
            still.migrate("verify");
            still.execute(MergeHold.sql(still.name));
            var live = still.session().source().uuid();
            var open = SomeLines.staged("from", live, "somewhere", "", 1);
            still.session().journal().append("attach", SomeLines.attaching(open, List.of()));
            assertEquals(
                    0,
                    Guard.start(still.server.endpoint(), still.migration.rewrite(), "ended", "one")
                            .waitFor());
            assertTrue(MergeHold.held(still.session().source()), "merges may swallow what an open attach is told by");
            still.session().journal().append("attach", SomeLines.abandoned(open));
            assertEquals(
                    0,
                    Guard.start(still.server.endpoint(), still.migration.rewrite(), "ended", "two")
                            .waitFor());
            assertFalse(MergeHold.held(still.session().source()), "merges are held for ever");
        }
    }

    /// Where the deadline passes in the last moments of the way back, rows come in again: rounds to the end of them
    /// have no end.
    @Test
    void aWayBackWhoseIngestionWasReopenedIsTriedAgain() {
        try (var scene = Scene.live(Scene.PLAIN)) {
            scene.migrate("resume");
            var session = scene.session();
            var reopened = new AtomicInteger();
            var heldRounds = new AtomicInteger();
            session.journal().listen(e -> {
                if (e.event() == Event.ROUND && reopened.get() == 1 && heldRounds.incrementAndGet() > 60)
                    throw new AssertionError("rounds without end");
                if (!e.is("pause", Event.DONE) || reopened.incrementAndGet() > 1) return;
                long before = scene.count(scene.events(), "1");
                new Gate(scene.server, session.rewrite()).open();
                Scene.await("rows to come in again", () -> scene.count(scene.events(), "1") > before);
            });
            new Runner(session, false, List.of()).rollback(scene.migration);
            assertTrue(reopened.get() > 1, "vacuous");
            scene.assertAsBefore();
            scene.assertNothingLostOrDoubled();
        }
    }

    /// The guard does not ask whether the runner lives: a statement of its may hang. What comes in then is carried
    /// by more rounds, and ingestion held anew. Whoever looks on is told the time that is left.
    @Test
    void aRunnerThatIsLateGoesBackToRounds() {
        try (var scene = Scene.live(Scene.PLAIN).withLimits(Scene.LIMITS.withDeadline(Duration.ofSeconds(30)))) {
            var told = new ConcurrentLinkedQueue<String>();
            var late = new AtomicBoolean();
            var session = scene.session();
            session.journal().listen(e -> {
                if (!e.is("pause", Event.DONE) || !late.compareAndSet(false, true)) return;
                Scene.await(
                        "the time left to be told",
                        () -> told.stream().anyMatch(line -> line.matches(".*held .*, reopens in \\d+ s at most.*")));
                Scene.await(
                        "the guard to open ingestion",
                        () -> scene.journal().stream().anyMatch(GuardTest::byGuard));
                Scene.await(
                        "people to be told that it is late",
                        () -> told.stream().anyMatch(line -> line.contains("past its deadline")));
                long before = scene.count(scene.events(), "1");
                Scene.await("rows to come in again", () -> scene.count(scene.events(), "1") > before);
                session.control().limits(Scene.LIMITS);
            });
            new Runner(session, false, List.of(new ProgressLine(told::add)))
                    .run(scene.migration, Optional.of("resume"));
            assertTrue(late.get(), "vacuous: it was not late");
            assertTrue(
                    scene.journal().stream()
                            .anyMatch(e -> e.detail() instanceof Detail.PutOff p
                                    && p.why().startsWith("Ingestion was reopened meanwhile")),
                    "the runner did not see it");
            var opened = scene.journal().stream()
                    .dropWhile(e -> e.event() != Event.RESUMED)
                    .toList();
            assertTrue(byGuard(opened.getFirst()));
            var since = opened.stream().dropWhile(e -> e.event() != Event.ROUND).toList();
            assertTrue(((Detail.Round) since.getFirst().detail()).rows() > 0);
            assertEquals(
                    List.of("HELD", "INTENT", "RESUMED", "DONE"),
                    since.stream()
                            .filter(e -> e.is(Event.HELD, Event.RESUMED)
                                    || e.is("swap", Event.INTENT)
                                    || e.is("swap", Event.DONE))
                            .map(e -> e.event().name())
                            .toList());
            assertInstanceOf(Position.Swapped.class, Position.of(scene.session()));
            scene.assertNothingLostOrDoubled();
        }
    }

    /// In the moment of the swap, too, a dead runner's ingestion is opened; whoever looks is told by whom and when.
    @Test
    void oneThatDiedAtItsSwapIsStoodInForToo() throws Exception {
        try (var scene = Scene.live(Scene.PLAIN)) {
            scene.migrate("verify");
            try (var runner = ChildProcess.start(
                    Pauser.class, scene.lab.url(), scene.events().database(), SOON, "swap INTENT")) {
                runner.await("paused");
                runner.kill();
            }
            Scene.await(
                    "the dead one's hold to end",
                    () -> Standstill.of(scene.session()).isPresent() || scene.ingestionOpen());
            var standstill = Standstill.of(scene.session())
                    .orElseThrow(() -> new AssertionError("vacuous: ingestion was opened before anybody could look"));
            assertTrue(
                    standstill.sentence(standstill.since()).contains("Its guard reopens it at "),
                    standstill.sentence(standstill.since()));
            assertEquals(
                    standstill.deadline().toString(),
                    Status.of(scene.session(), scene.migration, null).reopenAt());
            Scene.await("ingestion to be opened", scene::ingestionOpen);
            Scene.await("the guard's word of it", () -> byGuard(scene.journal().getLast()));
            assertTrue(!scene.journal().getLast().at().isBefore(standstill.deadline()), "opened before its time");
            scene.migrate("resume");
            assertInstanceOf(Position.Swapped.class, Position.of(scene.session()));
            scene.assertNothingLostOrDoubled();
        }
    }

    private static boolean byGuard(Entry e) {
        return e.detail() instanceof Detail.Resumed r && r.byGuard();
    }
}
