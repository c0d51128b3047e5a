package rekey.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static rekey.check.Given.passes;
import static rekey.check.Given.refuses;
import static rekey.check.Given.warns;

import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.check.Check.When;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.ServerError;
import rekey.session.Session;

/// Checks of the table itself, each passed and refused by a table of the shared lab.
@Tag("check")
class TableChecksTest {
    private static ClickHouse server;
    private static String db;

    @BeforeAll
    static void start() {
        server = Labs.connect();
        db = Labs.database();
    }

    @AfterAll
    static void end() {
        server.close();
    }

    /// A table made by what stands behind its columns `a`, `b`, `d`.
    private static Session table(String name, String engine) {
        server.execute("CREATE TABLE " + db + "." + name
                + " (a UInt64, b String, d DateTime, v UInt64, gone UInt8) ENGINE = " + engine);
        return Given.session(server, db, name);
    }

    private static void run(String sql, Object... args) {
        server.execute(sql.formatted(args));
    }

    @Test
    void enginesWhoseRowsKeepTheirBlockNumber() {
        passes(new TableEngine(), table("plain", "MergeTree ORDER BY b"));
        passes(new TableEngine(), table("replacing", "ReplacingMergeTree(v) ORDER BY b"));
        passes(new TableEngine(), table("summing", "SummingMergeTree ORDER BY b"));
        refuses(new TableEngine(), table("log", "Log"), "MergeTree family");
    }

    /// The copy has no such limit, and behind the swap each of Kafka's blocks was refused (252).
    @Test
    void insertsIntoTooManyPartitionsOfANewKey() {
        table("to_days", "MergeTree ORDER BY b");
        run("INSERT INTO %s.to_days (a) SELECT number FROM numbers(1000)", db);
        refuses(
                new PartitionsPerInsert(),
                Given.session(server, Given.rewrite(db, "to_days", "a % 300", "a", ""), Map.of()),
                "300 partitions",
                "--partition-by");
        passes(
                new PartitionsPerInsert(),
                Given.session(server, Given.rewrite(db, "to_days", "a % 100", "a", ""), Map.of()));
        passes(new PartitionsPerInsert(), Given.session(server, db, "to_days"));
    }

    /// Nobody looked at it once: `--engine SummingMergeTree` was carried out, and its rows folded.
    @Test
    void theNewEngineIsHeldToTheSame() {
        table("to_engine", "MergeTree ORDER BY b");
        for (var exact : new String[] {"MergeTree", " MergeTree ()", "ReplacingMergeTree(v)"})
            passes(new TableEngine(), to(exact));
        for (var folding : new String[] {
            "SummingMergeTree",
            "SummingMergeTree (v)",
            "AggregatingMergeTree()",
            "CollapsingMergeTree(gone)",
            "ReplicatedMergeTree('/a(b)', 'r')",
            "Memory",
            "MergeTree ORDER BY d"
        }) refuses(new TableEngine(), to(folding), "--engine " + folding + " for the new table", "to keep MergeTree");
    }

    private static Session to(String engine) {
        return Given.session(server, Given.rewrite(db, "to_engine", "", "a", engine), Map.of());
    }

    @Test
    void aViewsHiddenTable() {
        table("hidden_source", "MergeTree ORDER BY b");
        run(
                "CREATE MATERIALIZED VIEW %s.hidden_view ENGINE = MergeTree ORDER BY a AS SELECT a FROM"
                        + " %s.hidden_source",
                db, db);
        var inner = server.one(
                        "SELECT name FROM system.tables WHERE database = '" + db + "' AND startsWith(name, '.inner')")
                .string("name");
        refuses(new TableEngine(), Given.session(server, db, inner), "materialized view");
    }

