package rekey.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.Rekey;
import rekey.Still;
import rekey.check.Check;
import rekey.check.OtherMigrations;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.compare.ComparedShare;
import rekey.model.LongName;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.MergeHoldWarning;
import rekey.run.MigrationState;
import rekey.run.Status;
import rekey.session.Session;
import rekey.step.Backfill;
import rekey.step.Create;
import rekey.step.Position;
import rekey.step.Verify;

/// The names of what a migration makes, and whose they are, on the shared lab.
@Tag("migration")
class NamesTest {
    private static final String DEFINITION = "(k UInt64, v String) ENGINE = MergeTree PARTITION BY k % 14 ORDER BY k";

    @Test
    void namesThatWouldBeTooLongAreCut() {
        var db = Labs.database();
        for (var name : List.of("a".repeat(88), "я".repeat(34), "events_" + "a".repeat(190)))
            try (var still = Still.table(Labs.connect(), new TableName(db, name), DEFINITION, "k % 14", "v, k", "")) {
                var rewrite = still.migration.rewrite();
                var room = still.server
                        .one("SELECT getMaxTableNameLengthForDatabase(" + Sql.text(db) + ") AS n")
                        .number("n");
                assertTrue(LongName.encoded(LongName.longest(rewrite)) <= room, rewrite.target() + ", " + room);
                still.execute("INSERT INTO %s SELECT number, 'v' FROM numbers(200)");
                still.migrate("resume");
                assertEquals(
                        200,
                        still.server
                                .one("SELECT count() AS n FROM " + still.name.sql())
                                .number("n"));
                still.rollback();
                assertEquals(
                        200,
                        still.server
                                .one("SELECT count() AS n FROM " + still.name.sql())
                                .number("n"));
            }
    }

    @Test
    void theDefaultNameIsNotTheTablesNameTwice() {
        try (var server = Labs.connect()) {
            var table = table(server, Labs.database(), "hits");
            var found = Migrations.find(server, wanted(table, null)).rewrite();
            assertEquals("hits_rekey", found.migration());
            assertEquals("hits_rekey", found.target().table());
            assertEquals("hits_backup", found.backup().table());
            var older = new Rewrite("hits_rekey", table, "", "", "v", "", "");
            assertEquals("hits_rekey_hits_rekey", older.target().table(), "as an older version's journal has it");
        }
    }

    private static TableName table(ClickHouse server, String db, String name) {
        var table = new TableName(db, name);
        server.execute("CREATE TABLE " + table.sql() + " (k UInt64, v String) ENGINE = MergeTree ORDER BY k");
        server.execute("INSERT INTO " + table.sql() + " SELECT number, '" + name + "' FROM numbers(100)");
        return table;
    }

    private static Migrations.Wanted wanted(TableName table, String name) {
        return new Migrations.Wanted(null, table.sql(), name, "v, k", null, null, null, null);
    }

    private static Session session(ClickHouse server, TableName table, String name) {
        return Rekey.session(server, Migrations.find(server, wanted(table, name)));
    }

    @Test
    void oneNameServesTwoTables() {
        try (var server = Labs.connect()) {
            var db = Labs.database();
            TableName a = table(server, db, "a"), b = table(server, db, "b");
            for (var t : List.of(a, b)) {
                var migration = Migrations.find(server, wanted(t, "nightly"));
                Rekey.runner(Rekey.session(server, migration)).run(migration, Optional.of("resume"));
                assertEquals(
                        t.sibling(t.table() + "_backup_nightly"),
                        migration.rewrite().backup());
            }
            for (var t : List.of(a, b)) {
                assertEquals(
                        t,
                        Migrations.find(
                                        server,
                                        new Migrations.Wanted("nightly", t.sql(), null, null, null, null, null, null))
                                .rewrite()
                                .source());
                assertEquals(
                        100,
                        server.one("SELECT count() AS n FROM " + t.sql() + " WHERE v = '" + t.table() + "'")
                                .number("n"));
            }
            var migration = Migrations.find(server, wanted(b, "nightly"));
            Rekey.runner(Rekey.session(server, migration)).rollback(migration);
            assertEquals(
                    Position.NotBegun.class,
                    Position.of(session(server, b, "nightly")).getClass());
            assertEquals(
                    Position.Swapped.class,
                    Position.of(session(server, a, "nightly")).getClass());
        }
    }

