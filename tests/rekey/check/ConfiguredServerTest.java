package rekey.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static rekey.check.Given.passes;
import static rekey.check.Given.refuses;
import static rekey.check.Given.warns;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rekey.Labs;
import rekey.check.Check.When;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.DefinitionDifference;
import rekey.clickhouse.ServerError;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabOptions;
import rekey.migration.Migration;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Runner;
import rekey.session.Detail;

/// Checks of what stands in a server's own configuration: disks, users, row policies. So this server is made for
/// them.
@Tag("check")
class ConfiguredServerTest {
    /// More than any disk has: such a disk has no room.
    private static final long ALL = 1L << 60;

    @TempDir
    static Path folder;

    private static EmbeddedLab lab;
    private static ClickHouse server;

    @BeforeAll
    static void start() throws Exception {
        var users = Files.createDirectories(folder.resolve("lab/clickhouse/users.d"));
        Files.writeString(users.resolve("policies.xml"), """
            <clickhouse><quotas><few><interval><duration>3600</duration>\
            <queries>1000000</queries></interval></few></quotas>\
            <users><counted><quota>few</quota></counted><blinkered><databases><db><t><filter>a &lt; \
            10</filter></t></db></databases></blinkered></users></clickhouse>\
            """);
        lab = EmbeddedLab.start(LabOptions.temporary()
                .withoutKafka()
                .withFolder(folder.resolve("lab"))
                .withServerXml("""
                    <storage_configuration><disks>%s%s%s</disks><policies>
                    <one><volumes><only><disk>open</disk></only></volumes></one>
                    <full><volumes><only><disk>full</disk></only></volumes></full>
                    <tiers><volumes><hot><disk>full</disk></hot><cold><disk>open</disk></cold></volumes></tiers>
                    <jbod><volumes><many><disk>full</disk><disk>open</disk></many></volumes></jbod>
                    <twice><volumes><many><disk>open</disk><disk>again</disk></many></volumes></twice>
                    </policies></storage_configuration>
                    <rolled><default><function>any</function><retention><age>0</age><precision>60</precision>
                    </retention></default></rolled>
                    <custom_local_disks_base_directory>%s/</custom_local_disks_base_directory>\
                    """.formatted(
                                disk("open", 0), disk("again", 1 << 20), disk("full", ALL), folder.resolve("own")))
                .withReader("reader", "r")
                .withUser("blinkered", "b")
                .withUser("half", "h", "GRANT SELECT ON *.*", "GRANT INSERT, CREATE TABLE, CREATE VIEW ON db.*")
                .withUser(
                        "nearly",
                        "n",
                        "GRANT SELECT ON *.*",
                        "GRANT INSERT, CREATE TABLE, CREATE VIEW, ALTER SETTINGS, ALTER COLUMN, ALTER DELETE, OPTIMIZE"
                                + " ON db.*",
                        "GRANT TABLE ENGINE ON MergeTree")
                .withUser("counted", "c", "GRANT SELECT ON *.*")
                .withUser("blind", "b", "GRANT SELECT, INSERT ON db.*"));
        server = lab.clickhouse().connect();
        server.execute("CREATE DATABASE db");
        for (var policy : new String[] {"one", "tiers", "jbod", "twice"}) {
            server.execute("CREATE TABLE db." + policy
                    + " (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS storage_policy = '" + policy + "'");
            server.execute("INSERT INTO db." + policy + " SELECT sipHash64(number) FROM numbers(1000000)");
        }
        server.execute(
                "CREATE TABLE db.full (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS storage_policy = 'full'");
        server.execute("CREATE TABLE db.t (a UInt64) ENGINE = MergeTree ORDER BY a");
    }

    private static String disk(String name, long keepFree) {
        return "<%1$s><path>%2$s/</path><keep_free_space_bytes>%3$d</keep_free_space_bytes></%1$s>"
                .formatted(name, folder.resolve(name), keepFree);
    }

    @AfterAll
    static void end() {
        server.close();
        lab.close();
    }

    @Test
    void roomForACopy() {
        var check = new DiskSpace(When.BEFORE);
        passes(check, Given.session(server, "db", "one"));
        var v = check.look(Given.session(server, "db", "one"));
        assertTrue(v.saw().startsWith("only/open ") && v.saw().endsWith("iB free"), v::toString);
        assertTrue(
                v.needs().matches("1\\d\\.\\d MiB: 1\\.2 x \\d\\.\\d MiB, and \\d\\.\\d MiB for chunks under way"),
                v::toString);
        warns(
                check,
                Given.session(server, "db", "tiers"),
                "hot/full 0 B free",
                "The copy goes on in the next volume when hot is full");
        warns(check, Given.session(server, "db", "jbod"), "pass over full");
        passes(check, Given.session(server, "db", "full")); // an empty table needs nothing
    }