    @Test
    void timeToLive() {
        passes(new TableTtl(), table("ttl_none", "MergeTree ORDER BY b"));
        warns(
                new TableTtl(),
                table("ttl_delete", "MergeTree ORDER BY b TTL d + INTERVAL 1 DAY DELETE WHERE b != ' GROUP BY '"),
                "expire");
        refuses(
                new TableTtl(),
                table("ttl_group", "MergeTree ORDER BY b TTL d + INTERVAL 1 DAY GROUP BY b SET v = sum(v)"),
                "GROUP BY",
                "REMOVE TTL");
        passes(
                new TableTtl(),
                table("ttl_recompress", "MergeTree ORDER BY b TTL d + INTERVAL 1 DAY RECOMPRESS CODEC(ZSTD(9))"));
    }

    @Test
    void lightweightUpdates() {
        var check = new LightweightUpdates(When.BEFORE);
        passes(check, table("updates_off", "MergeTree ORDER BY b"));
        var s = table(
                "updates_on",
                "MergeTree ORDER BY b SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1");
        refuses(check, s, "enable_block_offset_column = 0");
        run("INSERT INTO %s.updates_on (a) SELECT number FROM numbers(10)", db);
        server.execute(
                "UPDATE %s.updates_on SET v = 1 WHERE a = 3".formatted(db),
                UUID.randomUUID().toString(),
                Map.of("enable_lightweight_update", "1"));
        refuses(check, s, "1 patch parts are not applied", "APPLY PATCHES");
        refuses(new LightweightUpdates(When.DURING), s, "begin anew");
        run("ALTER TABLE %s.updates_on APPLY PATCHES SETTINGS mutations_sync = 2", db);
        run("ALTER TABLE %s.updates_on MODIFY SETTING enable_block_offset_column = 0", db);
        passes(check, s);
    }

    @Test
    void cleanupMerges() {
        passes(new CleanupMerges(), table("cleanup_plain", "MergeTree ORDER BY b"));
        var s = table(
                "cleanup",
                "ReplacingMergeTree(v, gone) ORDER BY b SETTINGS allow_experimental_replacing_merge_with_cleanup = 1");
        refuses(new CleanupMerges(), s, "allow_experimental_replacing_merge_with_cleanup = 0");
        run("ALTER TABLE %s.cleanup RESET SETTING allow_experimental_replacing_merge_with_cleanup", db);
        passes(new CleanupMerges(), s);
    }

    @Test
    void unfinishedMutations() {
        var s = table("mutations", "MergeTree ORDER BY b");
        run("INSERT INTO %s.mutations (a, b) VALUES (1, 'x')", db);
        passes(new UnfinishedMutations(), s);
        run("SYSTEM STOP MERGES %s.mutations", db);
        run("ALTER TABLE %s.mutations DELETE WHERE a = 2 SETTINGS mutations_sync = 0", db);
        warns(new UnfinishedMutations(), s, "DELETE WHERE a = 2", "1 parts to do");
        run("SYSTEM START MERGES %s.mutations", db);
        run("KILL MUTATION WHERE database = '%s' SYNC", db);
        run("ALTER TABLE %s.mutations DELETE WHERE throwIf(a = 1, 'it fails') SETTINGS mutations_sync = 0", db);
        until(() -> refuses(new UnfinishedMutations(), s, "it fails", "KILL MUTATION WHERE mutation_id = "));
        run("KILL MUTATION WHERE database = '%s' AND NOT is_done SYNC", db);
        passes(new UnfinishedMutations(), s);
    }

    @Test
    void rowsOfAnotherTimeZonesPartitions() {
        var hours =
                "INSERT INTO %s.%s (a, d) SELECT number, toDateTime('2026-01-31 00:00:00', 'UTC') + number * 3600 FROM"
                        + " numbers(48)";
        var zone = Map.of("session_timezone", "America/New_York");
        for (var key : java.util.List.of("toYYYYMM(d)", "(a % 3, toDate(d))", "toHour(d)")) {
            var name = "zone_" + Math.abs(key.hashCode());
            var there = Given.session(server, Given.rewrite(db, name, key, "a", ""), Map.of());
            var create = "CREATE TABLE %s.%s (a UInt64, d DateTime) ENGINE = MergeTree PARTITION BY %s ORDER BY a"
                    .formatted(db, name, key);
            server.execute(create);
            run(hours, db, name);
            passes(new MisplacedRows(), there);
            run("DROP TABLE %s.%s SYNC", db, name);
            server.execute(create, UUID.randomUUID().toString(), zone);
            run(hours, db, name);
            warns(new MisplacedRows(), there, "another time zone", "as a whole");
            run("DETACH TABLE %s.%s", db, name);
            run("ATTACH TABLE %s.%s", db, name);
            warns(new MisplacedRows(), there, "Drop no partition");
            passes(new MisplacedRows(), Given.session(server, Given.rewrite(db, name, "toYear(d)", "a", ""), Map.of()));
        }
        passes(new MisplacedRows(), table("zone_none", "MergeTree ORDER BY b"));
    }

