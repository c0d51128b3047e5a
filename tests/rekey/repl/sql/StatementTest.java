package rekey.repl.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.clickhouse.ServerError;
import rekey.model.TableName;
import rekey.repl.command.Commands;
import rekey.repl.line.LineParser;
import rekey.repl.line.Statement;
import rekey.repl.line.Token;

/// How a text is cut into statements, and what is told from one without a server.
@Tag("repl")
class StatementTest {
    private static List<String> cut(String text) {
        return Statement.of(text).stream()
                .map(s -> s.text() + (s.vertical() ? " \\G" : ""))
                .toList();
    }

    @Test
    void statementsEndOutsideOfQuotesCommentsAndHeredocs() {
        assertEquals(
                List.of(
                        "SELECT 'a;b', \"c;d\", `e;f`",
                        "SELECT 2 -- x; y\n + 1",
                        "SELECT /* ; */ $x$ ; $x$",
                        "SELECT 'it''s; \\'; '"),
                cut("SELECT 'a;b', \"c;d\", `e;f`; SELECT 2 -- x; y\n"
                        + " + 1;; SELECT /* ; */ $x$ ; $x$ ;SELECT 'it''s; \\'; ';\n"));
        assertEquals(List.of("SELECT 1 \\G", "SELECT 2"), cut("SELECT 1\\G SELECT 2;"));
        assertEquals(List.of("INSERT INTO t FORMAT CSV 1,'a;\n2,b"), cut("INSERT INTO t FORMAT CSV 1,'a;\n2,b;"));
        assertEquals(
                List.of("INSERT INTO t VALUES (1, ';')", "SELECT 1"), cut("INSERT INTO t VALUES (1, ';'); SELECT 1;"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SELECT 1;", "SELECT 1\\G", "SELECT 1; -- done", "SELECT 1 /* a */ ;\n", "SELECT 'a' ;"})
    void isWhole(String text) {
        assertTrue(Statement.whole(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1",
                "SELECT ';",
                "SELECT 1 -- ;",
                "SELECT 1 /* ;",
                "SELECT `a;",
                "SELECT $x$ ; ",
                "",
                "-- ;"
            })
    void isNotWhole(String text) {
        assertFalse(Statement.whole(text));
    }

    @Test
    void theTokensPutTogetherAreTheText() {
        for (var text : List.of(
                "SELECT 'é', \"ü\"\t[1.5e3] -- ж\n# x\n$a$b$a$ $1 😀;\\G\\x", "'open", "/* open", "`open\\", ""))
            assertEquals(
                    text,
                    String.join("", Token.of(text).stream().map(Token::text).toList()));
    }

    @Test
    void theFormatItNames() {
        assertEquals("JSON", Statement.of("SELECT 1 format JSON;").getFirst().format());
        assertEquals(
                "CSV",
                Statement.of("SELECT 1 FORMAT CSV SETTINGS max_threads = 1;")
                        .getFirst()
                        .format());
        assertEquals("", Statement.of("SELECT 'FORMAT JSON';").getFirst().format());
    }

    @Test
    void aFileIsTheClientsBusiness(@org.junit.jupiter.api.io.TempDir java.nio.file.Path folder) {
        var statement = Statement.of("SELECT 1 INTO OUTFILE '" + folder + "/x.tsv' TRUNCATE FORMAT TSV;")
                .getFirst();
        var outfile = Outfile.of(statement).orElseThrow();
        assertEquals("SELECT 1 FORMAT TSV", outfile.sql());
        assertEquals(folder.resolve("x.tsv"), outfile.file());
        assertTrue(Outfile.of(Statement.of("SELECT 'INTO OUTFILE';").getFirst()).isEmpty());
    }

    // --- what a migration depends on ---

    private static final ProtectedTables GUARDED = new ProtectedTables(new TreeMap<>(java.util.Map.of(
            new TableName("db", "events"),
            "source of m1",
            new TableName("db", "events_rekey_m1"),
            "target of m1",
            new TableName("db", "kafka events"),
            "Kafka table of m1")));

    private static boolean warned(String sql, String database) {
        return GUARDED.warning(Statement.of(sql).getFirst(), database).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO events VALUES (1)",
                "insert into `db`.`events` select 1",
                "ALTER TABLE events DELETE WHERE 1",
                "DROP TABLE events_rekey_m1",
                "TRUNCATE TABLE db.events",
                "OPTIMIZE TABLE events FINAL",
                "DELETE FROM events WHERE 1",
                "RENAME TABLE x TO events",
                "DETACH TABLE `kafka events`",
                "SYSTEM STOP MERGES",
                "SYSTEM STOP MERGES db.events",
                "DROP DATABASE db",
                "CREATE MATERIALIZED VIEW v TO x AS SELECT * FROM events",
                "EXCHANGE TABLES events AND other",
                "WITH 1 AS a INSERT INTO events SELECT a",
                "insert into events(a) values (1)",
                "INSERT INTO TABLE \"db\".\"events\" SELECT 1",
                "UPDATE events SET a = 1 WHERE 1",
                "CREATE OR REPLACE TABLE events (a Int8) ENGINE = Memory",
                "ALTER TABLE other MOVE PARTITION 1 TO TABLE db.events",
                "/* why */ DROP TABLE IF EXISTS -- this\n events SYNC",
                "RENAME DATABASE db TO old",
                "TRUNCATE ALL TABLES FROM db",
                "DETACH DATABASE db",
                "ATTACH TABLE events",
                "SYSTEM PAUSE `kafka events`"
            })
    void writesToAMigrationsTables(String sql) {
        assertTrue(warned(sql, "db"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM events",
                "INSERT INTO other SELECT * FROM events",
                "ALTER TABLE other.events DELETE WHERE 1",
                "SHOW CREATE TABLE events",
                "EXPLAIN SELECT * FROM events",
                "CREATE TABLE copy AS events",
                "DROP DATABASE other",
                "SYSTEM FLUSH LOGS",
                "SET max_threads = 1",
                "INSERT INTO other VALUES ('events')",
                "DESCRIBE events",
                "GRANT SELECT ON db.events TO reader",
                "BACKUP TABLE db.events TO Disk('b', 'e')",
                "TRUNCATE ALL TABLES FROM other",
                "DROP VIEW other.events"
            })
    void doesNotWriteThere(String sql) {
        assertFalse(warned(sql, "db"));
    }

    @Test
    void aBareNameIsOfTheDatabaseOfTheMoment() {
        assertFalse(warned("DROP TABLE events", "other"));
        assertTrue(warned("DROP TABLE db.events", "other"));
    }

    // --- complaints ---

    @Test
    void thePlaceIsMarked() {
        var sql = "SELECT 'é',\n  1 FROMM x y";
        int bytes =
                sql.substring(0, sql.indexOf(" x y") + 1).getBytes(java.nio.charset.StandardCharsets.UTF_8).length + 1;
        var told = complaint(
                "ClickHouse says (62): Syntax error: failed at position " + bytes
                        + " (x): x y. Expected one of: a, b, c, d, e, f, g, h, i. (SYNTAX_ERROR)",
                sql);
        assertEquals(
                "  1 FROMM x y\n"
                        + "          ^\n"
                        + "ClickHouse says (62): Syntax error at 'x': expected one of a, b, c, d, e, f, g, h, ...."
                        + " (SYNTAX_ERROR)",
                told);
        assertTrue(complaint(
                        "ClickHouse says (47): Unknown expression identifier `nosuch` in scope SELECT nosuch.",
                        "SELECT nosuch")
                .startsWith("SELECT nosuch\n       ^\n"));
        assertEquals("ClickHouse says (1): Something.", complaint("ClickHouse says (1): Something.", "SELECT 1"));
    }

    @Test
    void aPasswordIsNotRepeated() {
        var sql = "CREATE USER u IDENTIFIED BI 'sesame'";
        assertFalse(complaint(
                        "ClickHouse says (62): Syntax error: failed at position 26 (BI): BI 'sesame'. Expected BY."
                                + " (SYNTAX_ERROR)",
                        sql)
                .contains("sesame"));
    }

    private static String complaint(String message, String sql) {
        return ServerErrorText.of(
                        new ServerError(62, message, null),
                        Statement.of(sql).getFirst(),
                        new LineParser(Commands.names().toList()))
                .getMessage();
    }

    // --- the place at which one types ---

    @Test
    void theTablesThatAStatementNames() {
        var text = "SELECT | FROM hits AS h JOIN db2.`odd name` ON 1 WHERE x; SELECT 1 FROM other";
        var place = SqlCompletion.CursorPlace.of(text.replace("|", ""), text.indexOf('|'), "db");
        assertEquals(
                List.of(
                        new SqlCompletion.CursorPlace.Named(new TableName("db", "hits"), "h"),
                        new SqlCompletion.CursorPlace.Named(new TableName("db2", "odd name"), "ON")),
                place.tables());
        assertEquals("SELECT", place.last(1));
    }

    @Test
    void whatHasBegunAndWhatStandsBeforeIt() {
        var place = SqlCompletion.CursorPlace.of("SELECT h.vis FROM hits h", "SELECT h.vis".length(), "db");
        assertEquals("vis", place.begun());
        assertEquals("h", place.qualifier());
        assertTrue(SqlCompletion.CursorPlace.of("SELECT 1; SELECT * FROM ", 24, "db")
                .wantsTable());
    }
}
