package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.Scene;
import rekey.Still;
import rekey.check.Check;
import rekey.check.DetachedParts;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Sql;
import rekey.ingestion.HeldTime;
import rekey.model.Trouble;
import rekey.run.RunLock;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;
import rekey.step.Finalize;
import rekey.step.Position;

/// One shard with two replicas: the same rows, names, settings and keys on both at the end, whatever came in through
/// either.
@Tag("migration")
@Tag("slow")
@Tag("heavy")
class TwoReplicasTest {
    private static final String COLUMNS =
            "(id UInt64, at DateTime('UTC'), v UInt64, note String DEFAULT 'n') ENGINE = ";
    private static final String KEYS = " PARTITION BY toYYYYMM(at) ORDER BY (at, id)";

    private static Still table(String engine, String settings) {
        var name = ReplicatedLab.table();
        var definition = COLUMNS + engine + KEYS + settings;
        try (var two = ReplicatedLab.connect(1)) {
            two.execute("CREATE TABLE " + name.sql() + " " + definition);
        }
        var still = Still.table(ReplicatedLab.connect(0), name, definition, "toYYYYMM(at)", "id, at", "");
        for (int n = 0; n < 4; n++) insert(still.server, still, n * 1000L, 1000);
        return still;
    }

    private static void insert(ClickHouse host, Still still, long first, int rows) {
        rekey.Inserts.send(
                host,
                "INSERT INTO " + still.name.sql() + " (id, at, v) SELECT number + " + first
                        + ", toDateTime('2026-01-01 00:00:00', 'UTC') + (number % 90) * 86400, number FROM numbers("
                        + rows
                        + ")");
    }

    private static Session session(Still still) {
        return still.session().with(List.of(ReplicatedLab.peer(1)));
    }

    private static void migrate(Still still, String until) {
        new Runner(session(still), false, List.of()).run(still.migration, Optional.of(until));
    }

    private static void rollback(Still still) {
        new Runner(session(still), false, List.of()).rollback(still.migration);
    }

    private static String content(ClickHouse host, Still still) {
        host.execute("SYSTEM SYNC REPLICA " + still.name.sql());
        return host.one("SELECT toString(count()) || ' ' || toString(uniqExact(id)) || ' ' ||"
                        + " toString(groupBitXor(cityHash64(tuple(*)))) AS c FROM " + still.name.sql())
                .string("c");
    }

    /// Names, definitions and paths on a host, but for the journal.
    private static List<String> tables(ClickHouse host, Still still) {
        return host
                .query("SELECT t.name || ' ' || t.create_table_query || ' ' || r.zookeeper_path AS q FROM system.tables"
                        + " AS t LEFT JOIN system.replicas AS r ON r.database = t.database AND r.table = t.name WHERE"
                        + " t.database = "
                        + Sql.text(still.name.database()) + " AND t.name != 'rekey_journal' ORDER BY q")
                .stream()
                .map(r -> r.string("q"))
                .toList();
    }

    private static void same(ClickHouse two, Still still, long ids) {
        assertEquals(tables(still.server, still), tables(two, still));
        var one = content(still.server, still);
        assertEquals(one, content(two, still));
        assertTrue(one.startsWith(ids + " " + ids + " "), () -> ids + " rows were written, and there are " + one);
    }

