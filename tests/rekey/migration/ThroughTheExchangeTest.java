package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.Scene;
import rekey.Still;
import rekey.StreamedInsert;
import rekey.cli.text.EventLine;
import rekey.ingestion.Consumers;
import rekey.ingestion.Gate;
import rekey.ingestion.HeldTime;
import rekey.lab.GuideTable;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry.Event;
import rekey.step.Finalize;
import rekey.step.Resume;

/// Writers that no query shows: what they have begun before an EXCHANGE lands in the table that it displaces.
@Tag("writers")
@Tag("slow")
@Order(5)
class ThroughTheExchangeTest {
    /// Ingestion is reopened in the last moment, by a person, or by the guard of a runner that hangs: a batch begins
    /// before the EXCHANGE and ends long after it.
    @Test
    void aBatchOfKafkaIsCarried() {
        try (var scene = Scene.live(
                new TableName(Labs.database(), "events"),
                GuideTable.Options.GUIDE.withEngine(Scene.PLAIN).withFlushMillis(4000))) {
            var fromKafka = "_partition != " + GuideTable.FILLED;
            var before = new AtomicLong(-1);
            var session = scene.listening(sql -> {
                if (!sql.startsWith("EXCHANGE")) return;
                new Gate(scene.server, scene.migration.rewrite()).open();
                var consumers =
                        new Consumers(scene.server, scene.session().catalog().ingestion(scene.events()));
                Scene.await("a batch to begin", () -> consumers.now().stream().anyMatch(Consumers.Consumer::used));
                before.set(scene.count(scene.events(), fromKafka));
            });
            new Runner(session, false, List.of()).run(scene.migration, Optional.of("resume"));
            scene.quiet();
            assertTrue(
                    scene.count(scene.migration.rewrite().backup(), fromKafka) > before.get(),
                    "vacuous: no batch landed in the old table");
            scene.assertNothingLostOrDoubled();
        }
    }

    /// The deadline passes while the EXCHANGE is under way: its answer came 14 s late, and the guard had opened
    /// ingestion at 10 s. What Kafka brought by then was newer than what the EXCHANGE left in the old table, and 13
    /// keys showed the older row for good.
    @Test
    void theDeadlinePassesInTheExchange() throws Exception {
        try (var scene = Scene.live(
                        new TableName(Labs.database(), "events"),
                        GuideTable.Options.GUIDE.withEngine("ReplacingMergeTree"))
                .withLimits(Scene.LIMITS.withDeadline(Duration.ofSeconds(25)))) {
            var live = scene.events();
            var row = scene.server.one("SELECT toString(uuid) AS u, formatRowNoNewline('JSONEachRow', uuid, event,"
                    + " properties, timestamp, team_id, distinct_id, created_at) AS json FROM (SELECT * REPLACE('new'"
                    + " AS properties) FROM " + live.sql() + " LIMIT 1)");
            var one = "uuid = '" + row.string("u") + "'";
            var late = new AtomicBoolean();
            var session = scene.listening(sql -> {
                if (sql.startsWith("EXCHANGE"))
                    scene.server.execute("INSERT INTO " + live.sql() + " SELECT * REPLACE('old' AS properties) FROM "
                            + live.sql() + " WHERE " + one + " LIMIT 1");
                if (!sql.startsWith("RENAME")
                        || !sql.endsWith(scene.migration.rewrite().backup().sql())
                        || !late.compareAndSet(false, true)) return;
                Scene.await(
                        "the guard to open ingestion",
                        () -> scene.journal().getLast().detail() instanceof Detail.Resumed r && r.byGuard());
                send(scene, row.string("json"));
                Scene.await("the newer row", () -> scene.count(live, one + " AND properties = 'new'") == 1);
            });
            new Runner(session, false, List.of()).run(scene.migration, Optional.of("resume"));
            assertTrue(late.get(), "vacuous: it was not late");
            assertEquals(
                    1,
                    scene.count(scene.migration.rewrite().backup(), one + " AND properties = 'old'"),
                    "vacuous: nothing was left in the old table");
            assertEquals("new", shown(scene, one));
            scene.server.execute("OPTIMIZE TABLE " + live.sql() + " FINAL");
            assertEquals("new", shown(scene, one));
            scene.rollback();
            assertEquals("new", shown(scene, one));
        }
    }

    private static String shown(Scene scene, String one) {
        return scene.server
                .one("SELECT any(properties) AS p FROM " + scene.events().sql() + " FINAL WHERE " + one)
                .string("p");
    }

