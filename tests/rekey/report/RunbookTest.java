package rekey.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Labs;
import rekey.Rekey;
import rekey.Scene;
import rekey.SecondTopic;
import rekey.Still;
import rekey.StreamedInsert;
import rekey.lab.GuideTable;
import rekey.lab.Judge;
import rekey.model.Keys;
import rekey.model.Rewrite;
import rekey.model.TableName;

/// The runbook's SQL, taken out of the page and run by one who knows nothing of rekey, while messages come in.
@Tag("runbook")
@Tag("slow")
@Order(Integer.MAX_VALUE - 2)
class RunbookTest {
    /// Beside Kafka an INSERT runs through each exchange: what it leaves in the displaced table is carried, and what
    /// was carried into the live table does not go back with the rest.
    @ParameterizedTest
    @ValueSource(strings = {Scene.REPLACING, Scene.PLAIN})
    void byHandNothingIsLostOrDoubledForwardsAndBack(String engine) throws Exception {
        try (var scene = Scene.live(engine);
                var person = person(scene)) {
            long filled = scene.table.filled();
            person.follow("0", "1", "2", "3", "4");
            var through = insert(scene, filled);
            long before = scene.producer.ledger().count();
            person.follow("5");
            through.row(row(filled + 1));
            Scene.await(
                    "messages to be produced while held",
                    () -> scene.producer.ledger().count() > before);
            person.one("6.1");
            through.finish();
            assertEquals(
                    2,
                    scene.count(scene.migration.rewrite().backup(), ROWS + filled),
                    "vacuous: it did not land in the old table");
            person.follow("6.2", "6.3", "6.4");
            judge(scene, filled + 2);
            assertEquals(
                    "cityHash64(distinct_id)", scene.session().source().keys().sampleBy());
            mustNotBeVacuous(scene);

            scene.producer.start();
            Scene.await("rows in the new table", () -> scene.producer.ledger().count() > before + 1000);
            person.follow("B.1", "B.2", "B.3", "B.4", "B.5", "B.6");
            var back = insert(scene, filled + 2);
            person.follow("B.7", "B.8");
            back.finish();
            assertEquals(
                    0, scene.count(scene.events(), ROWS + (filled + 2)), "vacuous: it did not land in the new table");
            person.follow("B.9", "B.10", "B.11");
            judge(scene, filled + 3);
            scene.assertAsBefore();
        }
    }

    private static final String ROWS = "_partition = " + GuideTable.FILLED + " AND _offset >= ";

    private static StreamedInsert insert(Scene scene, long number) throws IOException {
        var insert = new StreamedInsert(
                scene.server,
                scene.events(),
                "(uuid, event, properties, timestamp, team_id, distinct_id, created_at, _timestamp, _offset,"
                        + " _partition)");
        insert.row(row(number));
        return insert;
    }

    /// One that the judge knows as one of those filled before.
    private static String row(long number) {
        return """
            {"uuid":"00000000-0000-0000-0000-%012d","event":"e","properties":"{}","timestamp":"2026-%02d-03 \
            04:05:06","team_id":1,"distinct_id":"d","created_at":"2026-01-01 00:00:00",\
            "_timestamp":"2026-01-01 00:00:00","_offset":%d,"_partition":%d}\
            """.formatted(number, 1 + number % 9, number, GuideTable.FILLED);
    }

    private static void judge(Scene scene, long filled) {
        scene.quiet();
        var verdict = new Judge(scene.server, scene.producer.ledger(), filled, null).judge(scene.events());
        assertTrue(verdict.ok(), verdict::toString);
    }

    /// Stopped between ATTACH and its mark, wholly and in part; taken back before the exchange; then all of it,
    /// finalize included.
    @Test
    void stoppedHalfWayThenBackThenToTheEnd() throws Exception {
        try (var scene = Scene.live(Scene.PLAIN);
                var person = person(scene)) {
            person.follow("1", "2.1");
            person.run(person.upTo("2.2", "ATTACH PARTITION"));
            var refused = assertThrows(ByHand.Refused.class, () -> person.follow("2.2"));
            assertTrue(refused.getMessage().contains("half-way"), refused::getMessage);
            var there = person.run(person.blocks.get("H.1").sql()).split("\t");
            assertEquals(there[1], there[0]);
            person.run(person.from("2.2", "-- the mark"));
            person.run(person.upTo("2.2", "-- the comparison"));
            person.follow("2.2", "2.3");

            person.run(person.upTo("2.4", "ATTACH PARTITION"));
            var target = scene.migration.rewrite().target();
            person.send("ALTER TABLE " + target.sql() + " DROP PART '"
                    + person.send("SELECT name FROM system.parts WHERE active AND database = '" + target.database()
                            + "' AND table = '" + target.table() + "' ORDER BY min_block_number DESC LIMIT 1")
                    + "'");
            assertThrows(ByHand.Refused.class, () -> person.follow("2.4"));
            person.follow("H.2", "2.4", "2.5", "3");
            assertThrows(ByHand.Refused.class, () -> person.follow("B.1"));

            person.follow("A");
            scene.assertAsBefore();
            try (var again = person(scene)) {
                again.follow("1", "2", "3", "4", "5");
                assertThrows(ByHand.Refused.class, () -> again.follow("5"));
                assertThrows(ByHand.Refused.class, () -> again.follow("A.2"));
                again.follow("6");
                scene.assertNothingLostOrDoubled();
                again.follow("7", "8");
                scene.assertNothingLostOrDoubled();
                assertTrue(
                        scene.tables().keySet().stream()
                                .noneMatch(t -> t.contains("_rekey_") || t.contains("_backup_")),
                        () -> scene.tables().toString());
            }
        }
    }

