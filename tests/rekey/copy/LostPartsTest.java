package rekey.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Scene;
import rekey.Still;
import rekey.clickhouse.ServerGone;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabOptions;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.step.Backfill;

/// What a server has lost is not what somebody has dropped: the other table has the only copy.
class LostPartsTest {
    private static EmbeddedLab lab;

    @BeforeAll
    static void start() {
        lab = EmbeddedLab.start(LabOptions.temporary().withoutKafka());
    }

    @AfterAll
    static void end() {
        lab.close();
    }

    private static Still table(String database) {
        var server = lab.clickhouse().connect();
        server.execute("CREATE DATABASE " + database);
        var still = Still.table(
                server,
                new TableName(database, "t"),
                "(a UInt64, p UInt8, b UInt64 MATERIALIZED a * 2) ENGINE = MergeTree PARTITION BY p ORDER BY a"
                        + " SETTINGS old_parts_lifetime = 1",
                "p",
                "p, a",
                "");
        still.execute("INSERT INTO %s SELECT number, number % 4 FROM numbers(40)");
        // what is stored is not what would be computed now
        still.execute("ALTER TABLE %s MODIFY COLUMN b UInt64 MATERIALIZED a * 3");
        return still;
    }

    private static void restart(Still still) {
        if (lab.clickhouse().isAlive()) lab.clickhouse().kill();
        lab.clickhouse().start();
        Scene.await("the server", () -> {
            try {
                return still.server.one("SELECT 1 AS n").number("n") == 1;
            } catch (ServerGone e) {
                return false;
            }
        });
    }

    /// As after a loss of power: the part is there, and one of its files is not.
    private static void spoil(Still still, TableName table) throws IOException {
        var part = still.server.query("SELECT path FROM system.parts WHERE active AND partition = '1' AND database = '"
                + table.database() + "' AND table = '" + table.table() + "'");
        assertEquals(1, part.size());
        lab.clickhouse().kill();
        try (var files = Files.list(Path.of(part.getFirst().string("path")))) {
            for (var file : files.filter(f -> f.toString().endsWith(".bin")).toList()) Files.delete(file);
        }
        restart(still);
    }

    private static long rows(Still still, TableName table) {
        return still.server
                .one("SELECT count() AS n FROM " + table.sql() + " WHERE p = 1")
                .number("n");
    }

    private static String refused(Runnable run) {
        return assertThrows(Trouble.Refused.class, run::run).getMessage();
    }

    @Test
    void aPartThatTheServerFoundBrokenIsNotDroppedInTheOtherTable() throws IOException {
        try (var still = table("broken")) {
            still.migrate("backfill");
            spoil(still, still.name);
            assertEquals(0, rows(still, still.name), "vacuous: the part is whole");
            var said = refused(() -> still.migrate("resume"));
            assertTrue(said.contains("broken-on-start") && said.contains("put it back"), said);
            assertEquals(10, rows(still, still.target()));
            for (var sql : said.replaceAll(
                            "(?s).*put it back: (CREATE TABLE .*?); and then (ALTER TABLE .*?), for rekey.* Then (ALTER"
                                    + " TABLE .*?), and run again.*",
                            "$1; $2; $3")
                    .split("; ")) {
                still.server.execute(sql);
                // as it may by itself, where it is large
                if (sql.startsWith("INSERT"))
                    still.execute(
                            "OPTIMIZE TABLE %s FINAL SETTINGS optimize_skip_merged_partitions = 0",
                            still.name.sibling("t_aside"));
            }
            still.migrate("resume");
            assertEquals(10, rows(still, still.name));
            assertEquals(
                    0,
                    still.server
                            .one("SELECT countIf(b != a * 2) AS n FROM " + still.name.sql())
                            .number("n"));

            spoil(still, still.name);
            assertTrue(refused(still::rollback).contains("broken-on-start"));
            assertEquals(10, rows(still, still.migration.rewrite().backup()));
        }
    }

    /// Of the copy it is no loss, and keeps nobody from going back; the comparison finds it on the way on.
    @Test
    @Tag("slow")
    @Tag("heavy")
    void aBrokenPartOfTheTargetIsOnlyACopy() throws IOException {
        try (var still = table("copy")) {
            still.migrate("verify");
            spoil(still, still.target());
            assertEquals(0, rows(still, still.target()), "vacuous: the part is whole");
            refused(() -> still.migrate("resume"));
            still.rollback();
            assertEquals(
                    40,
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql())
                            .number("n"));
        }
    }

    /// Before a restart or after it: the server knows what it has dropped for a while. Both at once and nobody can
    /// tell.
    @Test
    @Tag("slow")
    @Tag("heavy")
    void whatWasDroppedBeforeARestartIsAskedFor() {
        try (var still = table("dropped")) {
            still.migrate("backfill");
            restart(still);
            still.execute("ALTER TABLE %s DROP PARTITION 2");
            still.run(new Backfill());
            assertEquals(
                    30,
                    still.server
                            .one("SELECT count() AS n FROM " + still.target().sql())
                            .number("n"));
            still.execute("ALTER TABLE %s DROP PARTITION 1");
            Scene.await("the part to be gone from the disk", () -> {
                still.execute("ALTER TABLE %s DROP PARTITION 99");
                return still.server
                                .one("SELECT count() AS n FROM system.parts WHERE partition_id = '1' AND database ="
                                        + " 'dropped' AND table = 't'")
                                .number("n")
                        == 0;
            });
            restart(still);
            // that this one was dropped since is known, and says nothing of the other
            still.execute("ALTER TABLE %s DROP PARTITION 0");
            var said = refused(() -> still.migrate("resume"));
            assertTrue(said.contains("Partition 1 of") && said.contains("can't be told"), said);
            assertEquals(10, rows(still, still.target()));
            still.server.execute(said.replaceAll("(?s).*on purpose run (ALTER TABLE .*?); if not.*", "$1"));
            still.migrate("resume");
            assertEquals(
                    10,
                    still.server
                            .one("SELECT count() AS n FROM " + still.name.sql())
                            .number("n"));
        }
    }
}