    @Test
    void partsInAPartition() {
        var s = table("parts", "MergeTree ORDER BY b SETTINGS parts_to_delay_insert = 10, parts_to_throw_insert = 20");
        run("SYSTEM STOP MERGES %s.parts", db);
        insertParts("parts", 5);
        passes(new PartsLimit(When.BEFORE), s);
        insertParts("parts", 2);
        warns(new PartsLimit(When.BEFORE), s, "7 in partition all");
        insertParts("parts", 2);
        refuses(new PartsLimit(When.DURING), s, "9 in partition all");
    }

    private static void insertParts(String table, int n) {
        for (int i = 0; i < n; i++) run("INSERT INTO %s.%s (a) VALUES (1)", db, table);
    }

    @Test
    void anOrdinaryDatabase() {
        passes(new AtomicDatabase(), table("in_atomic", "MergeTree ORDER BY b"));
        server.execute(
                "CREATE DATABASE " + db + "_ordinary ENGINE = Ordinary",
                UUID.randomUUID().toString(),
                Map.of("allow_deprecated_database_ordinary", "1"));
        run("CREATE TABLE %s_ordinary.t (a UInt64) ENGINE = MergeTree ORDER BY a", db);
        refuses(
                new AtomicDatabase(),
                Given.session(server, db + "_ordinary", "t"),
                "Ordinary",
                "convert_ordinary_to_atomic");
    }

    @Test
    void dependants() {
        var s = table("watched", "MergeTree ORDER BY b");
        passes(new Dependants(), s);
        run("CREATE TABLE %s.counts (a UInt64) ENGINE = MergeTree ORDER BY a", db);
        run("CREATE MATERIALIZED VIEW %s.counter TO %s.counts AS SELECT a FROM %s.watched", db, db, db);
        run(
                "CREATE DICTIONARY %s.dict (a UInt64, b String) PRIMARY KEY a SOURCE(CLICKHOUSE(TABLE 'watched' DB"
                        + " '%s')) LAYOUT(FLAT()) LIFETIME(0)",
                db, db);
        passes(new Dependants(), s);
        var saw = new Dependants().look(s).saw();
        org.junit.jupiter.api.Assertions.assertEquals(
                "%1$s.counter (MaterializedView), %1$s.dict (Dictionary)".formatted(db), saw);
    }

    @Test
    void mergeTablesThatWouldTakeInTheNewTable() {
        var s = table("gathered", "MergeTree ORDER BY b");
        run("CREATE TABLE %s.one ENGINE = Merge(%s, '^gathered$')", db, db);
        passes(new Dependants(), s);
        run("CREATE TABLE %s.several ENGINE = Merge(REGEXP('^%s$'), '^gath')", db, db);
        warns(new Dependants(), s, db + ".several (Merge) takes in every table", "shows rows twice");
        run("DROP TABLE %s.several", db);
    }

    @Test
    void settingsThatCutAnswers() {
        var s = table("cut", "MergeTree ORDER BY b");
        passes(new SessionSettings(), s);
        var cutting = Map.of("clickhouse_setting_read_overflow_mode", "break", "clickhouse_setting_final", "1");
        try (var other = Labs.connect(Labs.shared(), "default", "", cutting)) {
            refuses(new SessionSettings(), Given.session(other, db, "cut"), "read_overflow_mode = break", "final = ");
        }
    }