    /// Each host has its own: one that copies and was made anew since somebody detached them knows of none.
    @Test
    void detachedPartsOfAnotherHostKeepTheBackup() {
        try (var still = table("ReplicatedMergeTree('/t/{shard}/{database}/{table}', '{replica}')", "");
                var two = ReplicatedLab.connect(1)) {
            var partition = still.server
                    .query("SELECT partition_id AS p FROM system.parts WHERE active AND database = "
                            + Sql.text(still.name.database()) + " AND table = " + Sql.text(still.name.table()))
                    .getFirst()
                    .string("p");
            two.execute("SYSTEM SYNC REPLICA " + still.name.sql());
            still.execute("ALTER TABLE %s DETACH PARTITION ID '" + partition + "' SETTINGS alter_sync = 2");
            still.execute(
                    "ALTER TABLE %s DROP DETACHED PARTITION ID '" + partition + "' SETTINGS allow_drop_detached = 1");
            assertTrue(new Catalog(still.server).aside(still.name).isEmpty());
            assertFalse(new Catalog(two).aside(still.name).isEmpty(), "vacuous: nothing is detached on the other host");
            assertEquals(
                    Check.Level.WARNING,
                    new DetachedParts().look(session(still)).verdict());
            migrate(still, "resume");
            var refused = assertThrows(
                    Trouble.Refused.class, () -> new Runner(session(still), false, List.of()).run(new Finalize()));
            assertTrue(refused.getMessage().contains("on host "), refused::getMessage);
            assertTrue(new Catalog(two).exists(still.migration.rewrite().backup()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ReplicatedMergeTree('/t/{shard}/{database}/{table}', '{replica}')"})
    void forthAndBackAndForthAgain(String engine) throws InterruptedException {
        try (var still = table(engine, "");
                var two = ReplicatedLab.connect(1)) {
            var before = tables(still.server, still);
            var written = new AtomicLong(4000);
            var on = new AtomicBoolean(true);
            var writer = Thread.ofPlatform().start(() -> {
                for (int n = 0; on.get(); n++) {
                    insert(n % 2 == 0 ? two : still.server, still, written.getAndAdd(10), 10);
                    LockSupport.parkNanos(2_000_000_000L);
                }
            });
            try {
                migrate(still, "resume");
                assertInstanceOf(Position.Swapped.class, Position.of(session(still)));
                rollback(still);
                assertEquals(before, tables(still.server, still));
                assertEquals(before, tables(two, still));
                migrate(still, "resume");
            } finally {
                on.set(false);
                writer.join();
            }
            same(two, still, written.get());
            assertEquals(
                    "id, at",
                    two.one("SELECT sorting_key AS k FROM system.tables WHERE database = "
                                    + Sql.text(still.name.database()) + " AND name = 't'")
                            .string("k"));
            new Runner(session(still), false, List.of()).run(new Finalize());
            same(two, still, written.get());
            assertEquals(1, tables(two, still).size());
            assertFalse(tables(two, still).getFirst().contains(Ddl.BLOCK_NUMBERS));
        }
    }

    /// The tool dies between two hosts' exchanges, and between two hosts' CREATEs: the next run goes on.
    @ParameterizedTest
    @ValueSource(strings = {"CREATE TABLE", "EXCHANGE TABLES"})
    void endedBetweenTwoHosts(String where) {
        try (var still = table("ReplicatedMergeTree('/t/{shard}/{database}/{table}', '{replica}')", "");
                var two = ReplicatedLab.connect(1)) {
            var deaths = new AtomicInteger();
            var dying = still.session().with(List.of(ReplicatedLab.peer(1, sql -> {
                if (sql.startsWith(where) && !sql.contains("rekey_journal") && deaths.getAndIncrement() == 0)
                    throw new Error("the tool dies here");
            })));
            assertThrows(
                    Error.class, () -> new Runner(dying, false, List.of()).run(still.migration, Optional.of("resume")));
            assertEquals(1, deaths.get());
            insert(two, still, 4000, 10);
            migrate(still, "resume");
            same(two, still, 4010);
            insert(two, still, 4010, 10);
            rollback(still);
            same(two, still, 4020);
            assertEquals(1, tables(two, still).size());
        }
    }

    /// A row that was inserted at the other host in the moment of the EXCHANGE, deleted from the new table when that
    /// was answered, and fetched by the copier only then: its part is younger there than the DELETE.
    @ParameterizedTest
    @ValueSource(strings = {"ReplicatedMergeTree('/t/{shard}/{database}/{table}', '{replica}')"})
    void aRowThatIsFetchedLateIsNotPutBehindItsDelete(String engine) {
        try (var still = table(engine, "");
                var two = ReplicatedLab.connect(1)) {
            var backup = still.migration.rewrite().backup();
            var session = still.listening(sql -> {
                if (sql.startsWith("EXCHANGE")) {
                    still.execute("SYSTEM STOP FETCHES %s");
                    insert(two, still, 9000, 1);
                    insert(two, still, 9001, 1);
                } else if (sql.startsWith("RENAME") && sql.endsWith(backup.sql())) {
                    still.execute("ALTER TABLE %s DELETE WHERE id = 9000 SETTINGS mutations_sync = 1");
                    long deleted = still.session()
                            .catalog()
                            .mutations(still.name)
                            .getLast()
                            .second();
                    Scene.await("some seconds", () -> HeldTime.now(still.server) / 1_000_000 > deleted + 5);
                    still.server.execute("SYSTEM START FETCHES " + sql.split(" ")[2]);
                }
            });
            new Runner(session.with(List.of(ReplicatedLab.peer(1))), false, List.of())
                    .run(still.migration, Optional.of("resume"));
            var ids = still.server.query("SELECT id FROM " + still.name.sql() + " WHERE id >= 9000 ORDER BY id");
            assertEquals(List.of("9001"), ids.stream().map(r -> r.string("id")).toList());
            assertEquals(
                    2,
                    still.server
                            .one("SELECT count() AS n FROM " + backup.sql() + " WHERE id >= 9000")
                            .number("n"),
                    "vacuous: they did not come into the old table");
        }
    }

    /// Of two rows of a key with one version the later one counts. It came into the live table by the other host,
    /// and the copier had not fetched it when the earlier one was carried behind the EXCHANGE.
    @Test
    void aRowOfAnotherHostIsNotDisplacedByOneThatCameBefore() throws InterruptedException {
        try (var still = table("ReplicatedReplacingMergeTree('/t/{shard}/{database}/{table}', '{replica}', v)", "");
                var two = ReplicatedLab.connect(1)) {
            var backup = still.migration.rewrite().backup();
            var exchanged = new AtomicBoolean();
            var running = new AtomicReference<Session>();
            var later = new ArrayList<Thread>();
            var session = still.listening(sql -> {
                if (sql.startsWith("EXCHANGE")) {
                    row(two, still, "old");
                    exchanged.set(true);
                } else if (exchanged.get()
                        && sql.startsWith("INSERT INTO ")
                        && sql.contains("_staging_")
                        && later.isEmpty()) {
                    still.execute("SYSTEM STOP FETCHES %s");
                    row(two, still, "new");
                    later.add(Thread.ofPlatform().start(() -> {
                        // as long as it takes rekey to see that something is missing, where it looks
                        for (int n = 0; n < 300 && !waits(running.get()); n++) LockSupport.parkNanos(100_000_000L);
                        still.execute("SYSTEM START FETCHES %s");
                    }));
                }
            });
            running.set(session.with(List.of(ReplicatedLab.peer(1))));
            new Runner(running.get(), false, List.of()).run(still.migration, Optional.of("resume"));
            for (var thread : later) thread.join();
            assertEquals(1, later.size(), "vacuous: nothing came behind the exchange");
            assertEquals("old", note(still.server, "SELECT note FROM " + backup.sql() + " WHERE id = 9000"), "vacuous");
            for (var host : List.of(still.server, two)) {
                host.execute("SYSTEM SYNC REPLICA " + still.name.sql());
                assertEquals("new", note(host, "SELECT note FROM " + still.name.sql() + " FINAL WHERE id = 9000"));
            }
        }
    }

    /// Another cluster of the same hosts may have them by other names, and in another order.
    @Test
    void twoRunnersByDifferentHostsMeet() {
        try (var still = table("ReplicatedMergeTree('/t/{shard}/{database}/{table}', '{replica}')", "");
                var two = ReplicatedLab.connect(1)) {
            var refused = new ArrayList<RuntimeException>();
            var runners = new ArrayList<String>();
            try (var first = ReplicatedLab.copying(
                    still,
                    0,
                    sql -> {
                        if (!sql.contains(" ATTACH PARTITION ") || !runners.isEmpty()) return;
                        try (var second = byOtherNames(still, 1)) {
                            runners.add(second.journal().runner());
                            refused.add(assertThrows(
                                    RunLock.Taken.class,
                                    () -> new Runner(second, false, List.of())
                                            .run(still.migration, Optional.of("resume"))));
                            refused.add(assertThrows(
                                    RunLock.Taken.class,
                                    () -> new Runner(second, false, List.of()).rollback(still.migration)));
                            assertTrue(RunLock.holder(second).isPresent());
                        }
                    },
                    line -> {})) {
                new Runner(first, false, List.of()).run(still.migration, Optional.of("resume"));
                assertEquals(2, refused.size(), "vacuous: nobody came meanwhile");
                var mine = first.journal().runner();
                for (var e : refused) assertTrue(e.getMessage().contains(mine + " on "), e::getMessage);
                assertEquals(
                        List.of(),
                        first.journal().entries(e -> runners.contains(e.runner())).stream()
                                .map(Object::toString)
                                .toList());
            }
            same(two, still, 4000);
            try (var next = byOtherNames(still, 0)) {
                assertEquals(Optional.empty(), RunLock.holder(next));
                new Runner(next, false, List.of()).rollback(still.migration);
            }
            same(two, still, 4000);
        }
    }

    private static Session byOtherNames(Still still, int copier) {
        return ReplicatedLab.copying(still, copier, List.of("b", "a"), sql -> {}, line -> {});
    }

    /// Nobody had written it down: the run that did the exchange died in it.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void howLongHostsDifferedIsKnownThoughTheRunDied(boolean back) throws InterruptedException {
        try (var still = table("ReplicatedMergeTree('/t/{shard}/{database}/{table}', '{replica}')", "");
                var two = ReplicatedLab.connect(1)) {
            if (back) migrate(still, "resume");
            int before = apart(still).size();
            var exchanges = new AtomicInteger();
            try (var dying = ReplicatedLab.copying(
                    still,
                    0,
                    sql -> {
                        if (sql.startsWith("EXCHANGE TABLES") && exchanges.incrementAndGet() == 2)
                            throw new Error("the tool dies here");
                    },
                    line -> {})) {
                var runner = new Runner(dying, false, List.of());
                assertThrows(Error.class, () -> {
                    if (back) runner.rollback(still.migration);
                    else runner.run(still.migration, Optional.of("resume"));
                });
            }
            assertEquals(before, apart(still).size());
            Thread.sleep(1000);
            if (back) rollback(still);
            else migrate(still, "resume");
            same(two, still, 4000);
            assertEquals(before + 1, apart(still).size());
            assertTrue(
                    apart(still).getLast().toMillis() >= 1000,
                    () -> apart(still).toString());
        }
    }

    private static List<Duration> apart(Still still) {
        return Entry.all(session(still).journal().entries(), Detail.Apart.class)
                .map(Detail.Apart::apart)
                .toList();
    }

    private static boolean waits(Session session) {
        return session.progress().snapshot().note().contains("has not all of");
    }

    private static void row(ClickHouse host, Still still, String note) {
        rekey.Inserts.send(
                host, "INSERT INTO " + still.name.sql() + " VALUES (9000, '2026-01-01 00:00:00', 1, '" + note + "')");
    }

    private static String note(ClickHouse host, String sql) {
        return host.query(sql).getFirst().string("note");
    }
}
