package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Endpoint;
import rekey.clickhouse.Sql;
import rekey.clickhouse.Topology;
import rekey.lab.ClusterShape;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabOptions;
import rekey.migration.Migration;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.run.Runner;
import rekey.session.Control;
import rekey.session.Journal;
import rekey.session.Limits;
import rekey.session.Progress;
import rekey.session.Session;

/// The server of the host that copies is killed: the other one of its shard copies on, without a person's word, and
/// as soon as the lost one is back all goes to its end. Not so where that one is there for Keeper.
@Tag("cli")
@Tag("slow")
@Tag("heavy")
class LostCopierTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    /// Seconds; longer than Keeper has the session of a host that was killed.
    private static final String PATIENCE = "90";
    private static EmbeddedLab lab;

    @BeforeAll
    static void start() {
        lab = EmbeddedLab.start(LabOptions.temporary().withoutKafka().withShape(new ClusterShape(1, 2)));
        System.setProperty("rekey.patience", PATIENCE);
    }

    @AfterAll
    static void stop() {
        System.clearProperty("rekey.patience");
        lab.close();
    }

    private static ClickHouse host(int n) {
        return lab.host(1, n).connect();
    }

    private static String name(int n) {
        return lab.host(1, n).address();
    }

    private static TableName table(int inserts) {
        var table = new TableName("l" + NUMBER.incrementAndGet(), "t");
        for (int n = 1; n <= 2; n++)
            try (var host = host(n)) {
                host.execute("CREATE DATABASE " + table.database());
                host.execute("CREATE TABLE " + table.sql() + " (id UInt64, at DateTime('UTC'), v UInt64) ENGINE ="
                        + " ReplicatedMergeTree('/l/{database}', '{replica}') PARTITION BY toDate(at)"
                        + " ORDER BY (at, id)");
            }
        for (int n = 0; n < inserts; n++) insert(n % 2 + 1, table, n);
        for (int n = 1; n <= 2; n++) synced(n, table);
        return table;
    }

    private static void insert(int n, TableName table, int nth) {
        try (var host = host(n)) {
            host.execute("INSERT INTO " + table.sql() + " SELECT number + " + nth * 1000L
                    + ", toDateTime('2026-01-01 00:00:00', 'UTC') + (number % 30) * 86400, number FROM numbers(1000)");
        }
    }

    private static void synced(int n, TableName table) {
        try (var host = host(n)) {
            host.execute("SYSTEM SYNC REPLICA " + table.sql());
        }
    }

    private static Scripts.Ran ran(String alias, int by, TableName table, String... more) {
        var args = new ArrayList<>(List.of("--name", "m", "--yes"));
        if (alias.equals("migrate"))
            args.addAll(List.of("--order-by", "id, at", "--chunk-rows", "300", "--threads", "1"));
        args.addAll(List.of(more));
        return Scripts.run(alias, lab.host(1, by).url(), table, args.toArray(String[]::new));
    }

    private static CompletableFuture<Scripts.Ran> running(int by, TableName table, String... more) {
        return CompletableFuture.supplyAsync(() -> ran("migrate", by, table, more));
    }

    private static long rows(int n, TableName table) {
        try (var host = host(n)) {
            return host.query("SELECT sum(rows) AS n FROM system.parts WHERE active AND database = "
                            + Sql.text(table.database()) + " AND table = " + Sql.text(table.table()))
                    .getFirst()
                    .number("n");
        }
    }

    /// What a host that was killed had sent may still come.
    private static long settled(int n, TableName table) throws InterruptedException {
        for (long before = rows(n, table); ; before = rows(n, table)) {
            Thread.sleep(1000);
            if (rows(n, table) == before) return before;
        }
    }

    private static List<String> stagings(int n, TableName table) {
        try (var host = host(n)) {
            return host
                    .query("SELECT name FROM system.tables WHERE name LIKE '%staging%' AND database = "
                            + Sql.text(table.database()))
                    .stream()
                    .map(r -> r.string("name"))
                    .toList();
        }
    }

    private static void await(String what, BooleanSupplier there) throws InterruptedException {
        for (int i = 0; !there.getAsBoolean(); i++) {
            assertTrue(i < 6000, () -> "waited in vain for " + what);
            Thread.sleep(10);
        }
    }

    private static void same(TableName table, long rows, String key) {
        for (int n = 1; n <= 2; n++) {
            synced(n, table);
            try (var host = host(n)) {
                var r = host.one("SELECT count() AS n, uniqExact(id) AS ids FROM " + table.sql());
                assertEquals(rows + " " + rows, r.number("n") + " " + r.number("ids"), "on host " + n);
                assertEquals(key, new Catalog(host).table(table).keys().orderBy(), "on host " + n);
            }
            assertEquals(List.of(), stagings(n, table), "on host " + n);
        }
    }

    private static long lines(int n, TableName table, String which) {
        try (var host = host(n)) {
            return host.one("SELECT count() AS n FROM "
                            + table.sibling("rekey_journal").sql() + " WHERE " + which)
                    .number("n");
        }
    }

    /// In the run that is under way, with nobody there to type.
    @Test
    void theOtherHostCopiesOnByItself() throws Exception {
        var table = table(6);
        var target = table.sibling("t_rekey_m");
        var run = running(1, table, "--until", "verify");
        await("some chunks", () -> lines(2, table) >= 5);
        lab.host(1, 1).kill();
        long carried = settled(2, target);
        assertTrue(carried > 0 && carried < 6_000, "vacuous: " + carried + " rows were carried");
        try {
            insert(2, table, 6);
            // as long as that run waits for its copier nobody copies in its place
            ran("migrate", 2, table).exits(3).says("Another runner has this table");
            assertFalse(run.isDone(), () -> "vacuous: it did not wait: " + run.join());
            assertEquals(carried, rows(2, target));
            run.get().exits(0).says("Host " + name(1) + " does not answer: the others copy on without it");
            assertEquals(7_000, rows(2, target));
            ran("migrate", 2, table).exits(1).says("Host " + name(1) + " does not answer", "--host-is-gone " + name(1));
            ran("rollback", 2, table).exits(1).says("Host " + name(1), "does not answer");
            assertEquals(0, lines(2, table, "event = 'HELD' OR step = 'swap'"));
        } finally {
            lab.host(1, 1).start();
        }
        insert(1, table, 7);
        ran("migrate", 1, table).exits(0);
        same(table, 8_000, "id, at");
        insert(2, table, 8);
        ran("rollback", 1, table).exits(0);
        same(table, 9_000, "at, id");
    }

    private static long lines(int n, TableName table) {
        try (var host = host(n)) {
            return new Catalog(host).exists(table.sibling("rekey_journal")) ? lines(n, table, "event = 'ATTACHED'") : 0;
        }
    }

    private static Session session(TableName table, Migration migration, Consumer<String> seen) {
        try (var asked = host(1)) {
            return Session.of(
                    Topology.of(asked, table, "", Map.of(), Set.of()),
                    Set.of(),
                    h -> ClickHouse.connect(Endpoint.of(h.url()), seen),
                    server -> new Session(
                            server,
                            migration.rewrite(),
                            Map.of(),
                            new Journal(
                                    server,
                                    migration.rewrite().journal(),
                                    migration.name(),
                                    UUID.randomUUID().toString().substring(0, 8),
                                    Optional.empty()),
                            new Control(Limits.DEFAULT.withChunkRows(300)),
                            new Progress()),
                    sql -> {});
        }
    }

    /// The other one would copy it again, and it would be there twice when the lost one is back. So it waits; and
    /// then what that one had in staging is dropped there.
    @Test
    void whatOnlyTheLostOneAttachedIsWaitedFor() throws Exception {
        var table = table(4);
        var target = table.sibling("t_rekey_m");
        var migration = Migration.of(new Rewrite("m", table, "toDate(at)", "", "id, at", "", ""));
        var attached = new AtomicInteger();
        var stopped = new AtomicBoolean();
        try (var dying = session(table, migration, sql -> {
            if (sql.contains(" ATTACH PARTITION ") && attached.incrementAndGet() == 3 && !stopped.getAndSet(true))
                try (var host = host(2)) {
                    host.execute("SYSTEM SYNC REPLICA " + target.sql());
                    host.execute("SYSTEM STOP FETCHES " + target.sql());
                }
            if (stopped.get() && sql.contains("'ATTACHED'")) throw new Error("the tool dies here");
        })) {
            assertThrows(
                    Error.class, () -> new Runner(dying, false, List.of()).run(migration, Optional.of("backfill")));
        }
        assertTrue(stagings(1, table).size() > 0, "vacuous: nothing was left in staging");
        long fetched = rows(2, target);
        assertTrue(rows(1, target) > fetched, "vacuous: all was fetched");
        lab.host(1, 1).kill();
        CompletableFuture<Scripts.Ran> run;
        try {
            try (var host = host(2)) {
                host.execute("SYSTEM START FETCHES " + target.sql());
            }
            run = running(2, table);
            await("Keeper to know it", () -> active(2, table) == 1);
            Thread.sleep(5000);
            assertEquals(fetched, rows(2, target));
            assertFalse(run.isDone(), () -> "it did not wait: " + run.join());
        } finally {
            lab.host(1, 1).start();
        }
        run.get().exits(0);
        same(table, 4000, "id, at");
    }

    private static long active(int n, TableName table) {
        try (var host = host(n)) {
            return host.one("SELECT active_replicas AS n FROM system.replicas WHERE database = "
                            + Sql.text(table.database()) + " AND table = " + Sql.text(table.table()))
                    .number("n");
        }
    }

    /// Two would copy.
    @Test
    void oneThatThisMachineAloneCantReachIsNotReplaced() {
        var table = table(4);
        ran("migrate", 1, table, "--until", "backfill").exits(0);
        insert(1, table, 4);
        synced(2, table);
        System.setProperty("rekey.patience", "20"); // so long it is asked whether it has just started
        try {
            ran("migrate", 2, table, "--host-map", name(1) + "=http://127.0.0.1:9")
                    .exits(1)
                    .says("Host " + name(1), "by Keeper it is active", "--host-map");
        } finally {
            System.setProperty("rekey.patience", PATIENCE);
        }
        assertEquals(4000, rows(2, table.sibling("t_rekey_m")));
        assertEquals(1, lines(2, table, "event = 'LOCKED'"));
        ran("migrate", 2, table).exits(0);
        same(table, 5000, "id, at");
    }
}