    @Test
    void noRoom() {
        // a table bigger than any disk: what the server says of its size is the check's only source
        var s = Given.session(server, "db", "one");
        var disks = DiskSpace.disks(s.server(), "full");
        Given.says(
                Check.Level.REFUSAL,
                new DiskSpace(When.BEFORE)
                        .judge("full", disks, new DiskSpace.Need(5 << 20, 1 << 20, "5 MiB", Check.Level.REFUSAL)),
                "only/full 0 B free",
                "Free 5.0 MiB on the disks of storage policy full");
    }

    /// After the swap only `optimize` needs room to merge, and the way back no more than for what came since.
    @Test
    void littleRoomAfterTheSwap() {
        var s = Given.session(server, Given.rewrite("after", "one", "", "a", ""), Map.of());
        var backup = s.rewrite().backup();
        server.execute("CREATE DATABASE after");
        for (var t : new String[] {"one", backup.table()}) server.execute("CREATE TABLE after." + t + " AS db.one");
        server.execute("INSERT INTO after.one SELECT sipHash64(number) FROM numbers(2000000)");
        Given.begun(s);
        server.execute("INSERT INTO " + backup.sql() + " SELECT a FROM after.one");
        server.execute("EXCHANGE TABLES after.one AND " + backup.sql());
        server.execute("INSERT INTO after.one SELECT sipHash64(number) FROM numbers(1000)");
        var check = new DiskSpace(When.DURING);
        server.execute("ALTER TABLE after.one MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1");
        passes(check, s);
        assertTrue(check.look(s).needs().endsWith("MiB, to merge the largest partition"), check.look(s)::toString);
        var full = DiskSpace.disks(s.server(), "full");
        Given.says(
                Check.Level.WARNING,
                check.judge("full", full, DiskSpace.need(s, s.source())),
                "only/full 0 B free",
                "before optimize");
        s.progress().begin("optimize", 0);
        Given.says(Check.Level.REFUSAL, check.judge("full", full, DiskSpace.need(s, s.source())));
        s.progress().begin("undo-swap", 0);
        s.journal().append("", new Detail.Locked("rollback"));
        assertEquals(
                "64.0 MiB: 1,000 rows that came since the swap, and 64.0 MiB to write them",
                check.look(s).needs());
        server.execute("EXCHANGE TABLES after.one AND " + backup.sql());
        assertTrue(check.look(s).needs().startsWith("nothing"), check.look(s)::toString);
    }

    @Test
    void oneFileSystemCountsOnce() {
        var disks = DiskSpace.disks(server, "twice");
        assertEquals(2, disks.size());
        assertEquals(
                DiskSpace.room(disks.subList(1, 2)),
                DiskSpace.room(disks),
                1 << 24); // `open`, which keeps nothing free
    }

    @Test
    void whatIsCopiedAlreadyIsNotNeededAgain() {
        var s = Given.session(server, "db", "one");
        server.execute("CREATE TABLE " + s.rewrite().target().sql() + " (a UInt64) ENGINE = MergeTree ORDER BY a");
        server.execute("INSERT INTO " + s.rewrite().target().sql() + " SELECT a FROM db.one");
        var needs = new DiskSpace(When.DURING).look(s).needs();
        server.execute("DROP TABLE " + s.rewrite().target().sql() + " SYNC");
        assertTrue(needs.contains("copied already"), needs);
    }

    @Test
    void privileges() {
        var check = new Privileges();
        passes(check, Given.session(server, "db", "t"));
        warns(check, as("reader", "r"), "reader may only read", "--user");
        refuses(
                check,
                as("half", "h"),
                "half lacks DROP TABLE ON `db`.*",
                "GRANT SYSTEM FLUSH ASYNC INSERT QUEUE ON *.* TO `half`;",
                "GRANT TABLE ENGINE ON MergeTree TO `half`;");
        refuses(check, as("blind", "b"), "SELECT ON system.parts");
        passes(new Quotas(), as("half", "h"));
        refuses(new Quotas(), as("counted", "c"), "few", "queries at most 1000000 in 3600 s");
        try (var readonly = Labs.connect(lab, "default", "", Map.of("clickhouse_setting_readonly", "2"))) {
            warns(check, Given.session(readonly, "db", "t"), "default may only read");
        }
    }

