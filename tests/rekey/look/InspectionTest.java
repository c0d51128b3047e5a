package rekey.look;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.Scene;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.clickhouse.ServerError;
import rekey.ingestion.Gate;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.SomeLines;
import rekey.sheet.Grid;
import rekey.sheet.Secrets;
import rekey.step.Create;

/// What is seen of a live, fed table in the middle of a migration, on a real ClickHouse and a real Kafka.
@Tag("look")
class InspectionTest {
    private static Scene scene;
    private static ClickHouse server;
    private static TableName events;
    private static String database;

    @BeforeAll
    static void aMigrationThatHasBegun() {
        scene = Scene.live(Scene.REPLACING);
        server = scene.server;
        events = scene.events();
        database = events.database();
        server.execute("CREATE DICTIONARY " + events.sibling("teams").sql()
                + " (team_id UInt64, event String) PRIMARY KEY team_id" + " SOURCE(CLICKHOUSE(DB '" + database
                + "' TABLE 'events' PASSWORD 'sesame-word')) LAYOUT(FLAT()) LIFETIME(0)");
        server.execute("CREATE VIEW " + events.sibling("names_it").sql() + " AS SELECT team_id FROM " + events.sql());
        server.execute("CREATE TABLE " + events.sibling("events_buffer").sql() + " AS " + events.sql()
                + " ENGINE = Buffer('" + database + "', 'events', 1, 10, 100, 10000, 1000000, 10000000, 100000000)");
        server.execute("ALTER TABLE " + events.sql() + " ADD INDEX by_event event TYPE bloom_filter");
        scene.run(new Create());
    }

    @AfterAll
    static void end() {
        scene.close();
    }

    @Test
    void tablesSayWhatEachIsThereFor() {
        var grid = new Tables(server).sheet(database).grid("");
        assertEquals("source of " + scene.migration.name(), what(grid, "events"));
        assertEquals(
                "target of " + scene.migration.name(),
                what(grid, scene.migration.rewrite().target().table()));
        assertEquals("to events", what(grid, "events_mv"));
        assertEquals("topic " + scene.table.topic(), what(grid, "kafka_events"));
        assertTrue((Long) grid.find("table", "events").orElseThrow().get("rows") >= scene.table.filled());
        assertTrue(new Tables(server)
                .databases()
                .grid("")
                .find("database", database)
                .isPresent());
    }

    private static Object what(Grid grid, String table) {
        return grid.find("table", table).orElseThrow().get("what");
    }

    @Test
    void aDetachedViewIsSeen() {
        var view = events.sibling("for_a_while");
        server.execute("CREATE VIEW " + view.sql() + " AS SELECT 1");
        server.execute("DETACH TABLE " + view.sql());
        assertEquals(
                "(detached)",
                new Tables(server)
                        .sheet(database)
                        .grid("")
                        .find("table", "for_a_while")
                        .orElseThrow()
                        .get("engine"));
    }

    @Test
    void aDescriptionNamesWhoFeedsAndWhoReads() {
        var page = new Description(server).sheet(events);
        assertEquals(
                List.of("kafka_events", "events_mv", "events_buffer"),
                page.grid("fed by").texts("name"));
        assertEquals(
                List.of("events_daily", "teams", "names_it"),
                page.grid("read by").texts("name"));
        assertEquals(
                "team_id, toDate(timestamp), distinct_id, uuid", page.grid("").value(0, "sorting key"));
        assertTrue(page.grid("").value(0, "rekey").toString().contains("under way"));
        assertEquals(
                "ZSTD(3)",
                page.grid("columns").find("column", "properties").orElseThrow().get("codec"));
        assertEquals(List.of("by_event"), page.grid("indices and projections").texts("name"));
        for (int width : new int[] {80, 120})
            for (var line : page.text(width).lines().toList()) assertTrue(line.length() <= width, line);
        assertTrue(new Description(server)
                .sheet(events.sibling("events_mv"))
                .grid("")
                .value(0, "writes to")
                .toString()
                .endsWith(".events"));
        assertThrows(Trouble.Failed.class, () -> new Description(server).sheet(events.sibling("none")));
    }

    @Test
    void noPasswordIsShown() {
        assertFalse(new Description(server)
                .sheet(events.sibling("teams"))
                .vertical(200)
                .contains("sesame-word"));
        assertEquals("x_password = '[HIDDEN]', y = '1'", Secrets.hidden("x_password = 'a\\'b', y = '1'"));
    }

    @Test
    void partitionsAndParts() {
        var parts = new Parts(server);
        var partitions = parts.partitions(events).grid("partitions");
        assertTrue(partitions.rows().size() >= 3);
        var one = partitions.texts("id").getFirst();
        var grid = parts.parts(events, one, 2).grid("parts");
        assertTrue(grid.rows().size() <= 2);
        assertTrue(grid.texts("part").stream().allMatch(p -> p.startsWith(one + "_")));
        assertTrue(parts.parts(events, "none", 2).text(80).contains("no parts in partition none"));
        assertTrue(parts.partitions(scene.migration.rewrite().target()).text(80).contains("has no rows"));
    }

