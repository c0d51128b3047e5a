package rekey.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rekey.Labs;
import rekey.model.TableName;
import rekey.model.Trouble;
import tools.jackson.databind.json.JsonMapper;

/// What is written down in one order is read in that order.
@Tag("journal")
class JournalTest {
    /// A machine's clock is set, or stands still while it sleeps; a guard's line comes from another process.
    @Test
    void theOrderOfItsLinesIsTheOneInWhichTheyWereWritten() {
        try (var server = Labs.connect()) {
            var table = new TableName(Labs.database(), "rekey_journal");
            var wall = new AtomicReference<>(Instant.now());
            var journal = new Journal(server, table, "m", "runner", Optional.empty(), wall::get);
            var guard = new Journal(server, table, "m", "guard", Optional.empty());
            journal.open();
            for (var by : List.of(
                    Duration.ZERO, Duration.ofHours(-1), Duration.ZERO, Duration.ofHours(3), Duration.ofHours(-2))) {
                wall.set(Instant.now().plus(by));
                var line = journal.append("runner", new Detail.Bare(Entry.Event.NOTE));
                guard.append("guard", new Detail.Bare(Entry.Event.NOTE));
                assertTrue(
                        Duration.between(
                                                line.at(),
                                                guard.append("guard", new Detail.Bare(Entry.Event.NOTE))
                                                        .at())
                                        .abs()
                                        .toMinutes()
                                < 10,
                        line::toString);
            }
            assertEquals(
                    "runner guard guard ".repeat(5).strip(),
                    String.join(" ", journal.entries().stream().map(Entry::step).toList()));
        }
    }

    /// What was put off is written with the next line, before it, in one statement; and it is read so.
    @Test
    void whatIsPutOffComesWithTheNextLine() {
        try (var server = Labs.connect()) {
            var table = new TableName(Labs.database(), "rekey_journal");
            var told = new ArrayList<String>();
            var sent = new ArrayList<String>();
            var journal = new Journal(server.listening(sent::add), table, "m", "runner", Optional.empty());
            journal.open();
            journal.listen(e -> told.add(e.step()));
            journal.append("first", new Detail.Bare(Entry.Event.BEGUN));
            journal.alone();
            assertEquals(1, journal.entries().size());
            sent.clear();
            journal.appendLater("second", new Detail.Took(Duration.ofMillis(7)));
            journal.appendLater("third", new Detail.Took(Duration.ofMillis(8)));
            assertEquals(List.of(), sent);
            journal.append("fourth", new Detail.Bare(Entry.Event.BEGUN));
            assertEquals(1, sent.size());
            var order = List.of("first", "second", "third", "fourth");
            assertEquals(order, told);
            for (var lines : List.of(journal.entries(), journal.fresh("1"))) {
                assertEquals(order, lines.stream().map(Entry::step).toList());
                assertEquals(new Detail.Took(Duration.ofMillis(8)), lines.get(2).detail());
                assertEquals(4, lines.stream().map(Entry::at).distinct().count());
            }
        }
    }

    /// A runner in whose place another is keeps to itself what it had put off, too.
    @Test
    void whatIsPutOffIsNotWrittenByOneWhoWasReplaced() {
        try (var server = Labs.connect()) {
            var table = new TableName(Labs.database(), "rekey_journal");
            var first = new Journal(server, table, "m", "first", Optional.empty());
            first.open();
            first.append("", new Detail.ServerBack("taken"));
            first.appendLater("put off", new Detail.Took(Duration.ofMillis(7)));
            new Journal(server, table, "m", "second", Optional.empty()).append("", new Detail.ServerBack("taken"));
            assertThrows(Trouble.Stopped.class, () -> first.append("create", new Detail.Bare(Entry.Event.BEGUN)));
            assertEquals(2, first.fresh("1").size());
        }
    }

    /// The operator's own disk is full, the server has every line: that is said once, and the run goes on.
    @Test
    void aLocalCopyThatCantBeWrittenEndsNoRun(@TempDir Path folder) throws Exception {
        Assumptions.assumeTrue(Files.exists(Path.of("/dev/full")), "there is no /dev/full here");
        try (var server = Labs.connect()) {
            var copy = Files.createSymbolicLink(folder.resolve("m.jsonl"), Path.of("/dev/full"));
            var journal = new Journal(
                    server, new TableName(Labs.database(), "rekey_journal"), "m", "runner", Optional.of(copy));
            var told = new ArrayList<String>();
            journal.listen(e -> {
                if (e.detail() instanceof Detail.NoCopy n) told.add(n.why());
            });
            journal.open();
            journal.append("first", new Detail.Bare(Entry.Event.BEGUN));
            journal.append("second", new Detail.Bare(Entry.Event.BEGUN));
            assertEquals(
                    List.of("first", "", "second"),
                    journal.fresh("1").stream().map(Entry::step).toList());
            assertEquals(1, told.size(), told::toString);
            assertTrue(told.getFirst().contains("No space left on device"), told::toString);
            assertTrue(told.getFirst().contains("REKEY_STATE"), told::toString);
            Files.delete(copy);
            journal.append("third", new Detail.Bare(Entry.Event.BEGUN));
            journal.append("fourth", new Detail.Bare(Entry.Event.BEGUN));
            assertEquals(1, told.size(), told::toString);
            assertEquals(
                    List.of("third", "fourth"),
                    Files.readAllLines(copy).stream()
                            .filter(line -> !line.isEmpty()) // behind what may have been the half of one
                            .map(line -> JsonMapper.shared()
                                    .readTree(line)
                                    .path("step")
                                    .asString())
                            .toList());
        }
    }

