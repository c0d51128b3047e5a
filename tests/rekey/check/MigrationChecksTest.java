package rekey.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static rekey.check.Given.passes;
import static rekey.check.Given.refuses;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.clickhouse.ClickHouse;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Journal;
import rekey.session.Session;

/// Checks of what a migration finds and of what is done behind its back, on the shared lab.
@Tag("check")
class MigrationChecksTest {
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

    private static Session table(String database, String name) {
        run("CREATE DATABASE IF NOT EXISTS %s", database);
        run("CREATE TABLE %s.%s (a UInt64, b String CODEC(ZSTD)) ENGINE = MergeTree ORDER BY b", database, name);
        return Given.session(server, database, name);
    }

    private static void run(String sql, Object... args) {
        server.execute(sql.formatted(args));
    }

    @Test
    void versions() {
        assertTrue(ServerVersion.atLeast("26.7.2.1", "21.6"));
        assertTrue(ServerVersion.atLeast("21.6.0.1", "21.6"));
        assertTrue(ServerVersion.atLeast("21.6", "21.6.0"));
        assertFalse(ServerVersion.atLeast("21.10.1.1", "22"));
        assertFalse(ServerVersion.atLeast("21.6.1", "21.10"));
        var s = table(db, "versions");
        passes(new ServerVersion("21.6"), s);
        passes(new ServerVersion(""), s);
        refuses(new ServerVersion("99.1"), s, "26.7", "Upgrade ClickHouse to 99.1");
        passes(new ServerAbilities(), s);
    }

    @Test
    void priorMigrations() {
        var own = db + "_prior";
        var s = table(own, "t");
        var check = new PriorMigrations(List.of("0001_first"));
        passes(new PriorMigrations(List.of()), s);
        refuses(check, s, "0001_first", own + ".rekey_journal");
        var first = new Journal(server, s.rewrite().journal(), "0001_first", "r", Optional.empty());
        first.open();
        first.append("swap", new Detail.Exchanging(Optional.empty(), Optional.empty(), "t", false, Map.of()));
        refuses(check, s, "0001_first");
        first.append("swap", new Detail.Exchanged("t", Optional.empty()));
        passes(check, s);
        first.append("swap", new Detail.Bare(Entry.Event.UNDONE));
        refuses(check, s, "0001_first");
        first.append("swap", new Detail.Exchanged("t", Optional.empty()));
        first.append("finalize", new Detail.Bare(Entry.Event.FINALIZED));
        passes(check, s);
    }

    @Test
    void leftovers() {
        var own = db + "_leftovers";
        var s = table(own, "t");
        passes(new TakenNames(), s);
        table(own, "t_rekey_m10"); // another migration's
        passes(new TakenNames(), s);
        for (var stranger : List.of(s.rewrite().target(), s.rewrite().backup())) {
            table(own, stranger.table());
            refuses(new TakenNames(), s, stranger.toString(), "rename or drop");
            run("DROP TABLE %s SYNC", stranger.sql());
        }
        table(own, s.rewrite().gate(1).table());
        refuses(new TakenNames(), s, "DROP TABLE " + s.rewrite().gate(1).sql() + " SYNC reopens ingestion");
        Given.begun(s);
        passes(new TakenNames(), s);
    }

    @Test
    void mutationsSinceItBegan() {
        var own = db + "_mutations";
        var s = table(own, "t");
        run("INSERT INTO %s.t VALUES (1, 'x'), (2, 'y')", own);
        run("ALTER TABLE %s.t UPDATE a = 3 WHERE a = 1 SETTINGS mutations_sync = 2", own);
        var check = new NewMutations();
        passes(check, s);
        Given.begun(s);
        passes(check, s);
        run("CREATE TABLE %s AS %s.t", s.rewrite().target().sql(), own);
        var last = s.catalog().mutations(s.rewrite().source()).getLast().number();
        s.journal()
                .append(
                        "round",
                        new Detail.Replayed(
                                s.source().uuid(),
                                s.catalog().uuid(s.rewrite().target()).orElseThrow(),
                                last,
                                0,
                                "",
                                false));
        passes(check, s);
        run("DELETE FROM %s.t WHERE a = 2", own);
        passes(check, s);
        run("ALTER TABLE %s.t UPDATE a = 3 WHERE a = 1", own);
        refuses(check, s, "1 on " + own + ".t", "UPDATE a = 3 WHERE a = 1", "Undo the backfill");
        run("CREATE TABLE %s.t2 AS %s.t", own, own);
        run("EXCHANGE TABLES %s.t AND %s.t2", own, own);
        passes(check, s);
    }