    @Test
    void lagWhatWaitsAndHowLongItIsKept() {
        var streams = new Streams(server, Map.of());
        var gate = new Gate(server, scene.migration.rewrite());
        gate.close(scene.session().catalog().ingestion(events));
        try {
            Scene.await(
                    "messages to pile up",
                    () -> scene.session()
                                            .catalog()
                                            .ingestion(events)
                                            .kafkaTables()
                                            .size()
                                    == 1
                            && streams.lag(streams.feeding(events)).grid("").rows().stream()
                                    .anyMatch(r -> (Long) r.get(3) > 100));
            var page = streams.lag(streams.feeding(events));
            var grid = page.grid("");
            assertEquals(4, grid.rows().size());
            assertEquals(List.of("0", "1", "2", "3"), grid.texts("partition"));
            for (var r : grid.rows()) {
                if (r.get(1) != null) assertEquals((Long) r.get(2) - (Long) r.get(1), r.get(3));
                assertTrue((Double) r.get(6) > 0 && (Double) r.get(6) <= 7 * 86400, r.toString());
                if ((Long) r.get(3) > 0) assertTrue((Double) r.get(4) < 600, r.toString());
            }
            assertTrue(page.text(80).contains("messages wait in topic"));
            assertTrue(page.grid("Kafka's disks").rows().size() == 1);
            Scene.await(
                    "the consumers to know",
                    () -> streams.consumers(streams.feeding(events)).grid("consumers").texts("waits for").stream()
                            .anyMatch(w -> w.contains("_gate")));
        } finally {
            gate.open();
        }
    }

    @Test
    void consumersHaveTheirPartitions() {
        var streams = new Streams(server, Map.of());
        // one may still be on its way into the group
        Scene.await("both to have partitions", () -> {
            var now = streams.consumers(streams.feeding(events.sibling("kafka_events")))
                    .grid("consumers");
            return now.rows().size() == 2
                    && now.texts("has").stream().noneMatch(String::isBlank)
                    && now.notes().isEmpty();
        });
        var grid = streams.consumers(streams.feeding(events.sibling("kafka_events")))
                .grid("consumers");
        assertEquals(2, grid.rows().size());
        assertEquals(
                "0 1 2 3",
                String.join(
                        " ",
                        grid.texts("has").stream()
                                .flatMap(h -> java.util.Arrays.stream(h.split(" ")))
                                .sorted()
                                .toList()));
        assertEquals(List.of(), grid.notes());
        assertTrue(streams.lag(streams.feeding(events.sibling("names_it")))
                .text(80)
                .contains("No Kafka table"));
    }

    @Test
    void kafkaThatDoesNotAnswerIsTold() {
        var streams = new Streams(
                server,
                Map.of(
                        "bootstrap.servers",
                        "127.0.0.1:1",
                        "default.api.timeout.ms",
                        "500",
                        "request.timeout.ms",
                        "400"));
        assertTrue(streams.lag(streams.feeding(events)).text(80).contains("127.0.0.1:1"));
    }

    @Test
    void aQueryIsSeenAndKilledByTheBeginningOfItsId() {
        var activity = new Activity(server);
        var id = "look-" + database + "-sleeps";
        var thread = Thread.startVirtualThread(() -> assertThrows(ServerError.class, () -> {
            try (var other = Labs.connect()) {
                other.query("SELECT sum(sleepEachRow(1)) FROM numbers(100) SETTINGS max_block_size = 1", id, Map.of());
            }
        }));
        Scene.await(
                "the query to run",
                () -> activity.queries().grid("").find("id", id).isPresent());
        assertEquals(
                "default",
                activity.queries().grid("").find("id", id).orElseThrow().get("user"));
        activity.kill(activity.query("look-" + database));
        Scene.await("the query to end", () -> !thread.isAlive());
        assertThrows(Trouble.Failed.class, () -> activity.query("look-" + database));
    }

    @Test
    void aMutationThatFailsSaysWhy() {
        var table = events.sibling("mutated");
        server.execute("CREATE TABLE " + table.sql() + " (a String) ENGINE = MergeTree ORDER BY a");
        server.execute("INSERT INTO " + table.sql() + " VALUES ('x')");
        server.execute("ALTER TABLE " + table.sql()
                + " DELETE WHERE throwIf(a = 'x', 'not this one') SETTINGS mutations_sync = 0");
        // its command says "not this one" before it has failed
        Scene.await("the mutation to fail", () -> {
            var sheet = new Activity(server).mutations();
            return sheet.text(400).contains("KILL MUTATION")
                    && sheet.grid("")
                            .find("table", table.toString())
                            .filter(r -> r.get("last failure").toString().contains("not this one"))
                            .isPresent();
        });
        server.execute("DROP TABLE " + table.sql() + " SYNC");
    }