    /// Which line is the last tells whether ingestion is held, what was undone, whether a difference is open.
    @Test
    void theOrderStaysThoughTheServersClockWasPutBack() {
        try (var server = Labs.connect()) {
            var table = new TableName(Labs.database(), "rekey_journal");
            var runner = new Journal(server, table, "m", "runner", Optional.empty());
            runner.open();
            server.execute("INSERT INTO " + table.sql()
                    + " SELECT now64(6) + INTERVAL 1 HOUR, 'm', 'before', 1, 'before', 'BEGUN', '{}'");
            for (int i = 0; i < 3; i++) runner.append("runner", new Detail.Bare(Entry.Event.NOTE));
            new Journal(server, table, "m", "a guard", Optional.empty())
                    .append("guard", new Detail.Bare(Entry.Event.NOTE));
            runner.append("runner", new Detail.Bare(Entry.Event.NOTE));
            assertEquals(
                    "before runner runner runner guard runner",
                    String.join(" ", runner.fresh("1").stream().map(Entry::step).toList()));
        }
    }

    /// A guard reckons the server's clock from its own machine's: a little ahead of the runner's, or behind it.
    @Test
    void theOrderStaysThoughAGuardsClockIsAhead() {
        try (var server = Labs.connect()) {
            var table = new TableName(Labs.database(), "rekey_journal");
            var wall = new AtomicReference<>(Duration.ZERO);
            var runner = new Journal(
                    server,
                    table,
                    "m",
                    "runner",
                    Optional.empty(),
                    () -> Instant.now().plus(wall.get()));
            var guard = new Journal(server, table, "m", "a guard", Optional.empty());
            runner.open();
            runner.append("", new Detail.Locked("run"));
            wall.set(Duration.ofMillis(-45));
            guard.append("pause", SomeLines.resumed("h", "guard"));
            runner.append("", new Detail.Unlocked("run"));
            assertEquals(
                    "LOCKED RESUMED UNLOCKED",
                    String.join(
                            " ",
                            runner.fresh("1").stream()
                                    .map(e -> e.event().name())
                                    .toList()));
        }
    }

    /// A line of a dead runner may be on its way for as long as its connection lasts, and reach the server when the
    /// next one is at work.
    @Test
    void aRunnerInWhosePlaceAnotherIsWritesNothing() {
        try (var server = Labs.connect()) {
            var table = new TableName(Labs.database(), "rekey_journal");
            var first = new Journal(server, table, "m", "first", Optional.empty());
            var second = new Journal(server, table, "m", "second", Optional.empty());
            first.open();
            first.append("", new Detail.Locked("run"));
            first.append("step", new Detail.Bare(Entry.Event.INTENT));
            second.append("", new Detail.Locked("run"));
            for (var detail : List.of(
                    new Detail.Bare(Entry.Event.UNDONE),
                    new Detail.Bare(Entry.Event.BEGUN),
                    new Detail.Failed("why", "create", 1),
                    new Detail.Unlocked("run")))
                assertThrows(Trouble.Stopped.class, () -> first.append("create", detail));
            second.append("step", new Detail.Bare(Entry.Event.DONE));
            new Journal(server, table, "m", "a guard", Optional.empty())
                    .append("pause", SomeLines.resumed("h", "guard"));
            second.append("", new Detail.Unlocked("run"));
            // its server was away, it has the lock anew, and says so
            first.append("", new Detail.ServerBack("why"));
            first.append("step", new Detail.Bare(Entry.Event.DONE));
            assertEquals(
                    "LOCKED INTENT LOCKED DONE RESUMED UNLOCKED NOTE DONE",
                    String.join(
                            " ",
                            second.fresh("1").stream()
                                    .map(e -> e.event().name())
                                    .toList()));
        }
    }

    /// Such as the parts of a chunk under a fine partition key, or the plan of a table with thousands of partitions:
    /// a statement may have 256 KiB by default.
    @Test
    void aLineMayBeLong() {
        try (var server = Labs.connect()) {
            var journal =
                    new Journal(server, new TableName(Labs.database(), "rekey_journal"), "m", "r", Optional.empty());
            journal.open();
            var parts = "20260101-17/1234567/9bc1be6d75e546b73ea47d028348d767 ".repeat(20_000);
            journal.append("copy", new Detail.Text(parts));
            assertEquals(new Detail.Text(parts), journal.fresh("1").getFirst().detail());
        }
    }
}