    /// Before ingestion is held for it.
    @Test
    void whoMayNotGoBackIsToldBeforeThePause() {
        server.execute("CREATE TABLE db.back (a UInt64, b UInt8) ENGINE = MergeTree ORDER BY a");
        server.execute("INSERT INTO db.back SELECT number, 1 FROM numbers(100)");
        var rewrite = new Rewrite("back", new TableName("db", "back"), "", "", "b, a", "", "");
        var migration = Migration.of(rewrite);
        new Runner(Given.session(server, rewrite, Map.of()), false, List.of()).run(migration, Optional.empty());
        try (var nearly = Labs.connect(lab, "nearly", "n", Map.of())) {
            var sent = new ArrayList<String>();
            var session = Given.session(nearly.listening(sent::add), rewrite, Map.of());
            var told = assertThrows(
                    Trouble.Refused.class, () -> new Runner(session, false, List.of()).rollback(migration));
            assertTrue(told.getMessage().contains("nearly lacks DROP TABLE ON `db`.*"), told::getMessage);
            assertTrue(sent.stream().noneMatch(sql -> sql.startsWith("ALTER TABLE `db`.`back`")), sent::toString);
        }
        new Runner(Given.session(server, rewrite, Map.of()), false, List.of()).rollback(migration);
        assertEquals(
                "a",
                server.one("SELECT sorting_key AS k FROM system.tables WHERE database = 'db' AND name = 'back'")
                        .string("k"));
    }

    @Test
    void whoMayNotLookIsToldAndStopsNoOther() {
        var verdicts = Checks.look(as("blind", "b"), Checks.before());
        assertEquals(Checks.before().size(), verdicts.size());
        var disk = verdicts.stream()
                .filter(v -> v.name().equals("disk space"))
                .findFirst()
                .orElseThrow();
        Given.says(Check.Level.WARNING, disk, "can't look", "system.");
        assertTrue(verdicts.stream().anyMatch(v -> v.name().equals("table engine") && v.verdict() == Check.Level.OK));
    }

    @Test
    void rowPolicies() {
        passes(new RowPolicies(), Given.session(server, "db", "t"));
        refuses(new RowPolicies(), as("blinkered", "b"), "ON db.t", "--user");
    }

    @Test
    void whoSeesOnlySomeTablesMaySeeNothingOfWhatFeedsThem() {
        passes(new Feeders(When.BEFORE), as("reader", "r"));
        refuses(new Feeders(When.BEFORE), as("blind", "b"), "only some", "GRANT SHOW TABLES ON *.* TO `blind`");
    }

    /// On a server of its own: for any other table of this server, too, it is unknown whether it is fed.
    @Test
    void aTableOfAnUnknownEngineOnAStreamsWayIsRefused() {
        var check = new Feeders(When.BEFORE);
        server.execute("CREATE TABLE db.q (a UInt64) ENGINE = Kafka('127.0.0.1:1', 'topic', 'group', 'JSONEachRow')");
        server.execute("CREATE TABLE db.post (a UInt64) ENGINE = URL('http://127.0.0.1:1/', 'JSONEachRow')");
        passes(check, as("default", ""));
        server.execute("CREATE MATERIALIZED VIEW db.posting TO db.post AS SELECT a FROM db.q");
        refuses(check, as("default", ""), "db.post (URL)", "DETACH that view");
        server.execute("DROP TABLE db.posting SYNC");
        passes(check, as("default", ""));
        server.execute("DROP TABLE db.post SYNC");
        server.execute("DROP TABLE db.q SYNC");
    }

    /// What posts to somebody else's server, or takes nothing, has nothing to do with the table: a company that
    /// forwards another topic so could migrate nothing.
    @Test
    void aStreamThatCantEndAtTheTableIsNobodysBusiness() {
        var check = new Feeders(When.BEFORE);
        server.execute("CREATE TABLE db.q2 (a UInt64) ENGINE = Kafka('127.0.0.1:1', 'topic', 'group', 'JSONEachRow')");
        server.execute("CREATE TABLE db.none AS db.q2 ENGINE = Executable('none.sh', 'TabSeparated')");
        assertEquals(
                48,
                assertThrows(ServerError.class, () -> server.execute("INSERT INTO db.none VALUES (1)"))
                        .code(),
                "it takes rows by now: then it may give them to anybody");
        server.execute("CREATE MATERIALIZED VIEW db.calling TO db.none AS SELECT a FROM db.q2");
        passes(check, as("default", ""));
        var own = server.one("SELECT hostName() AS h").string("h");
        for (var address : List.of("https://hooks.example.com/rows", "http://10.99.99.99:8080/a", "http://10.99.99.99"))
            posting(address, () -> passes(check, as("default", "")));
        for (var address : List.of(
                "http://localhost:1/",
                "http://" + own + ":8123/",
                "http://[::1]:8123/",
                "http://balancer.example.com:8123/?query=INSERT%20INTO%20db.t%20FORMAT%20JSONEachRow"))
            posting(address, () -> refuses(check, as("default", ""), "db.out (URL)", "DETACH that view"));
        for (var table : List.of("calling", "none", "q2")) server.execute("DROP TABLE db." + table + " SYNC");
    }