    @Test
    void anotherMigrationOfTheTable() {
        var own = db + "_others";
        var s = table(own, "t");
        var check = new OtherMigrations();
        passes(check, s);
        Given.begun(s);
        passes(check, s); // its own
        var second = new Session(
                server,
                new Rewrite("m2", s.rewrite().source(), "", "", "b", "", ""),
                Map.of(),
                new Journal(server, s.rewrite().journal(), "m2", "r2", Optional.empty()),
                s.control(),
                s.progress());
        refuses(
                check,
                second,
                s.rewrite().migration() + " of " + own + ".t has been begun",
                "finalize --migration " + s.rewrite().migration());
        run("CREATE TABLE %s.u AS %s.t", own, own);
        passes(
                check,
                new Session(
                        server,
                        new Rewrite("m2", new TableName(own, "u"), "", "", "b", "", ""),
                        Map.of(),
                        second.journal(),
                        s.control(),
                        s.progress()));
        s.journal().append("", new Detail.Bare(Entry.Event.FINALIZED));
        passes(check, second);
    }

    @Test
    void columnsChangedMeanwhile() {
        var own = db + "_columns";
        var s = table(own, "t");
        var check = new ColumnsUnchanged();
        passes(check, s);
        Given.begun(s);
        run("CREATE TABLE %s AS %s.t", s.rewrite().target().sql(), own);
        passes(check, s);
        run("ALTER TABLE %s.t ADD COLUMN late UInt8 DEFAULT 7", own);
        refuses(check, s, "t has late UInt8 DEFAULT 7");
        run("ALTER TABLE %s.t DROP COLUMN late", own);
        passes(check, s);
        run("ALTER TABLE %s.t MODIFY COLUMN b CODEC(LZ4)", own);
        refuses(check, s, "b String");
        // who goes back was told to take that ALTER back, while the new table was dropped
        s.journal()
                .append(
                        "",
                        new Detail.Locked(
                                "rollback",
                                Optional.empty(),
                                true,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()));
        passes(check, s);
    }

    @Test
    void memory() {
        // how much is used just now is not what a test is about
        new ServerMemory().look(table(db, "memory"));
        var check = new ServerMemory();
        Given.says(Check.Level.OK, withTodo(check.judge(7e9, 10e9, 0)));
        Given.says(Check.Level.WARNING, check.judge(8.1e9, 10e9, 0), "7.5 GiB of 9.3 GiB", "--threads");
        Given.says(Check.Level.REFUSAL, check.judge(9.3e9, 10e9, 0));
        Given.says(Check.Level.REFUSAL, check.judge(1e9, 10e9, 0.95), "used to 95 %");
        Given.says(Check.Level.OK, withTodo(check.judge(1e9, 0, 0)));
    }

    private static Check.Verdict withTodo(Check.Verdict v) {
        return new Check.Verdict(v.name(), v.verdict(), v.saw(), v.needs(), "nothing");
    }

    @Test
    void aTableWithHardNames() {
        var hard = new TableName(db + " `x'\"\\ é", "e\"v`e'n\\ts ü.1");
        run("CREATE DATABASE %s", TableName.quote(hard.database()));
        run("CREATE TABLE %s (`a` UInt64, `b``c` String) ENGINE = ReplacingMergeTree ORDER BY `b``c`", hard.sql());
        var s = Given.session(server, Given.rewrite(hard.database(), hard.table(), "", "`b``c`, a", ""), Map.of());
        Given.begun(s);
        run("CREATE TABLE %s AS %s", s.rewrite().target().sql(), hard.sql());
        for (var checks : List.of(Checks.before(), Checks.during(), Checks.atSwap()))
            for (var v : Checks.look(s, checks))
                if (!List.of("deduplication", "server memory").contains(v.name()))
                    assertEquals(Check.Level.OK, v.verdict(), v::toString);
    }
}
