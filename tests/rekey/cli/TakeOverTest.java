package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
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

/// Another host of a shard copies on, where the one before is told to stop or never comes back: no row is lost, none
/// comes twice.
@Tag("cli")
@Tag("slow")
@Tag("heavy")
class TakeOverTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static EmbeddedLab lab;

    @BeforeAll
    static void start() {
        lab = EmbeddedLab.start(LabOptions.temporary().withoutKafka().withShape(new ClusterShape(1, 3)));
    }

    @AfterAll
    static void stop() {
        lab.close();
    }

    private static ClickHouse host(int n) {
        return lab.host(1, n).connect();
    }

    private static String name(int n) {
        return lab.host(1, n).address();
    }

    /// How a definition names the table's path in Keeper and the replica: the journal has definitions, too.
    private enum Named {
        MACRO("'/k/{database}', '{replica}'"),
        ITSELF("'/k/{database}', 'r%d'"),
        /// As the server's default path: such a table has one UUID on all hosts.
        UUID("'/k/{uuid}', '{replica}'");

        private final String arguments;

        Named(String arguments) {
            this.arguments = arguments;
        }
    }

    private static TableName table(Named named) {
        var table = new TableName("k" + NUMBER.incrementAndGet(), "t");
        var uuid = named == Named.UUID ? " UUID '" + UUID.randomUUID() + "'" : "";
        for (int n = 1; n <= 3; n++)
            try (var host = host(n)) {
                host.execute("CREATE DATABASE " + table.database());
                host.execute(
                        "CREATE TABLE " + table.sql() + uuid + " (id UInt64, at DateTime('UTC'), v UInt64) ENGINE ="
                                + " ReplicatedMergeTree(" + named.arguments.formatted(n)
                                + ") PARTITION BY toYYYYMM(at) ORDER BY (at, id)");
            }
        for (int n = 1; n <= 3; n++) insert(n, table, n * 1000L);
        return table;
    }

    private static void insert(int n, TableName table, long first) {
        try (var host = host(n)) {
            host.execute("INSERT INTO " + table.sql() + " SELECT number + " + first
                    + ", toDateTime('2026-01-01 00:00:00', 'UTC') + (number % 90) * 86400, number FROM numbers(1000)");
        }
    }

    private static Scripts.Ran ran(String alias, int by, TableName table, String... more) {
        var args = new ArrayList<>(List.of("--order-by", "id, at", "--chunk-rows", "300"));
        if (!List.of("plan", "migrate", "rollback", "verify").contains(alias))
            args.subList(2, 4).clear();
        args.addAll(List.of(more));
        return Scripts.run(alias, lab.host(1, by).url(), table, args.toArray(String[]::new));
    }

    private static void same(TableName table, long rows, String key, int... on) {
        for (int n : on)
            try (var host = host(n)) {
                host.execute("SYSTEM SYNC REPLICA " + table.sql());
                var r = host.one("SELECT count() AS n, uniqExact(id) AS ids FROM " + table.sql());
                assertEquals(rows + " " + rows, r.number("n") + " " + r.number("ids"), "on host " + n);
                assertEquals(key, new Catalog(host).table(table).keys().orderBy(), "on host " + n);
                assertEquals(
                        List.of(),
                        host
                                .query("SELECT name FROM system.tables WHERE name LIKE '%staging%' AND database = "
                                        + Sql.text(table.database()))
                                .stream()
                                .map(row -> row.string("name"))
                                .toList());
            }
    }

    /// Who copies is remembered, and told whichever host is asked.
    @Test
    void anotherHostCopiesOnWhenItIsTold() {
        for (var named : Named.values()) {
            var table = table(named);
            ran("plan", 3, table).exits(0).says(name(1) + " copies");
            ran("migrate", 1, table, "--yes", "--until", "backfill").exits(0);
            insert(3, table, 4000);
            ran("plan", 1, table, "--copier", name(2)).exits(0).says(name(2) + " copies");
            ran("migrate", 3, table, "--yes", "--until", "verify", "--copier", name(2))
                    .exits(0);
            ran("plan", 3, table).exits(0).says(name(2) + " copies");
            insert(1, table, 5000);
            ran("migrate", 3, table, "--yes").exits(0);
            same(table, 5000, "id, at", 1, 2, 3);
            insert(1, table, 6000);
            ran("rollback", 2, table, "--yes", "--copier", name(3)).exits(0);
            same(table, 6000, "at, id", 1, 2, 3);
            ran("migrate", 2, table, "--yes").exits(0);
            insert(2, table, 7000);
            ran("verify", 2, table, "--copier", name(1)).exits(0);
            ran("finalize", 2, table, "--yes", "--copier", name(1)).exits(0);
            same(table, 7000, "id, at", 1, 2, 3);
            for (int n = 1; n <= 3; n++)
                try (var host = host(n)) {
                    assertEquals(
                            "rekey_journal,t",
                            host.one("SELECT arrayStringConcat(arraySort(groupArray(name)), ',') AS n FROM"
                                            + " system.tables WHERE database = " + Sql.text(table.database()))
                                    .string("n"));
                }
        }
    }

    @Test
    void aHostThatIsNotThereCantCopy() {
        ran("plan", 1, table(Named.MACRO), "--copier", "nowhere").exits(2).complains("no host nowhere", name(2));
        ran("plan", 1, table(Named.MACRO), "--host-is-gone", "nowhere").exits(2).complains("no host nowhere");
        ran("plan", 1, table(Named.MACRO), "--host-is-gone", name(2)).exits(3).complains(name(2), "answers");
    }

    /// The session of a run whose statements are seen, with one host first.
    private static Session session(TableName table, Migration migration, int copier, Consumer<String> seen) {
        return session(table, migration, copier, seen, sql -> {});
    }

    /// @param sent to another host
    private static Session session(
            TableName table, Migration migration, int copier, Consumer<String> seen, Consumer<String> sent) {
        try (var asked = host(1)) {
            var topology = Topology.of(asked, table, "", Map.of(), Set.of()).copiedBy(List.of(name(copier)));
            return Session.of(
                    topology,
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
                    sent);
        }
    }

    /// Fetches are stopped when the target is there: of all tables that there are by then.
    private static void diesBehindAnAttachThatNobodyFetches(TableName table, Migration migration) {
        for (int n = 1; n <= 3; n++)
            try (var host = host(n)) {
                host.execute("SYSTEM SYNC REPLICA " + table.sql());
            }
        var stopped = new AtomicBoolean();
        try (var dying = session(table, migration, 1, sql -> {
            if (sql.contains(" ATTACH PARTITION ") && stopped.compareAndSet(false, true))
                for (int n = 2; n <= 3; n++)
                    try (var host = host(n)) {
                        host.execute("SYSTEM STOP FETCHES");
                    }
            if (sql.contains("'ATTACHED'")) throw new Error("the tool dies here");
        })) {
            assertThrows(
                    Error.class, () -> new Runner(dying, false, List.of()).run(migration, Optional.of("backfill")));
        }
        for (int n = 2; n <= 3; n++)
            try (var host = host(n)) {
                assertTrue(
                        host.one("SELECT count() AS n FROM system.replication_queue WHERE startsWith(table,"
                                                + " 't_rekey_m') AND database = " + Sql.text(table.database()))
                                        .number("n")
                                > 0,
                        "vacuous: all was fetched");
            }
    }

    /// What the host before attached is in the log, and nobody has fetched it: it would be copied again, and be
    /// there twice when it comes.
    @Test
    void anAttachThatNobodyHasFetchedIsWaitedFor() throws InterruptedException {
        var table = table(Named.MACRO);
        var migration = Migration.of(new Rewrite("m", table, "toYYYYMM(at)", "", "id, at", "", ""));
        diesBehindAnAttachThatNobodyFetches(table, migration);
        var back = Thread.ofPlatform().start(() -> {
            try {
                Thread.sleep(3000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            for (int n = 2; n <= 3; n++)
                try (var host = host(n)) {
                    host.execute("SYSTEM START FETCHES");
                }
        });
        try (var next = session(table, migration, 2, sql -> {})) {
            new Runner(next, false, List.of()).run(migration, Optional.of("resume"));
        }
        back.join();
        same(table, 3000, "id, at", 1, 2, 3);
    }

    /// What only the lost one had of the new table is waited for in vain, and nobody needs it: all of it is in the
    /// old one.
    @Test
    void theCopierIsLostWithAnAttachThatNobodyHasFetched() {
        var table = table(Named.MACRO);
        var migration = Migration.of(new Rewrite("m", table, "toYYYYMM(at)", "", "id, at", "", ""));
        diesBehindAnAttachThatNobodyFetches(table, migration);
        lab.host(1, 1).kill();
        try {
            for (int n = 2; n <= 3; n++)
                try (var host = host(n)) {
                    host.execute("SYSTEM START FETCHES");
                }
            ran("rollback", 2, table, "--name", "m", "--yes", "--host-is-gone", name(1))
                    .exits(0);
            same(table, 3000, "at, id", 2, 3);
            ran("migrate", 3, table, "--name", "m", "--yes").exits(0);
            same(table, 3000, "id, at", 2, 3);
        } finally {
            lab.host(1, 1).start();
        }
    }

    /// Until a person says that it never comes back, all wait for it. When it does come back it is taken in again.
    @ParameterizedTest
    @EnumSource(
            value = Named.class,
            names = {"MACRO", "UUID"})
    void theCopierNeverComesBack(Named named) {
        var table = table(named);
        ran("migrate", 2, table, "--yes", "--until", "backfill").exits(0);
        insert(3, table, 4000);
        for (int n = 2; n <= 3; n++)
            try (var host = host(n)) {
                host.execute("SYSTEM SYNC REPLICA " + table.sql());
            }
        lab.host(1, 1).kill();
        try {
            ran("migrate", 2, table, "--yes").exits(1).says(name(1), "--host-is-gone " + name(1));
            ran("migrate", 2, table, "--yes", "--host-is-gone", name(1)).exits(0);
            same(table, 4000, "id, at", 2, 3);
            ran("status", 3, table).exits(0).says(name(2));
            insert(3, table, 5000);
            ran("rollback", 3, table, "--yes").exits(0);
            same(table, 5000, "at, id", 2, 3);
            ran("migrate", 3, table, "--yes").exits(0);
            same(table, 5000, "id, at", 2, 3);
        } finally {
            lab.host(1, 1).start();
        }
        // two swaps went past it, and its own journal knows of none
        ran("rollback", 1, table, "--yes").exits(3).complains(name(1), "said to be gone", "it answers");
        ran("rollback", 2, table, "--yes").exits(3).complains("said to be gone", name(1), "active");
        try (var host = host(1)) {
            for (var left :
                    host.query("SELECT table AS t FROM system.replicas WHERE database = " + Sql.text(table.database())))
                host.execute("DROP TABLE " + table.sibling(left.string("t")).sql() + " SYNC");
        }
        ran("rollback", 2, table, "--yes").exits(0);
        same(table, 5000, "at, id", 2, 3);
    }

    /// A host that was away through a whole run knows nothing of a swap: as the one that copies it would take it
    /// back.
    @Test
    void oneThatWasAwayCopiesByWhatTheOthersKnow() {
        var table = table(Named.MACRO);
        ran("migrate", 1, table, "--yes", "--until", "backfill").exits(0);
        lab.host(1, 1).kill();
        try {
            ran("migrate", 3, table, "--yes", "--host-is-gone", name(1)).exits(0);
            insert(3, table, 4000);
        } finally {
            lab.host(1, 1).start();
        }
        ran("rollback", 1, table, "--yes", "--host-is-gone", "none", "--copier", name(1))
                .exits(0);
        same(table, 4000, "at, id", 1, 2, 3);
    }

    /// It had exchanged its tables, one of the others had too, and one had not.
    @Test
    void theCopierIsLostInTheMiddleOfTheExchange() {
        var table = table(Named.MACRO);
        var migration = Migration.of(new Rewrite("m", table, "toYYYYMM(at)", "", "id, at", "", ""));
        try (var dying = session(table, migration, 1, sql -> {}, sql -> {
            if (sql.startsWith("EXCHANGE TABLES")) throw new Error("the tool dies here");
        })) {
            assertThrows(Error.class, () -> new Runner(dying, false, List.of()).run(migration, Optional.of("resume")));
        }
        try (var host = host(1);
                var third = host(3)) {
            assertEquals("id, at", new Catalog(host).table(table).keys().orderBy());
            var target = third.query("SELECT name FROM system.tables WHERE database = " + Sql.text(table.database())
                            + " AND startsWith(name, 't_rekey_m') AND engine LIKE 'Replicated%'")
                    .getFirst()
                    .string("name");
            third.execute("EXCHANGE TABLES " + table.sql() + " AND "
                    + table.sibling(target).sql());
        }
        insert(3, table, 4000);
        try (var host = host(2)) {
            host.execute("SYSTEM SYNC REPLICA " + table.sql());
        }
        lab.host(1, 1).kill();
        try {
            var args = new String[] {"--name", "m", "--yes", "--host-is-gone", name(1)};
            ran("migrate", 2, table, args).exits(0);
            same(table, 4000, "id, at", 2, 3);
            ran("rollback", 3, table, "--name", "m", "--yes").exits(0);
            same(table, 4000, "at, id", 2, 3);
        } finally {
            lab.host(1, 1).start();
        }
    }

    /// A word that was given too early is taken back.
    @Test
    void itComesBackBeforeAnythingWasSwapped() {
        var table = table(Named.ITSELF);
        ran("migrate", 2, table, "--yes", "--until", "backfill").exits(0);
        lab.host(1, 1).kill();
        try {
            ran("migrate", 3, table, "--yes", "--until", "verify", "--host-is-gone", name(1))
                    .exits(0);
        } finally {
            lab.host(1, 1).start();
        }
        insert(1, table, 4000);
        ran("migrate", 3, table, "--yes").exits(3).complains("said to be gone", name(1), "active");
        ran("migrate", 3, table, "--yes", "--host-is-gone", "none").exits(0);
        same(table, 4000, "id, at", 1, 2, 3);
        ran("rollback", 1, table, "--yes").exits(0);
        same(table, 4000, "at, id", 1, 2, 3);
    }
}