    private static void posting(String address, Runnable look) {
        server.execute("CREATE TABLE db.out (a UInt64) ENGINE = URL('" + address + "', 'JSONEachRow')");
        server.execute("CREATE MATERIALIZED VIEW db.outward TO db.out AS SELECT a FROM db.q2");
        try {
            look.run();
        } finally {
            server.execute("DROP TABLE db.outward SYNC");
            server.execute("DROP TABLE db.out SYNC");
        }
    }

    /// The server shows its arguments to nobody by default, and a table that is made without them has another disk.
    @Test
    void aDiskWhoseArgumentsAreHiddenIsRefused() {
        server.execute("CREATE TABLE db.own (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS disk = disk(type ="
                + " local, path = '" + folder.resolve("own/one") + "/')");
        refuses(new TableDefinition(), Given.session(server, "db", "own"), "[HIDDEN]", "displaySecretsInShowAndSelect");
        server.execute("DROP TABLE db.own SYNC");
    }

    /// Such a table is only made where the config says how it is rolled up. Done by hand as the refusal says it, the
    /// new table has each row, and what merges make of them is the same.
    @Test
    void whatIsRolledUpByItsAgeIsRefusedWithTheWayByHand() {
        var columns = " (Path String, Time DateTime, Value Float64, Timestamp UInt32) ENGINE ="
                + " GraphiteMergeTree('rolled') ";
        server.execute("CREATE TABLE db.metrics" + columns + "ORDER BY (Path, Time)");
        for (int n = 0; n < 3; n++)
            server.execute("INSERT INTO db.metrics SELECT toString(number % 7), toDateTime('2026-01-01 00:00:00') +"
                    + " number * 40, number + " + n + ", " + n
                    + " FROM numbers(1000) SETTINGS optimize_on_insert = 0");
        var refused = new TableEngine().look(Given.session(server, "db", "metrics"));
        refuses(
                new TableEngine(),
                Given.session(server, "db", "metrics"),
                "GraphiteMergeTree",
                "how old it is when it is merged",
                "by hand while its writers rest",
                "EXCHANGE TABLES");
        var insert = Pattern.compile("INSERT INTO [^;]*").matcher(refused.todo());
        assertTrue(insert.find(), refused::todo);
        server.execute("CREATE TABLE db.metrics_new" + columns + "PARTITION BY toYYYYMM(Time) ORDER BY (Path, Time)");
        for (var table : List.of("metrics", "metrics_new")) server.execute("SYSTEM STOP MERGES db." + table);
        server.execute("INSERT INTO db.metrics_new SELECT * FROM db.metrics");
        assertNotEquals(rows("metrics"), rows("metrics_new"), "vacuous: a plain one rolls nothing up");
        server.execute("TRUNCATE TABLE db.metrics_new");
        server.execute(insert.group());
        assertEquals(rows("metrics"), rows("metrics_new"));
        server.execute("EXCHANGE TABLES db.metrics AND db.metrics_new");
        for (var table : List.of("metrics", "metrics_new")) {
            server.execute("SYSTEM START MERGES db." + table);
            server.execute("OPTIMIZE TABLE db." + table + " FINAL");
        }
        assertEquals(rows("metrics"), rows("metrics_new"));
        for (var table : List.of("metrics", "metrics_new")) server.execute("DROP TABLE db." + table + " SYNC");
    }

    private static String rows(String table) {
        var r = server.one("SELECT count() AS n, sum(cityHash64(*)) AS h FROM db." + table);
        return r.string("n") + " rows, " + r.string("h");
    }

    /// The other clauses have no need of such a server: see DefinitionDifferenceTest.
    @Test
    void aTableThatWasMadeOnAnotherStoragePolicyIsTold() {
        server.execute("CREATE TABLE db.elsewhere (a UInt64) ENGINE = MergeTree ORDER BY a");
        var catalog = new Catalog(server);
        var source = catalog.table(new TableName("db", "one"));
        var made = catalog.table(new TableName("db", "elsewhere"));
        var told = DefinitionDifference.differences(source, made, source.keys(), "");
        server.execute("DROP TABLE db.elsewhere SYNC");
        assertTrue(told.contains("storage policy: default instead of one"), told::toString);
    }

    private static rekey.session.Session as(String user, String password) {
        return Given.session(Labs.connect(lab, user, password, Map.of()), "db", "t");
    }
}