    /// Two Kafka tables, a TTL of the table and of a column, another partition key, and names that nobody writes
    /// without quotes.
    @Test
    void aTableThatIsHarder() {
        var name = new TableName(Labs.database(), "it's `events`");
        try (var scene = Scene.live(name, GuideTable.Options.GUIDE.withEngine(Scene.PLAIN));
                var second = new SecondTopic(scene)) {
            scene.server.execute("ALTER TABLE " + name.sql()
                    + " ADD COLUMN `who, \\`or\\` 'what'` String DEFAULT concat('w', toString(team_id)), ADD"
                    + " COLUMN stale String DEFAULT 's' TTL toDateTime(timestamp) + INTERVAL 29 YEAR");
            scene.server.execute("ALTER TABLE " + name.sql() + " MODIFY TTL toDateTime(timestamp) + INTERVAL 30 YEAR");
            second.view("second \"view\"", name).awaitRows();
            var migration = Rekey.migration(new Rewrite(
                    "by hand",
                    name,
                    "(toYear(timestamp), team_id % 2)",
                    "",
                    "team_id, `who, \\`or\\` 'what'`, cityHash64(uuid)",
                    "cityHash64(uuid)",
                    ""));
            try (var person = new ByHand(
                    Rekey.runbook(Rekey.session(scene.server, migration), migration, "--table ..."), scene.lab.url())) {
                person.follow("0", "1", "2", "3", "4", "5");
                assertEquals(0, scene.count(name, "NOT `who, \\`or\\` 'what'` = concat('w', toString(team_id))"));
                long before = scene.producer.ledger().count();
                Scene.await(
                        "messages to be produced while held",
                        () -> scene.producer.ledger().count() > before);
                person.follow("6");
                second.quiet();
                second.assertNothingLostOrDoubled();
                var live = Rekey.session(scene.server, migration).source();
                assertEquals(
                        new Keys(
                                "toYear(timestamp), team_id % 2",
                                "team_id, `who, \\`or\\` 'what'`, cityHash64(uuid)",
                                "team_id, `who, \\`or\\` 'what'`, cityHash64(uuid)",
                                "cityHash64(uuid)"),
                        live.keys());
                assertTrue(
                        scene.tables().get(name.table()).contains("toIntervalYear(29)")
                                && scene.tables().get(name.table()).contains("toIntervalYear(30)"),
                        () -> scene.tables().get(name.table()));
                person.follow("7", "8");
                second.assertNothingLostOrDoubled();
                assertTrue(
                        scene.tables().keySet().stream()
                                .noneMatch(t -> t.contains("_rekey_") || t.contains("_backup_")),
                        () -> scene.tables().toString());
            }
        }
    }

    /// Keys of another time zone would be those of other rows; and what a Buffer table holds comes in the moment of
    /// the swap.
    @Test
    void inAnotherTimeZoneAndBesideABuffer() {
        try (var still = Still.table(
                "(id UInt64, at DateTime) ENGINE = MergeTree PARTITION BY toYYYYMM(at) ORDER BY (toDate(at), id)",
                "toYYYYMM(at)",
                "toDate(at), cityHash64(id), id",
                "")) {
            still.execute("INSERT INTO %s SELECT number, toDateTime('2026-01-20 00:00:00', 'UTC') + number * 3600 FROM"
                    + " numbers(900)");
            var buffer = still.name.sibling("buffer");
            still.execute("CREATE TABLE " + buffer.sql() + " AS %s ENGINE = Buffer('" + still.name.database()
                    + "', 't', 1, 600, 600, 100000, 100000, 100000000, 100000000)");
            try (var person = new ByHand(
                    Rekey.runbook(still.session(), still.migration, "--table ..."),
                    Labs.shared().url())) {
                person.send("SET session_timezone = 'America/New_York'");
                person.follow("0", "1", "2", "3", "4");
                still.execute("INSERT INTO %s VALUES (1000000, '2026-01-20 00:00:00')", buffer);
                person.follow("5", "6");
            }
            var r = still.server.one("SELECT count() AS n, countIf(id = 1000000) AS late, countIf(_partition_id !="
                    + " toString(toYYYYMM(at))) AS astray FROM "
                    + still.name.sql());
            assertEquals(List.of(901L, 1L, 0L), List.of(r.number("n"), r.number("late"), r.number("astray")));
            assertTrue(still.session().source().keys().orderBy().contains("cityHash64"));
        }
    }

    private static ByHand person(Scene scene) {
        return new ByHand(
                Rekey.runbook(
                        scene.session(),
                        scene.migration,
                        "--database " + scene.events().database() + " --migration " + scene.migration.name()),
                scene.lab.url());
    }

    /// Rows came in between and were carried by rounds, late ones among them.
    private static void mustNotBeVacuous(Scene scene) {
        var marks = scene.events().sibling(scene.migration.rewrite().target().table() + "_marks");
        assertTrue(
                scene.count(marks, "way = 'forward' AND event = 'carried' AND partition = '*' AND rows > 0") >= 2,
                "rows came while it was copied");
        assertTrue(
                scene.count(
                                scene.events(),
                                "_partition != " + GuideTable.FILLED + " AND toYYYYMM(timestamp) < toYYYYMM(now())")
                        > 0,
                "late rows came");
    }
}