    @Test
    void otherWriters() throws Exception {
        var s = table("written", "MergeTree ORDER BY b");
        passes(new OtherWriters(), s);
        var writer = Thread.ofVirtual().start(() -> {
            try (var other = Labs.connect()) {
                assertThrows(
                        ServerError.class,
                        () -> other.execute(
                                ("INSERT INTO %s.written (a) SELECT sleepEachRow(1) FROM numbers(30) SETTINGS "
                                                + "max_block_size = 1")
                                        .formatted(db),
                                db + "-writer",
                                Map.of("function_sleep_max_microseconds_per_block", "60000000")));
            }
        });
        until(() -> warns(new OtherWriters(), s, "default runs 'INSERT INTO " + db + ".written"));
        server.kill(db + "-writer");
        writer.join();
        run("CREATE TABLE %s.buffer AS %s.written ENGINE = Buffer('%s', 'written', 1, 1, 2, 1, 2, 1, 2)", db, db, db);
        warns(new OtherWriters(), s, "the Buffer table " + db + ".buffer flushes into it");
        run("DROP TABLE %s.buffer SYNC", db);
        passes(new OtherWriters(), s);
        // an application's short INSERTs: none of them runs when it is looked
        for (int i = 0; i < 12; i++) run("INSERT INTO %s.written (a) SETTINGS async_insert = 0 VALUES (1)", db);
        run("SYSTEM FLUSH LOGS query_log");
        warns(new OtherWriters(), s, "in the last minute", "visible about", "ms later, never lost");
    }

    /// Such a client was told OK before its rows are written; one that waits is no matter.
    @Test
    void whoDoesNotWaitForAsyncInserts() {
        var s = table("unawaited", "MergeTree ORDER BY b");
        run("INSERT INTO %s.unawaited (a) SETTINGS async_insert = 1, wait_for_async_insert = 1 VALUES (1)", db);
        run("SYSTEM FLUSH LOGS query_log");
        passes(new OtherWriters(), s);
        run("INSERT INTO %s.unawaited (a) SETTINGS async_insert = 1, wait_for_async_insert = 0 VALUES (1)", db);
        run("SYSTEM FLUSH LOGS query_log");
        warns(new OtherWriters(), s, "default sends async INSERTs", "Set wait_for_async_insert = 1 for the swap");
    }

    /// A retry is dropped by the table that has had the INSERT, and by no other, though its setting goes along.
    @Test
    void aWindowOfInsertsKnownAlready() {
        passes(new DeduplicationWindow(), table("window_none", "MergeTree ORDER BY b"));
        var s = table("window", "MergeTree ORDER BY b SETTINGS non_replicated_deduplication_window = 100");
        warns(new DeduplicationWindow(), s, "non_replicated_deduplication_window = 100", "twice");
        run("CREATE TABLE %s.window_new AS %s.window", db, db);
        var insert = "INSERT INTO " + db + ".window (a) SETTINGS async_insert = 0 VALUES (1)";
        for (int i = 0; i < 2; i++) run(insert);
        run("ALTER TABLE %s.window_new ATTACH PARTITION tuple() FROM %s.window", db, db);
        run("EXCHANGE TABLES %s.window AND %s.window_new", db, db);
        assertEquals(1, rows("window"));
        run(insert);
        assertEquals(2, rows("window"));
    }

    private static long rows(String table) {
        return server.one("SELECT count() AS n FROM " + db + "." + table).number("n");
    }

    @Test
    void replicated() {
        passes(new ReplicationQueue(), table("not_replicated", "MergeTree ORDER BY b"));
    }

    /// Repeats an assertion until it holds, for what the server does in its own time.
    static void until(Runnable assertion) {
        for (long end = System.nanoTime() + rekey.Scene.PATIENCE.toNanos(); ; ) {
            try {
                assertion.run();
                return;
            } catch (AssertionError e) {
                if (System.nanoTime() > end) throw e;
                java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
            }
        }
    }
}