    @Test
    void aScriptsRunMakesTheChecksOfTheCommandLine() {
        try (var server = Labs.connect()) {
            var a = table(server, Labs.database(), "a");
            var early = session(server, a, "first");
            assertThrows(Trouble.Refused.class, () -> Rekey.runner(early).run(new Backfill()));
            var migration = Migrations.find(server, wanted(a, "first"));
            Rekey.runner(Rekey.session(server, migration)).run(migration, Optional.of("resume"));
            var backup = session(server, migration.rewrite().backup(), "second");
            var said = assertThrows(
                    Trouble.Refused.class, () -> Rekey.runner(backup).run(new Create()));
            assertTrue(said.getMessage().contains("first"), said.getMessage());
            assertFalse(backup.catalog().exists(backup.rewrite().target()));
        }
    }

    @Test
    void aJournalsNameThatIsSomebodyElsesIsSaidAtOnce() {
        try (var server = Labs.connect()) {
            var a = table(server, Labs.database(), "a");
            server.execute("CREATE TABLE " + a.sibling("rekey_journal").sql() + " (n UInt64) ENGINE = Memory");
            var said = assertThrows(Trouble.Refused.class, () -> Migrations.find(server, wanted(a, "m")));
            assertTrue(said.getMessage().contains("no journal of rekey's"), said.getMessage());
        }
    }

    @Test
    void settingsOfAMigrationWhoseJournalWasDroppedAreNamed() {
        try (var server = Labs.connect()) {
            var a = table(server, Labs.database(), "a");
            var migration = Migrations.find(server, wanted(a, "m"));
            Rekey.runner(Rekey.session(server, migration)).run(migration, Optional.of("backfill"));
            assertTrue(
                    MergeHoldWarning.sentence(Rekey.session(server, migration)).isEmpty());
            server.execute("DROP TABLE " + migration.rewrite().journal().sql() + " SYNC");
            var said =
                    MergeHoldWarning.sentence(Rekey.session(server, migration)).orElseThrow();
            server.execute(said.replaceAll("(?s).*(ALTER TABLE .*?), and look.*", "$1"));
            assertTrue(
                    MergeHoldWarning.sentence(Rekey.session(server, migration)).isEmpty());
        }
    }

    /// Begun anew it would have taken the hold for the owner's, and given it back to him for good.
    @Test
    void aHoldOfAMigrationWhoseJournalWasDroppedIsNamedAndNotAdopted() {
        try (var still =
                Still.table("(a UInt64, n UInt64) ENGINE = SummingMergeTree ORDER BY a", "", "cityHash64(a), a", "")) {
            still.execute("INSERT INTO %s SELECT number, 1 FROM numbers(10)");
            still.migrate("backfill");
            assertTrue(MergeHoldWarning.sentence(still.session()).isEmpty()
                    || MergeHoldWarning.sentence(still.session()).get().startsWith("MERGES OF"));
            still.server.execute(
                    "DROP TABLE " + still.migration.rewrite().journal().sql() + " SYNC");
            still.server.execute("DROP TABLE " + still.target().sql() + " SYNC");
            var check = new OtherMigrations();
            var refused = check.look(still.session());
            assertEquals(Check.Level.REFUSAL, refused.verdict());
            var said = MergeHoldWarning.sentence(still.session()).orElseThrow();
            still.server.execute(said.replaceAll("(?s).*(ALTER TABLE .*?), and look.*", "$1"));
            assertEquals(Check.Level.OK, check.look(still.session()).verdict());
            assertTrue(MergeHoldWarning.sentence(still.session()).isEmpty());
        }
    }

    @Test
    void afterAnExchangeMadeByHandTheRunbookIsPointedTo() {
        try (var server = Labs.connect()) {
            var a = table(server, Labs.database(), "a");
            var migration = Migrations.find(server, wanted(a, "m"));
            server.execute("CREATE TABLE " + migration.rewrite().backup().sql() + " AS " + a.sql());
            var s = Rekey.session(server, migration);
            assertTrue(Status.of(s, migration, null).error().contains("runbook"));
            var said = assertThrows(Trouble.Refused.class, () -> Verify.look(s, ComparedShare.ALL, false));
            assertTrue(said.getMessage().contains("runbook"), said.getMessage());
        }
    }

    @Test
    void aRollbackOfNothingLeavesNothing() {
        try (var server = Labs.connect()) {
            var a = table(server, Labs.database(), "a");
            var migration = Migrations.find(server, wanted(a, "m"));
            var s = Rekey.session(server, migration);
            Rekey.runner(s).rollback(migration);
            assertFalse(s.catalog().exists(migration.rewrite().journal()));
            assertEquals(MigrationState.NOT_BEGUN, Status.of(s, migration, null).state());
        }
    }
}