    @Test
    void mergesThatAreHeldAreNamed() {
        var table = events.sibling("held");
        server.execute("CREATE TABLE " + table.sql()
                + " (a String) ENGINE = MergeTree ORDER BY a SETTINGS max_bytes_to_merge_at_max_space_in_pool = 1");
        assertTrue(new Activity(server)
                .merges(database)
                .grid("merges held by a setting")
                .texts("table")
                .contains("held"));
    }

    @Test
    void aFailedQueryAndOneThatWasRefusedMemory() {
        assertThrows(ServerError.class, () -> server.query("SELECT no_such_column_" + database));
        assertThrows(
                ServerError.class,
                () -> server.query("SELECT groupArray(number) AS refused_" + database + " FROM " + events.sql()
                        + ", numbers(1000) AS n SETTINGS max_memory_usage = 1000000"));
        server.execute("SYSTEM FLUSH LOGS");
        var page = new Errors(server).sheet(1);
        assertTrue(page.grid("refused memory (241); the server lives on").texts("query").stream()
                .anyMatch(q -> q.contains("refused_" + database)));
        assertTrue(page.grid("failed queries").texts("query").stream()
                .anyMatch(q -> q.contains("no_such_column_" + database)));
        assertTrue(page.grid("errors since the server started")
                .texts("error")
                .containsAll(List.of("MEMORY_LIMIT_EXCEEDED", "UNKNOWN_IDENTIFIER")));
        assertTrue(
                page.text(400).replaceAll("\\s+", " ").contains("out-of-memory kill"),
                () -> page.text(400)); // it came up less than a day ago
        assertTrue(new Activity(server)
                .slow(events, 5).grid("").texts("query").stream().anyMatch(q -> q.contains("refused_" + database)));
    }

    @Test
    void theJournalAndBothDefinitions() {
        var page = new JournalLines(scene.session().journal()).sheet(3, false);
        assertEquals(3, page.grid("").rows().size());
        assertTrue(new JournalLines(scene.session().journal())
                .sheet(100, false)
                .grid("")
                .texts("event")
                .contains("INTENT"));
        scene.session().journal().append("backfill", SomeLines.sample(1));
        assertFalse(new JournalLines(scene.session().journal())
                .sheet(100, false)
                .grid("")
                .texts("event")
                .contains("SAMPLE"));
        assertTrue(new JournalLines(scene.session().journal())
                .sheet(100, true)
                .grid("")
                .texts("event")
                .contains("SAMPLE"));
        var diff = Diff.of(scene.session());
        assertFalse(diff.same());
        assertTrue(diff.sheet(120, false).text(120).contains("SAMPLE BY cityHash64(distinct_id)"));
        assertTrue(Diff.of(server, events, events).same());
    }

    @Test
    void rowsComeIn() {
        Scene.await(
                "rows to come in",
                () -> new Inflow(server)
                                .sheet(events, 60).grid("").rows().stream()
                                        .mapToLong(r -> (Long) r.get(1))
                                        .sum()
                        > 0);
        assertTrue(new Inflow(server)
                .sheet(scene.migration.rewrite().target(), 60)
                .text(80)
                .contains("No row has come"));
    }

    @Test
    void theFirstLook() {
        var grid = new Overview(server, Map.of()).sheet(database).grid("");
        assertTrue(
                grid.texts("what")
                        .containsAll(List.of(
                                "server", "memory", "disk default", "mutations", "migration", "Kafka", "consumers")),
                grid.texts("what").toString());
        assertTrue(new Overview(
                        server,
                        Map.of(
                                "bootstrap.servers",
                                "127.0.0.1:1",
                                "default.api.timeout.ms",
                                "500",
                                "request.timeout.ms",
                                "400"))
                .sheet(database)
                .grid("")
                .find("what", "Kafka")
                .orElseThrow()
                .get("state")
                .toString()
                .contains("127.0.0.1:1"));
    }

    @Test
    void disks() {
        var grid = new Disks(server).sheet().grid("disks");
        assertTrue((Long) grid.find("disk", "default").orElseThrow().get("free") > 0);
        assertTrue(new Disks(server).sheet().grid("largest tables").rows().size() > 0);
    }

    /// Who may read only what he was given sees that, and no error.
    @Test
    void aReaderSeesTheSame() {
        try (var reader =
                ClickHouse.connect(new Endpoint(Labs.shared().url(), Labs.READER, Labs.READER, database, Map.of()))) {
            assertFalse(new Tables(reader).sheet(database).isEmpty());
            assertFalse(new Description(reader).sheet(events).isEmpty());
            new Errors(reader).sheet(1);
            new Disks(reader).sheet();
            new Activity(reader).queries();
        }
    }
}