    private static void send(Scene scene, String message) {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", scene.lab.bootstrap()),
                new StringSerializer(),
                new StringSerializer())) {
            producer.send(new ProducerRecord<>(scene.table.topic(), message));
        }
    }

    /// Of two rows of a key without a version the one that was inserted last stays. What comes when ingestion goes
    /// on is newer than what the old table got in the moment of the EXCHANGE.
    @Test
    void aNewerRowIsNotDisplacedByOneThatIsCarriedLate() {
        try (var still = Still.table(
                "(k UInt64, v String) ENGINE = ReplacingMergeTree ORDER BY k", "", "cityHash64(k), k", "")) {
            still.execute("INSERT INTO %s SELECT number, 'v0' FROM numbers(100)");
            var exchanged = new AtomicBoolean();
            var later = new AtomicBoolean();
            var session = still.listening(sql -> {
                if (sql.startsWith("EXCHANGE") && exchanged.compareAndSet(false, true))
                    still.execute("INSERT INTO %s VALUES (7, 'v1')");
                if (sql.contains("RESET SETTING max_bytes_to_merge")
                        && exchanged.get()
                        && later.compareAndSet(false, true)) still.execute("INSERT INTO %s VALUES (7, 'v2')");
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertTrue(later.get(), "vacuous");
            assertEquals(
                    "v2",
                    still.server
                            .one("SELECT v FROM " + still.name.sql() + " FINAL WHERE k = 7")
                            .string("v"));
        }
    }

    /// From its intent on the EXCHANGE may take long, on a busy server or a slow wire: an INSERT that begins
    /// meanwhile is older, too.
    @Test
    void anInsertThatBeginsLateIsCarried() throws Exception {
        try (var still = Still.table("(a UInt64) ENGINE = MergeTree ORDER BY a", "", "cityHash64(a), a", "")) {
            still.execute("INSERT INTO %s VALUES (1)");
            var insert = new AtomicReference<StreamedInsert>();
            var session = still.listening(sql -> {
                if (!sql.startsWith("EXCHANGE") || insert.get() != null) return;
                var intent = still.session()
                        .journal()
                        .last(e -> e.is("swap", Event.INTENT))
                        .orElseThrow()
                        .at()
                        .toEpochMilli();
                Scene.await("6 s to pass", () -> HeldTime.now(still.server) / 1000 > intent + 6000);
                try {
                    insert.set(new StreamedInsert(still.server, still.name, "(a)"));
                    insert.get().row("{\"a\": 2}");
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            var runner = Thread.ofVirtual()
                    .start(() -> new Runner(session, false, List.of()).run(still.migration, Optional.of("resume")));
            Scene.await(
                    "it to end, or to wait for that INSERT",
                    () -> !runner.isAlive()
                            || session.progress().snapshot().note().startsWith("waiting for INSERTs"));
            insert.get().finish();
            runner.join();
            assertEquals(
                    2, rows(still, still.migration.rewrite().backup()), "vacuous: it did not land in the old table");
            assertEquals(2, rows(still, still.name));
        }
    }

    /// It lands behind a DELETE that was made on the new table meanwhile, and stays; on the way back that DELETE is
    /// made on the old table too, where it would take the row.
    @Test
    void anInsertThatLandsBehindADeleteIsNotLostOnTheWayBack() throws Exception {
        try (var still = Still.table("(a UInt64) ENGINE = MergeTree ORDER BY a", "", "cityHash64(a), a", "")) {
            still.execute("INSERT INTO %s VALUES (1)");
            var insert = new StreamedInsert(still.server, still.name, "(a)");
            insert.row("{\"a\": 2}");
            var session = still.session();
            var runner = Thread.ofVirtual()
                    .start(() -> new Runner(session, false, List.of()).run(still.migration, Optional.of("resume")));
            Scene.await(
                    "it to wait for that INSERT",
                    () -> session.progress().snapshot().note().startsWith("waiting for INSERTs"));
            still.execute("ALTER TABLE %s DELETE WHERE a = 2 SETTINGS mutations_sync = 2");
            // the server keeps both moments in whole seconds
            long deleted = session.catalog().mutations(still.name).getLast().second();
            // a part's time is from a clock that is some milliseconds late: at the very beginning of the next second it
            // was still in this one
            Scene.await("another second", () -> HeldTime.now(still.server) > (deleted + 1) * 1_000_000 + 200_000);
            insert.finish();
            runner.join();
            assertEquals(2, rows(still, still.name), "vacuous: the row is not there");
            var refused = assertThrows(Trouble.Refused.class, still::rollback);
            assertTrue(
                    refused.getMessage().contains("differ")
                            && refused.getMessage().contains("INSERT them there anew"),
                    refused::getMessage);
            assertEquals(2, rows(still, still.name));
            still.execute("ALTER TABLE %s DELETE WHERE a = 2 SETTINGS mutations_sync = 2");
            still.execute("INSERT INTO %s VALUES (2)");
            still.rollback();
            assertEquals(2, rows(still, still.name));
        }
    }

    /// A DELETE has emptied a part, which the server drops with its block right after the EXCHANGE.
    @Test
    void aPartOfTheDisplacedTableThatIsGone() {
        try (var still = Still.table(
                "(a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS merge_selector_base = 1000",
                "",
                "cityHash64(a), a",
                "")) {
            still.execute("INSERT INTO %s SELECT number FROM numbers(10)");
            still.execute("INSERT INTO %s VALUES (77)");
            var session = still.listening(sql -> {
                if (sql.startsWith("RENAME")
                        && sql.endsWith(still.migration.rewrite().backup().sql()))
                    still.server.execute("ALTER TABLE " + sql.split(" ")[2] + " DROP PART '"
                            + still.server
                                    .one("SELECT name AS n FROM system.parts WHERE active AND rows = 1 AND database = '"
                                            + still.name.database() + "' AND table = '"
                                            + sql.split(" ")[2].replaceAll(".*\\.`(.*)`", "$1") + "'")
                                    .string("n")
                            + "'");
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertEquals(10, rows(still, still.migration.rewrite().backup()), "vacuous: the part is there");
            assertEquals(11, rows(still, still.name));
        }
    }

    /// A Buffer table flushes beside all queries, into the table that had the name when it began.
    @Test
    void theFlushOfABufferIsCarried() throws Exception {
        try (var still = Still.table(
                "(a UInt64, slow UInt8 MATERIALIZED sleepEachRow(2)) ENGINE = MergeTree ORDER BY a",
                "",
                "cityHash64(a), a",
                "")) {
            var buffer = still.name.sibling("buffer");
            still.execute(
                    "CREATE TABLE %s (a UInt64) ENGINE = Buffer('" + still.name.database()
                            + "', 't', 1, 1000, 1000, 100000, 100000, 100000000, 100000000)",
                    buffer);
            still.execute("INSERT INTO %s VALUES (1)");
            var flush = new AtomicBoolean();
            var flushed = new AtomicBoolean();
            var session = still.listening(sql -> {
                if (!sql.startsWith("EXCHANGE") || flush.getAndSet(true)) return;
                still.execute("INSERT INTO %s VALUES (2)", buffer);
                Thread.ofVirtual().start(() -> {
                    try (var own = Labs.connect()) {
                        own.execute("OPTIMIZE TABLE " + buffer.sql());
                        flushed.set(true);
                    }
                });
                Scene.await(
                        "the flush to begin",
                        () -> flushed.get()
                                || still.server
                                                .one("SELECT count() AS n FROM system.processes WHERE query_kind ="
                                                        + " 'Optimize' AND position(query, '" + still.name.database()
                                                        + "') > 0 AND ProfileEvents['StorageBufferFlush'] > 0")
                                                .number("n")
                                        > 0);
            });
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            var backup = still.migration.rewrite().backup();
            Scene.await("the flush to end", () -> rows(still, backup) + rows(still, still.name) > 2);
            assertEquals(2, rows(still, backup), "vacuous: it did not land in the old table");
            assertEquals(2, rows(still, still.name));
        }
    }

    /// It can't be made on the live table's carried rows alone with the same meaning: a person is told.
    @Test
    void aMutationOfTheMomentIsSaid() {
        try (var still = Still.table("(a UInt64) ENGINE = MergeTree ORDER BY a", "", "cityHash64(a), a", "")) {
            still.execute("INSERT INTO %s SELECT number FROM numbers(10)");
            var told = new ArrayList<String>();
            var session = still.listening(sql -> {
                if (sql.startsWith("EXCHANGE"))
                    still.execute("ALTER TABLE %s DELETE WHERE a IN (SELECT 3) SETTINGS mutations_sync = 1");
            });
            session.journal().listen(e -> told.add(EventLine.text(e)));
            new Runner(session, false, List.of()).run(still.migration, Optional.of("resume"));
            assertEquals(10, rows(still, still.name));
            assertTrue(
                    told.stream().anyMatch(t -> t.contains("DELETE WHERE a IN") && t.contains("by hand")),
                    told::toString);
        }
    }

    /// Whatever came into the backup since and was not carried is not dropped with it.
    @Test
    void aBackupThatGotRowsIsKept() {
        try (var still =
                Still.table("(a UInt64, p UInt8) ENGINE = MergeTree PARTITION BY p ORDER BY a", "p", "p, a", "")) {
            for (int i = 0; i < 4; i++) still.execute("INSERT INTO %s SELECT number, number % 2 FROM numbers(10)");
            still.migrate("resume");
            var backup = still.migration.rewrite().backup();
            still.execute("OPTIMIZE TABLE %s FINAL", backup);
            still.execute("INSERT INTO %s VALUES (77, 0)", backup);
            var refused = assertThrows(Trouble.Refused.class, () -> still.run(new Finalize()));
            assertTrue(
                    refused.getMessage().contains("1 row")
                            && refused.getMessage().contains("run resume"),
                    refused::getMessage);
            still.run(new Resume());
            assertEquals(
                    1,
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql() + " WHERE a = 77")
                            .number("n"));
            still.run(new Finalize());
        }
        try (var still =
                Still.table("(a UInt64, p UInt8) ENGINE = MergeTree PARTITION BY p ORDER BY a", "p", "p, a", "")) {
            for (int i = 0; i < 4; i++) still.execute("INSERT INTO %s SELECT number, number % 2 FROM numbers(10)");
            still.migrate("resume");
            still.execute("OPTIMIZE TABLE %s FINAL", still.migration.rewrite().backup());
            still.run(new Finalize());
        }
    }

    private static long rows(Still still, TableName table) {
        return still.server.one("SELECT count() AS n FROM " + table.sql()).number("n");
    }
}
