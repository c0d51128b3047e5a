package rekey.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import rekey.Scene;
import rekey.cli.text.EventLine;
import rekey.run.Healthcheck;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;
import rekey.step.Pause;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the page is told of a run whose table Kafka feeds: lag, checks, the held window and its deadline, and the
/// journal's last lines.
@Tag("page")
@Timeout(value = 400, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a stream of events has no end
class FedRunOnThePageTest {
    private static PageServer pages(Scene scene) {
        var options = PageOptions.of(
                "--url",
                scene.server.endpoint().url(),
                "--database",
                scene.events().database());
        return new PageServer(options.connect(), options);
    }

    private static CompletableFuture<Void> running(Scene scene, Session session) {
        return CompletableFuture.runAsync(
                () -> new Runner(session, false, List.of(new Healthcheck())).run(scene.migration, Optional.of("swap")),
                work -> Thread.ofPlatform().daemon().start(work));
    }

    @Test
    void lagChecksAndTheJournalsLastLinesAreTold() throws Exception {
        try (var scene = Scene.live(Scene.PLAIN);
                var pages = pages(scene)) {
            var session = scene.session();
            session.control().postpone(true);
            var run = running(scene, session);
            var seen = await(
                    pages,
                    m -> m.path("checks").size() > 0
                            && m.path("lag").size() > 1
                            && m.path("journal").size() > 2
                            && !m.path("status").path("lag").isNull());
            assertTrue(seen.path("status").path("fed").asBoolean(), seen::toPrettyString);
            assertTrue(seen.path("status").path("lag").asLong(-1) >= 0, seen::toPrettyString);
            assertEquals(
                    Entry.all(scene.journal(), Detail.Sample.class)
                            .flatMap(s -> s.lag().stream())
                            .findFirst()
                            .orElseThrow(),
                    seen.path("lag").path(0).path("n").asLong(-1));
            for (var check : seen.path("checks")) {
                assertTrue(
                        List.of("ok", "warning", "refusal")
                                .contains(check.path("verdict").asString()),
                        check::toString);
                assertFalse(
                        check.path("name").asString().isEmpty()
                                || check.path("saw").asString().isEmpty(),
                        check::toString);
            }
            assertTrue(seen.path("deadline").isNull(), seen::toPrettyString);
            assertEquals(0, seen.path("holds").size());

            session.control().stop("It was seen.");
            run.handle((done, e) -> e).get(150, TimeUnit.SECONDS);
            // the last first, each as a terminal has it
            var last = scene.journal().stream()
                    .filter(e -> !EventLine.text(e).isEmpty())
                    .reduce((a, b) -> b)
                    .orElseThrow();
            var over = await(
                    pages,
                    m -> !m.path("status").path("state").asString().equals("running")
                            && m.path("journal").path(0).path("t").asLong()
                                    == last.at().toEpochMilli());
            assertEquals(0, over.path("checks").size(), "they are those of a run that goes on");
            var line = over.path("journal").path(0);
            assertEquals(last.event().name(), line.path("event").asString());
            assertTrue(EventLine.text(last).endsWith(line.path("what").asString()), line::toString);
        }
    }

    /// The countdown is the page's own, from the deadline that it is told here.
    @Test
    void theHeldWindowAndItsDeadlineAreTold() throws Exception {
        try (var scene = Scene.live(Scene.PLAIN);
                var pages = pages(scene)) {
            var before = Instant.now();
            scene.migrate("pause");
            var held = await(pages, m -> m.path("deadline").isNumber());
            var told = Entry.last(scene.journal(), Detail.Held.class).orElseThrow();
            assertEquals(told.deadline().toEpochMilli(), held.path("deadline").asLong());
            assertTrue(held.path("deadline").asLong() > before.toEpochMilli(), held::toPrettyString);
            var window = last(held);
            assertTrue(window.path("from").asLong() >= before.toEpochMilli(), held::toPrettyString);
            assertTrue(window.path("to").isNull(), held::toPrettyString);
            new Runner(scene.session(), false, List.of()).undo(new Pause());
            var open = await(pages, m -> m.path("deadline").isNull());
            window = last(open);
            assertTrue(window.path("to").asLong() >= window.path("from").asLong(), open::toPrettyString);
        }
    }

    private static JsonNode last(JsonNode migration) {
        return migration.path("holds").path(migration.path("holds").size() - 1);
    }

    /// The first sight of the migration that is such; the test's own time-out ends it where none comes.
    private static JsonNode await(PageServer pages, Predicate<JsonNode> wanted) throws Exception {
        try (var http = HttpClient.newHttpClient();
                Stream<String> lines = http.send(
                                HttpRequest.newBuilder(URI.create(pages.address() + "events"))
                                        .build(),
                                BodyHandlers.ofLines())
                        .body()) {
            var event = "";
            for (var i = lines.iterator(); i.hasNext(); ) {
                var line = i.next();
                if (line.startsWith("event: ")) event = line.substring(7);
                if (!line.startsWith("data: ") || !event.equals("sights")) continue;
                var migration = JsonMapper.shared()
                        .readTree(line.substring(6))
                        .path("migrations")
                        .path(0);
                if (!migration.isMissingNode() && wanted.test(migration)) return migration;
            }
        }
        throw new AssertionError("the stream of events has ended");
    }
}
