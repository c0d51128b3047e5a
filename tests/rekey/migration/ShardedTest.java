package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import rekey.Scene;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Sql;
import rekey.lab.ClusterDemo;
import rekey.lab.ClusterJudge;
import rekey.lab.ClusterShape;
import rekey.lab.ClusterTable;
import rekey.lab.EmbeddedLab;
import rekey.lab.EventProducer;
import rekey.lab.LabOptions;
import rekey.lab.Ledger;
import rekey.model.TableName;
import rekey.run.Runner;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Limits;
import rekey.session.Session;
import rekey.step.Finalize;
import rekey.step.Position;

/// Two shards with two replicas behind a Distributed table: one pause and one exchange over all four hosts, and each
/// row once on every replica of its shard, whatever came in by which host and by which name.
@Tag("migration")
@Tag("slow")
@Tag("heavy")
@Timeout(value = 20, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // four servers
class ShardedTest {
    /// Four servers on two cores beside other tests: a run was put off for rounds of 1.3 s that carried next to
    /// nothing.
    private static final Limits LIMITS = Limits.DEFAULT.withMaxHeld(Duration.ofSeconds(20));

    private static EmbeddedLab lab;

    @BeforeAll
    static void start() {
        lab = EmbeddedLab.start(LabOptions.temporary().withShape(new ClusterShape(2, 2)));
    }

    @AfterAll
    static void stop() {
        lab.close();
    }

    private static void migrate(ClickHouse asked, Migration migration) {
        try (var s = ClusterDemo.session(asked, migration, LIMITS, e -> {})) {
            new Runner(s, false, List.of()).run(migration, Optional.of("resume"));
            for (var shard : s.shards()) assertInstanceOf(Position.Swapped.class, Position.of(shard));
            assertFalse(Entry.last(s.journal().entries(), Detail.Apart.class).isEmpty(), "how long hosts differed");
        }
    }

    /// Put off first, by the operator's word in the last moment. Each put-off on two shards once left its guard,
    /// which looked on beside the next one: with nine of them no round was short enough any more.
    private static void migrateAfterPutOff(ClickHouse asked, Migration migration) {
        var session = new AtomicReference<Session>();
        var putOff = new AtomicInteger();
        var guards = new AtomicLong();
        var begun = new AtomicBoolean();
        try (var s = ClusterDemo.session(asked, migration, LIMITS, e -> {
            if (e.is("while paused", Entry.Event.BEGUN) && begun.compareAndSet(false, true)) {
                long before = guards();
                Thread.startVirtualThread(() -> {
                    // behind it nothing waits any more until it is no longer postponed
                    Scene.await("the first try's guard", () -> guards() > before);
                    session.get().control().postpone(true);
                });
            }
            if (e.detail() instanceof Detail.PutOff && putOff.incrementAndGet() == 1)
                session.get().control().postpone(false);
            if (e.event() == Entry.Event.HELD) guards.set(guards());
        })) {
            session.set(s);
            new Runner(s, false, List.of()).run(migration, Optional.of("resume"));
            assertInstanceOf(Position.Swapped.class, Position.of(s));
        }
        assertTrue(putOff.get() >= 1, "vacuous: it was not put off");
        assertEquals(1, guards.get(), "guards beside the pause's own");
    }

    /// Java cuts the command line of another process off before the class's name.
    private static long guards() {
        return ProcessHandle.current()
                .descendants()
                .filter(p -> {
                    try {
                        return Files.readString(Path.of("/proc/" + p.pid() + "/cmdline"))
                                .contains("rekey.ingestion.Guard");
                    } catch (IOException e) {
                        return false; // it has ended
                    }
                })
                .count();
    }

    private static void rollback(ClickHouse asked, Migration migration) {
        try (var s = ClusterDemo.session(asked, migration, LIMITS, e -> {})) {
            new Runner(s, false, List.of()).rollback(migration);
        }
    }

    private static void finish(ClickHouse asked, Migration migration) {
        try (var s = ClusterDemo.session(asked, migration, LIMITS, e -> {})) {
            new Runner(s, false, List.of()).run(new Finalize());
            for (var shard : s.shards()) assertInstanceOf(Position.Finalized.class, Position.of(shard));
        }
    }

    /// Names and definitions on every host, but for the journal.
    private static List<String> tables(List<ClickHouse> hosts, String database) {
        var out = new ArrayList<String>();
        for (var host : hosts)
            host.query("SELECT name || ' ' || create_table_query AS q FROM system.tables WHERE database = "
                            + Sql.text(database) + " AND name != 'rekey_journal' ORDER BY name")
                    .forEach(r -> out.add(host.endpoint().host() + " " + r.string("q")));
        return out;
    }

    @Test
    void fedByKafkaOnEveryHostForthAndBackAndForthAgain() {
        try (var table = new ClusterTable(lab).create().fill(20_000, 5)) {
            var migration = Events0002.of(new Catalog(table.servers().getFirst()).local(table.events()));
            assertEquals(table.local(), migration.rewrite().source());
            var before = tables(table.servers(), "posthog");
            var ledger = new Ledger();
            try (var producer = new EventProducer(
                            lab.bootstrap(),
                            table.topic(),
                            EventProducer.Options.of(100, 5).withMonths(2),
                            ledger)
                    .start()) {
                migrateAfterPutOff(table.servers().get(3), migration);
                rollback(table.servers().get(1), migration);
                assertEquals(before, tables(table.servers(), "posthog"));
                migrate(table.servers().get(2), migration);
                producer.pause();
                table.awaitConsumed(ledger, Duration.ofMinutes(2));
            }
            var judged = ClusterJudge.of(table, ledger)
                    .withBackup(migration.rewrite().backup())
                    .judge(table.local());
            assertTrue(judged.ok(), judged.toString());
            finish(table.servers().getFirst(), migration);
            for (var host : table.servers()) {
                var live = new Catalog(host).table(table.local());
                assertEquals("cityHash64(distinct_id)", live.keys().sampleBy());
                assertFalse(live.settings().containsKey(Ddl.HOLD_MERGES));
                assertFalse(new Catalog(host).exists(migration.rewrite().backup()));
            }
            var after = ClusterJudge.of(table, ledger).judge(table.local());
            assertTrue(after.ok(), after.toString());
        }
    }

    /// Plain INSERTs and async ones, into the Distributed table and the local one, through every host, all the
    /// while.
    @Test
    void writersOfAllKindsAllTheWhile() throws InterruptedException {
        var hosts = lab.hosts().stream().map(h -> h.connect()).toList();
        var local = new TableName("written", "rows_local");
        var spread = new TableName("written", "rows");
        for (var host : hosts) {
            host.execute("CREATE DATABASE written");
            host.execute("CREATE TABLE " + local.sql() + " (id UInt64, at DateTime('UTC'), v UInt64) ENGINE ="
                    + " ReplicatedMergeTree('/w/{shard}/{database}/{table}', '{replica}') PARTITION BY toYYYYMM(at)"
                    + " ORDER BY (at, id)");
            host.execute("CREATE TABLE " + spread.sql() + " AS " + local.sql()
                    + " ENGINE = Distributed(lab, written, rows_local, intHash64(id))");
        }
        var next = new AtomicLong();
        var on = new AtomicBoolean(true);
        var written = new TreeSet<Long>();
        var failed = new ArrayList<RuntimeException>();
        var writer = Thread.ofPlatform().start(() -> {
            try {
                for (int n = 0; on.get(); n++) {
                    // the lab's servers close a connection that was idle for a second
                    try (var host = lab.hosts().get(n % 4).connect()) {
                        insert(host, n / 4 % 3, local, spread, next.getAndAdd(10));
                    }
                    LockSupport.parkNanos(30_000_000);
                }
            } catch (RuntimeException e) {
                failed.add(e);
            }
        });
        var migration = Migration.of(new rekey.model.Rewrite(
                "rows_by_id", new Catalog(hosts.getFirst()).local(spread), "toYYYYMM(at)", "", "id, at", "", ""));
        try {
            migrate(hosts.get(2), migration);
            rollback(hosts.getFirst(), migration);
            migrate(hosts.get(1), migration);
        } finally {
            on.set(false);
            writer.join();
        }
        assertEquals(List.of(), failed);
        for (long id = 0; id < next.get(); id++) written.add(id);
        for (var host : hosts) host.execute("SYSTEM FLUSH DISTRIBUTED " + spread.sql());
        for (var host : hosts) host.execute("SYSTEM SYNC REPLICA " + local.sql());
        // each replica of a shard by itself, so that none hides behind the other
        for (int replica = 0; replica < 2; replica++) {
            long rows = 0, xor = 0;
            for (int shard = 0; shard < 2; shard++) {
                var r = hosts.get(shard * 2 + replica)
                        .one("SELECT count() AS n, groupBitXor(id) AS x FROM " + local.sql());
                rows += r.number("n");
                xor ^= r.number("x");
            }
            assertEquals(written.size(), rows, "rows on the replicas " + (replica + 1));
            assertEquals(written.stream().reduce(0L, (a, b) -> a ^ b), xor);
        }
        finish(hosts.get(3), migration);
        hosts.forEach(ClickHouse::close);
    }

    /// @param how 0: into the Distributed table, sent on in the background; 1: an async insert into the local one;
    ///            2: a plain one into it
    private static void insert(ClickHouse host, int how, TableName local, TableName spread, long first) {
        host.execute("INSERT INTO " + (how == 0 ? spread : local).sql() + " (id, at, v)"
                + (how == 1 ? " SETTINGS async_insert = 1, wait_for_async_insert = 1" : "")
                + " VALUES " + values(first));
    }

    private static String values(long first) {
        var out = new StringBuilder();
        for (long id = first; id < first + 10; id++)
            out.append(id == first ? "" : ", ")
                    .append("(")
                    .append(id)
                    .append(", '2026-0")
                    .append(1 + id % 3)
                    .append("-05 00:00:00', ")
                    .append(id)
                    .append(")");
        return out.toString();
    }
}
