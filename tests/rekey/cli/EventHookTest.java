package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rekey.Labs;
import rekey.Scene;
import rekey.migration.Events0002;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.SomeLines;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What an operator's command is told, and that it can't hurt the run.
@Tag("cli")
class EventHookTest {
    private static final Rewrite REWRITE =
            Events0002.of(new TableName("posthog", "events")).rewrite();

    @TempDir
    Path folder;

    @Test
    void aMigrationIsToldFromItsFirstStepToFinalize() throws Exception {
        try (var hits = new Hits()) {
            hits.run("migrate", "--on-event", appending()).exits(0);
            var heard = heard();
            for (var event : heard) {
                assertEquals(
                        List.of("event", "migration", "table", "step", "time", "heldMs", "error"),
                        List.copyOf(event.propertyNames()));
                assertEquals("hits_rekey", event.get("migration").asString());
                assertEquals(hits.name.toString(), event.get("table").asString());
                Instant.parse(event.get("time").asString());
            }
            var words = heard.stream().map(EventHookTest::words).toList();
            assertEquals(
                    List.of(
                            "begun plan",
                            "done plan",
                            "begun create",
                            "done create",
                            "begun backfill",
                            "done backfill"),
                    words.subList(0, 6));
            assertTrue(words.contains("swapped swap"), words::toString);
            assertEquals("waiting for finalize finalize", words.getLast());
            Files.delete(file());
            hits.run("finalize", "--yes", "--on-event", appending()).exits(0);
            assertTrue(heard().stream().anyMatch(e -> words(e).equals("finalized finalize")), () -> heard().toString());
        }
    }

    /// Each event once, in the order of what happened: the bracket's four operations one by one.
    @Test
    void whatKafkaFeedsIsToldOperationByOperation() {
        try (var server = Labs.connect()) {
            var table = Labs.guideTable(server);
            Scripts.run(
                            "migrate",
                            "--url",
                            Labs.shared().url(),
                            "--database",
                            table.events().database(),
                            "--migration",
                            "0002_events_sample_by",
                            "--max-held",
                            "20s",
                            "--deadline",
                            "50s",
                            "--on-event",
                            appending())
                    .exits(0);
            assertEquals(
                    List.of(
                            "begun plan",
                            "done plan",
                            "begun create",
                            "done create",
                            "begun backfill",
                            "done backfill",
                            "begun verify",
                            "done verify",
                            "begun pause",
                            "held pause",
                            "done pause",
                            "begun remaining",
                            "done remaining",
                            "begun swap",
                            "resumed pause",
                            "swapped swap",
                            "begun resume",
                            "done resume",
                            "begun optimize",
                            "done optimize",
                            "waiting for finalize finalize"),
                    heard().stream().map(EventHookTest::words).toList());
            assertTrue(
                    heard().stream()
                            .filter(e -> words(e).equals("resumed pause"))
                            .allMatch(e -> e.get("heldMs").asLong() > 0),
                    () -> heard().toString());
            table.drop();
        }
    }

    @Test
    void aFailureIsToldThoughTheJournalCannotBeWritten() {
        try (var hits = new Hits()) {
            hits.run("migrate", "--user", Labs.READER, "--password", Labs.READER, "--on-event", appending())
                    .exits(1);
            var last = heard().getLast();
            assertEquals("failed", last.get("event").asString());
            assertFalse(last.get("error").asString().isBlank());
        }
    }

    @Test
    void aCommandThatFailsIsComplainedOfOnce() {
        try (var hits = new Hits()) {
            var ran = hits.run("migrate", "--on-event", "echo broken pager >&2; exit 3")
                    .exits(0);
            assertEquals(
                    1,
                    ran.errorOutput()
                            .lines()
                            .filter(l -> l.contains("--on-event"))
                            .count(),
                    ran::toString);
            assertTrue(ran.errorOutput().contains("exit code 3 (broken pager)"), ran::toString);
        }
    }

    @Test
    void aCommandThatHangsIsEnded() {
        var said = new ArrayList<String>();
        try (var hook = new EventHook("sleep 1000", REWRITE, said::add, Duration.ofSeconds(3))) {
            for (int i = 0; i < 50; i++) hook.hear(entry("create", new Detail.Bare(Entry.Event.BEGUN)));
        }
        assertEquals(1, said.size(), said::toString);
        assertTrue(said.getFirst().contains("did not end"), said::toString);
        Scene.await(
                "it to be gone",
                () -> ProcessHandle.current()
                        .descendants()
                        .noneMatch(p -> p.info().command().orElse("").endsWith("sleep")));
    }

    @Test
    void theHoldIsToldWithItsTime() {
        try (var hook = new EventHook(appending(), REWRITE, said -> {
            throw new AssertionError(said);
        })) {
            hook.hear(entry("while paused", new Detail.Bare(Entry.Event.BEGUN)));
            hook.hear(entry("pause", SomeLines.held("h", 0, 1)));
            hook.hear(entry("remaining", SomeLines.round(5, 0)));
            hook.hear(entry("pause", SomeLines.resumed("h", "runner", 739L, null)));
            hook.hear(entry("", new Detail.Failed("It said \"no\".\nTwice.", "while paused", 3)));
        }
        assertEquals(
                List.of("begun pause", "held pause", "resumed pause", "failed pause"),
                heard().stream().map(EventHookTest::words).toList());
        assertEquals(739, heard().get(2).get("heldMs").asInt());
        assertEquals("It said \"no\".\nTwice.", heard().getLast().get("error").asString());
    }

    private static Entry entry(String step, Detail detail) {
        return new Entry(Instant.EPOCH, "r1", 1, step, detail);
    }

    private Path file() {
        return folder.resolve("events.jsonl");
    }

    private String appending() {
        return "cat >> '" + file() + "'";
    }

    private List<JsonNode> heard() {
        try {
            return Files.readAllLines(file()).stream()
                    .map(JsonMapper.shared()::readTree)
                    .toList();
        } catch (java.io.IOException e) {
            throw new AssertionError("nothing was heard", e);
        }
    }

    private static String words(JsonNode event) {
        return event.get("event").asString() + " " + event.get("step").asString();
    }
}
