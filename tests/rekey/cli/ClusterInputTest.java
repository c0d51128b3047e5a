package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.lab.ClusterShape;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabOptions;
import rekey.model.TableName;
import rekey.page.PageOptions;
import rekey.page.PageServer;
import tools.jackson.databind.json.JsonMapper;

/// What a person may have wrong on a cluster, from the command line: said in a sentence with the host's name, before
/// anything is changed.
@Tag("cli")
@Tag("slow")
@Tag("heavy")
class ClusterInputTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final String COLUMNS = " (id UInt64, at DateTime('UTC'), v UInt64) ENGINE = ",
            KEYS = " PARTITION BY toYYYYMM(at) ORDER BY (at, id)",
            ENGINE = "ReplicatedMergeTree('/i/{shard}/{database}/{table}', '{replica}')";

    @TempDir
    static Path folder;

    private static EmbeddedLab lab;
    private static List<ClickHouse> hosts;

    @BeforeAll
    static void start() {
        lab = EmbeddedLab.start(LabOptions.temporary()
                .withoutKafka()
                .withShape(new ClusterShape(2, 2))
                .withServerXml("<user_directories><memory/></user_directories>"));
        hosts = lab.hosts().stream().map(h -> h.connect()).toList();
    }

    @AfterAll
    static void stop() {
        hosts.forEach(ClickHouse::close);
        lab.close();
    }

    /// `i<n>.t` on some hosts, and `i<n>.all`, Distributed over it, on all.
    private static TableName table(String cluster, String engine, List<Integer> on) {
        var local = new TableName("i" + NUMBER.incrementAndGet(), "t");
        for (int n = 0; n < hosts.size(); n++) {
            hosts.get(n).execute("CREATE DATABASE " + local.database());
            if (on.contains(n)) hosts.get(n).execute("CREATE TABLE " + local.sql() + COLUMNS + engine + KEYS);
            hosts.get(n)
                    .execute("CREATE TABLE " + local.sibling("all").sql()
                            + " (id UInt64, at DateTime('UTC'), v UInt64) ENGINE = Distributed(" + cluster + ", "
                            + local.database() + ", t, id)");
        }
        return local;
    }

    private static final List<Integer> ALL = List.of(0, 1, 2, 3);

    private static Scripts.Ran ran(String alias, int host, TableName table, String... more) {
        var args = new java.util.ArrayList<>(List.of("--order-by", "id, at"));
        args.addAll(List.of(more));
        return Scripts.run(alias, lab.hosts().get(host).url(), table, args.toArray(String[]::new));
    }

    private static String host(int n) {
        return lab.hosts().get(n).address();
    }

    /// By the Distributed table's name or the local one's, asked by any host.
    @Test
    void bothNamesMeanTheSameAndAllFourHostsAreRewritten() throws Exception {
        var local = table("lab", ENGINE, ALL);
        for (int n = 0; n < 100; n++)
            hosts.get(n % 4)
                    .execute("INSERT INTO " + local.sql() + " SELECT number + " + n * 10
                            + ", toDateTime('2026-01-01 00:00:00', 'UTC'), 1 FROM numbers(10)");
        ran("plan", 3, local.sibling("all"), "--cluster", "lab").exits(0).says("i" + NUMBER.get() + ".t");
        var runbook = ran("runbook", 0, local).exits(0);
        for (int n = 0; n < 4; n++)
            runbook.says(
                    "clickhouse-client --host " + host(n) + " --query 'SELECT total_replicas",
                    "--host-is-gone " + host(n));
        ran("migrate", 2, local.sibling("all"), "--yes").exits(0);
        for (var host : hosts)
            assertEquals("id, at", new Catalog(host).table(local).keys().orderBy());
        assertEquals(
                1000,
                hosts.getFirst()
                        .one("SELECT count() AS n FROM " + local.sibling("all").sql())
                        .number("n"));
        seen(local);
        ran(
                        "rollback",
                        1,
                        local,
                        "--yes",
                        "--host-map",
                        host(3) + "=" + lab.hosts().get(3).url())
                .exits(0);
        for (var host : hosts)
            assertEquals("at, id", new Catalog(host).table(local).keys().orderBy());
    }

    /// Report and page showed the first shard's rows as if they were all.
    private static void seen(TableName local) throws Exception {
        var to = folder.resolve(local.database());
        ran("report", 3, local, "--to", to.toString()).exits(0);
        var report = Files.readString(to.resolve("report.md"));
        assertTrue(report.contains("Shards and hosts") && report.contains("hosts differed for"), report);
        assertTrue(report.matches("(?s).*\\| 202601 +\\| +1,000 +\\| +1,000 +\\|.*"), report);
        for (int n = 0; n < 4; n++) assertTrue(report.contains(host(n)), report);
        assertTrue(report.contains("Shard 2:") && report.matches("(?s).*\\| +(2|all) \\| .*"), report);
        var options = PageOptions.of("--url", lab.hosts().get(1).url(), "--database", local.database());
        try (var server = options.connect();
                var pages = new PageServer(server, options);
                var events = HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create(pages.address() + "events"))
                                        .build(),
                                BodyHandlers.ofLines())
                        .body()) {
            var shown = JsonMapper.shared()
                    .readTree(events.filter(line -> line.startsWith("data: ") && line.contains("\"migrations\""))
                            .findFirst()
                            .orElseThrow()
                            .substring(6))
                    .path("migrations")
                    .get(0);
            assertEquals(
                    "{\"name\":\"202601\",\"of\":1000,\"done\":1000}",
                    shown.path("partitions").get(0).toString(),
                    shown::toString);
            var carried = shown.path("carried");
            assertEquals(1000, carried.get(carried.size() - 1).path("n").asLong(), shown::toString);
        }
    }

    /// It once compared the first shard's tables alone, and said that all was well.
    @Test
    void aDifferenceOfAnotherShardIsFound() {
        var local = table("lab", ENGINE, ALL);
        for (var host : List.of(hosts.getFirst(), hosts.getLast()))
            host.execute("INSERT INTO " + local.sql()
                    + " SELECT number, toDateTime('2026-01-01 00:00:00', 'UTC'), 1 FROM numbers(10)");
        ran("migrate", 0, local, "--yes").exits(0);
        ran("verify", 0, local).exits(0);
        var backup = local.sibling("t_backup");
        // a DELETE of the second of the EXCHANGE may have been meant for the live table: its rows are left out
        hosts.getLast().query("SELECT sleep(1.1)");
        hosts.getLast().execute("ALTER TABLE " + backup.sql() + " DELETE WHERE id = 5 SETTINGS mutations_sync = 2");
        ran("verify", 0, local).exits(3);
    }

    @Test
    void aClusterThatIsNotThere() {
        ran("plan", 0, table("lab", ENGINE, ALL), "--cluster", "nope").exits(3).complains("no cluster nope", "lab");
    }

    @Test
    void aTableOnSomeHostsOnly() {
        var replica = ran("migrate", 0, table("lab", ENGINE, List.of(0, 1, 2)), "--yes");
        replica.says(host(3));
        assertEquals(3, replica.exitCode(), replica::toString);
        var shard = ran("migrate", 0, table("lab", ENGINE, List.of(0, 1)), "--yes");
        shard.says(host(2));
        assertFalse(shard.exitCode() == 0, shard::toString);
    }

    @Test
    void definitionsThatDiffer() {
        var local = table("lab", ENGINE, List.of(0, 1, 2));
        hosts.get(3)
                .execute("CREATE TABLE " + local.sql() + COLUMNS + ENGINE + KEYS + " SETTINGS old_parts_lifetime = 99");
        ran("migrate", 0, local, "--yes").exits(3).says(host(3), "old_parts_lifetime");
        var other = table("lab", ENGINE, List.of(0, 1));
        for (int n = 2; n < 4; n++)
            hosts.get(n)
                    .execute("CREATE TABLE " + other.sql() + COLUMNS + ENGINE + " PARTITION BY tuple() ORDER BY id");
        ran("migrate", 0, other, "--yes").exits(3).says(host(2), "differs");
    }

    @Test
    void aClusterThatWouldDouble() {
        ran("migrate", 0, table("lab_doubling", ENGINE, ALL), "--yes").exits(3).says("internal_replication");
    }

    @Test
    void aHostThatDoesNotAnswer() {
        var local = table("lab", ENGINE, ALL);
        for (var alias : List.of("plan", "migrate"))
            for (int away = 1; away < 4; away++)
                ran(alias, 0, local, "--host-map", host(away) + "=http://127.0.0.1:9")
                        .says("ost " + host(away), "http://127.0.0.1:9", "--host-map");
    }

    /// What is done on both hosts would be done on one twice, and on the other not at all.
    @Test
    void twoNamesOfOneServer() {
        var local = table("lab", ENGINE, ALL);
        for (var alias : List.of("plan", "migrate"))
            for (int twice = 1; twice < 4; twice++)
                ran(
                                alias,
                                0,
                                local,
                                "--host-map",
                                host(twice) + "=" + lab.hosts().getFirst().url())
                        .exits(3)
                        .says("one server", "--host-map");
        for (var host : hosts)
            assertEquals("at, id", new Catalog(host).table(local).keys().orderBy());
    }

    @Test
    void aSettingSwitchedOffOnOneHost() {
        var local = table("lab", ENGINE, ALL);
        hosts.getFirst()
                .execute("INSERT INTO " + local.sql() + " SELECT number, toDateTime('2026-01-01 00:00:00', 'UTC'), 1"
                        + " FROM numbers(10)");
        ran("migrate", 0, local, "--yes", "--until", "backfill").exits(0);
        hosts.get(3).execute("ALTER TABLE " + local.sql() + " RESET SETTING enable_block_number_column");
        ran("migrate", 0, local, "--yes").exits(3).says(host(3), "enable_block_number_column");
    }

    /// What it writes goes to whichever table has the name on its host.
    @Test
    void aViewIntoTheLocalTableOnOneHostAlone() {
        var local = table("lab", ENGINE, ALL);
        var one = hosts.get(3);
        var from = local.sibling("from");
        one.execute("CREATE TABLE " + from.sql() + " (id UInt64, at DateTime('UTC'), v UInt64) ENGINE = Null");
        one.execute("CREATE MATERIALIZED VIEW " + local.sibling("mv").sql() + " TO " + local.sql()
                + " AS SELECT id, at, v FROM " + from.sql());
        one.execute("INSERT INTO " + from.sql() + " VALUES (1, '2026-01-01 00:00:00', 1)");
        ran("migrate", 0, local, "--yes").exits(0);
        one.execute("INSERT INTO " + from.sql() + " VALUES (2, '2026-01-01 00:00:00', 1)");
        for (var host : List.of(hosts.get(2), one)) {
            host.execute("SYSTEM SYNC REPLICA " + local.sql());
            assertEquals(
                    2, host.one("SELECT uniqExact(id) AS n FROM " + local.sql()).number("n"));
            assertEquals("id, at", new Catalog(host).table(local).keys().orderBy());
        }
    }

    /// Its own name and database are others than those of the table that it is over.
    @Test
    void aDistributedTableInAnotherDatabase() {
        var local = table("lab", ENGINE, ALL);
        var over = new TableName("over_" + local.database(), "everything");
        for (var host : hosts) {
            host.execute("CREATE DATABASE " + over.database());
            host.execute("CREATE TABLE " + over.sql() + " AS " + local.sql() + " ENGINE = Distributed(lab, "
                    + local.database() + ", t, id)");
        }
        ran("plan", 1, over).exits(0).says(local.toString());
    }
}
