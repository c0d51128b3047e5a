package rekey.repl.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rekey.Labs;
import rekey.Scene;
import rekey.Still;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.ServerError;
import rekey.maintainer.ScriptedTerminal;
import rekey.step.Create;

/// SQL typed at the REPL, on a screen without a pty and a real server: what each kind of statement shows, what is
/// asked about first, what keys complete and colour.
@Tag("repl")
class ConsoleTest {
    private static Still table;
    private static ScriptedTerminal at;

    @BeforeAll
    static void open() {
        table = Still.table(
                "(site UInt32, day Date, visitor String, `odd name` String) ENGINE = MergeTree PARTITION BY"
                        + " toYYYYMM(day) ORDER BY (site, day)",
                "toYYYYMM(day)",
                "site, visitor",
                "");
        table.execute(
                "INSERT INTO %s SELECT number % 7, toDate('2026-01-01') + number % 90, concat('v', toString(number)),"
                        + " 'x' FROM numbers(3000)");
        at = ScriptedTerminal.open(90, 30, "--url", Labs.shared().url(), "--database", table.name.database());
        at.await(">");
    }

    @AfterAll
    static void end() {
        at.close();
        table.close();
    }

    /// An empty line on an empty screen.
    @BeforeEach
    void anew() {
        at.type("\025\f");
        Scene.await("an empty screen", at::empty);
    }

    @AfterEach
    void nothingIsLeft() {
        at.type("\025");
    }

    private static String said(String line, String await) {
        at.enter(line).await(await);
        return at.screen();
    }

    // --- answers ---

    @Test
    void rowsTimeAndWhatWasRead() {
        var screen = said("SELECT site, count() FROM t GROUP BY site ORDER BY site;", "rows in set");
        assertTrue(
                screen.contains("│    0 │")
                        && screen.contains("7 rows in set. Elapsed: ")
                        && screen.contains("Processed 3,000 rows"),
                screen);
    }

    @Test
    void severalStatementsOnSeveralLines() {
        at.enter("SELECT 'a;b' AS x -- c; d").await("->");
        var screen = said("  , $q$ ; $q$ AS y; SELECT 41 + 1 AS second_one;", "second_one─");
        assertTrue(screen.contains("a;b"), screen);
        at.await("│ 42 │".replace("│ 42 │", "42"));
    }

    @Test
    void aValueALine() {
        var screen = said("SELECT * FROM t ORDER BY visitor LIMIT 2\\G", "2 rows in set");
        assertTrue(screen.contains("Row 1:") && screen.contains("visitor:  v0"), screen);
    }

    @Test
    void theFormatThatIsAskedFor() {
        assertTrue(said("SELECT site, visitor FROM t ORDER BY visitor LIMIT 1 FORMAT JSONEachRow;", "Elapsed")
                .contains("{\"site\":0,\"visitor\":\"v0\"}"));
        said("SELECT 1 FORMAT Native;", "is binary");
    }

    @Test
    void intoAFile(@TempDir Path folder) throws Exception {
        var file = folder.resolve("o.tsv");
        said("SELECT number FROM numbers(3) INTO OUTFILE '" + file + "';", "written to");
        assertEquals("0\n1\n2\n", Files.readString(file));
        said("SELECT 1 INTO OUTFILE '" + file + "';", "exists");
    }

    @Test
    void intoAFileThatStandsBehindTheSemicolon(@TempDir Path folder) throws Exception {
        var file = folder.resolve("o.tsv");
        at.enter("SELECT number FROM numbers(3); > " + file).await("Elapsed").awaitPrompt();
        assertEquals("0\n1\n2\n", Files.readString(file));
    }

    @Test
    void againAndAgainUntilCtrlC() {
        at.enter("SELECT 41 + 1 AS again; \\watch 1").await("every 1.0 s; Ctrl-C ends it");
        Scene.await("a second answer", () -> at.screen().split("42 │", -1).length > 2);
        at.type("\003").awaitPrompt();
    }

    @Test
    void whatIsLongerThanTheScreenAPageAtATime() {
        said("SELECT number AS n FROM numbers(400);", " 10. ");
        assertFalse(at.screen().contains("rows in set"));
        at.type("G").await("400. ");
        at.type("q").await("400 rows in set");
    }

    @Test
    void whatIsWiderThanTheScreenIsMovedSideways() {
        said("SELECT number, repeat('wide ', 30) AS w, 'at_the_end' AS e FROM numbers(3);", "wide wide");
        assertFalse(at.screen().contains("at_the_end"));
        at.type("\033OC\033OC").await("at_the_end").type("q").await("3 rows in set");
    }

    @Test
    void whoLeavesThePagerEndsTheQuery() {
        said("SELECT number, sipHash64(number) FROM numbers(100000000000) FORMAT TSV;", "29");
        at.type("q").await("Left before the end");
        try (var server = Labs.connect()) {
            Scene.await(
                    "the query to end",
                    () -> server.one("SELECT count() AS n FROM system.processes WHERE query LIKE"
                                            + " '%numbers(100000000000) FORMAT TSV%' AND query_id != queryID()")
                                    .number("n")
                            == 0);
        }
    }

    @Test
    void ctrlCEndsTheQueryOnTheServer() {
        at.enter("SELECT sleepEachRow(0.2) FROM numbers(3000) SETTINGS max_block_size = 1 FORMAT Null;")
                .await("Ctrl-C cancels");
        at.type("\003").await("Cancelled after");
        try (var server = Labs.connect()) {
            Scene.await(
                    "the query to end",
                    () -> server.one("SELECT count() AS n FROM system.processes WHERE query LIKE"
                                            + " '%numbers(3000) SETTINGS max_block_size = 1 FORMAT Null%' AND"
                                            + " query_id != queryID()")
                                    .number("n")
                            == 0);
        }
    }

    @Test
    void killingIsAskedFor() {
        var id = "typed-" + table.name.database();
        try (var server = Labs.connect();
                var other = Labs.connect()) {
            var thread = Thread.startVirtualThread(() -> {
                try {
                    other.query(
                            "SELECT count() FROM numbers(300) WHERE sleepEachRow(1) SETTINGS max_block_size = 1",
                            id,
                            Map.of());
                } catch (rekey.model.Trouble ended) {
                    return;
                }
            });
            Scene.await(
                    "it to run",
                    () -> server.one("SELECT count() AS n FROM system.processes WHERE query_id = '" + id + "'")
                                    .number("n")
                            == 1);
            at.enter("KILL QUERY WHERE query_id = '" + id + "' SYNC;")
                    .await("This ends 1 query. Run it? [y/N]")
                    .enter("n")
                    .await("Nothing was done.");
            assertEquals(
                    1,
                    server.one("SELECT count() AS n FROM system.processes WHERE query_id = '" + id + "'")
                            .number("n"));
            at.enter("KILL QUERY WHERE query_id = '" + id + "';")
                    .await("This ends 1 query. Run it? [y/N]")
                    .enter("y")
                    .await("kill_status");
            Scene.await("it to end", () -> !thread.isAlive());
            at.type("q"); // its text is wider than the screen
        }
    }

    // --- errors ---

    @Test
    void aMistakeIsMarked() {
        var screen = said("SELECT 1 FROMM x y;", "Syntax error at 'x'");
        assertTrue(screen.contains("\n               ^"), screen);
        assertTrue(
                said("SELECT nosuch FROM t;", "Unknown expression identifier").contains("\n       ^"));
    }

    @Test
    void aMistypedStatementIsGuessed() {
        assertTrue(said("selct 1;", "No statement begins with 'selct'").contains("Did you mean select?"));
    }

    /// In SQL it is a comparison.
    @Test
    void whoNamesAFileAsAShellDoesIsToldHow() {
        for (var file : List.of("answers.txt", "/tmp/answers")) {
            at.clear().enter("SELECT 1 > " + file + ";");
            Scene.await(
                    "the hint",
                    () -> at.screen()
                            .replaceAll("\\s+", " ")
                            .contains("To keep the answer in a file write SELECT ...; > FILE"));
        }
    }

    @Test
    void anErrorAfterTheFirstRows() {
        try (var server = Labs.connect();
                var answer = server.ask(
                        "SELECT number, throwIf(number = 5000000) FROM numbers(10000000) FORMAT TSV",
                        "breaks-" + table.name.database(),
                        "TabSeparated",
                        "default",
                        Map.of());
                var rows = new AnswerLines(answer)) {
            assertEquals("0\t0", rows.line());
            var error = assertThrows(ServerError.class, () -> {
                while (rows.line() != null) Thread.onSpinWait();
            });
            assertEquals(395, error.code());
            assertTrue(
                    error.getMessage().contains("after the first rows")
                            && error.getMessage().contains("throwIf"),
                    error.getMessage());
        }
    }

    @Test
    void aPasswordIsNeitherAnsweredNorRepeated() {
        at.enter("CREATE USER somebody IDENTIFED BY 'sesame-word';").await("Syntax error");
        assertEquals(2, at.screen().split("sesame-word", -1).length); // once, as it was typed
    }

    // --- the session ---

    @Test
    void setAndTemporaryTablesStay() {
        said("SET max_threads = 3; SELECT getSetting('max_threads') AS threads_now;", "1 row in set");
        assertTrue(at.screen().contains("3 │"), at.screen());
        said("CREATE TEMPORARY TABLE mine AS SELECT 77 AS seven; SELECT * FROM mine;", "77 │");
    }

    @Test
    void useTurnsToAnotherDatabase() {
        try {
            at.enter("USE system;").await("system>");
            said("SELECT count() AS tables_there FROM one;", "1 row in set");
        } finally {
            at.clear().enter("USE " + table.name.database() + ";").awaitPrompt();
            at.clear().await(table.name.database() + ">"); // the others are typed there
        }
    }

    // --- what a migration depends on ---

    @Test
    void aWriteToAMigrationsTableIsAskedAbout() {
        table.run(new Create());
        try {
            at.enter("ALTER TABLE t DELETE WHERE site = 3;")
                    .await("source of m1, which is under way")
                    .await("[y/N]")
                    .enter("n")
                    .await("Nothing was done");
            assertEquals(
                    3000,
                    table.server
                            .one("SELECT count() AS n FROM " + table.name.sql())
                            .number("n"));
            at.type("\f");
            at.enter("INSERT INTO t SELECT * FROM t LIMIT 1;")
                    .await("[y/N]")
                    .enter("y")
                    .await("Wrote 1 row");
            said("SELECT count() AS all_rows FROM t;", "3001 │");
        } finally {
            table.undo(new Create());
        }
    }

    // --- keys ---

    private static void completes(String typed, String... offered) {
        new ConsoleTest().anew();
        at.type(typed + "\t\t");
        for (var o : offered) at.await(o);
    }

    @Test
    void completionByContext() {
        completes("SELECT visito FROM t\002\002\002\002\002\002\002", "SELECT visitor FROM t");
        completes("SELECT * FROM t WHERE `od", "WHERE `odd name`");
        completes("SELECT * FROM system.numbers_m", "system.numbers_mt");
        completes("SELECT * FROM t AS u WHERE u.", "visitor", "site");
        completes("SELECT 1 FORMAT PrettyComp", "PrettyCompact");
        completes("SET max_thread", "max_threads");
        completes("SELECT toYYYYMMDDh", "toYYYYMMDDhhmmss(");
        completes("ALTER TABLE t DROP PARTITION ", "202601", "202602");
        completes("select * from t prew", "prewhere");
    }

    @Test
    void commandsAndTheirArguments() {
        completes("partit", "partitions");
        completes("parts t 2026", "202601", "202602");
        completes("parts t --li", "--limit");
        completes("help mut", "help mutations");
    }

    @Test
    void whatWasTypedBeforeIsSuggestedInGreyAndFound() {
        said("SELECT 'typed before' AS hint_of_history;", "1 row in set");
        at.type("\fSELECT 'typed").await("before' AS hint_of_history");
        at.type("\005").enter("").await("1 row in set"); // Ctrl-E takes it
        at.type("\f\022hint_of").await("typed before").type("\007");
    }

    @Test
    void sqlIsColoured() {
        var words = new Vocabulary(() -> table.server);
        words.functions();
        var colours = new Colours(words, line -> line.startsWith("parts"));
        var text = colours.highlight(null, "SELECT count(), 'a', 1 FROM t -- x");
        assertEquals("SELECT count(), 'a', 1 FROM t -- x", text.toString());
        assertEquals(
                6,
                Map.of("SELECT", 0, "count", 7, "'a'", 16, "1", 21, "--", 30, "t", 28).values().stream()
                        .map(text::styleAt)
                        .distinct()
                        .count());
        assertEquals(text.styleAt(0), text.styleAt(23));
        assertFalse(text.styleAt(14).equals(text.styleAt(0)));
        assertEquals(colours.highlight(null, "parts t").styleAt(0), text.styleAt(0));
    }

    // --- who may not ---

    @Test
    void aReaderMayAsk() {
        try (var server = ClickHouse.connect(
                new rekey.clickhouse.Endpoint(Labs.shared().url(), Labs.READER, Labs.READER, "default", Map.of()))) {
            var sitting = new ConsoleSession();
            try (var answer = sitting.ask(
                    server,
                    "SELECT 1 AS one",
                    "reader-" + table.name.database(),
                    "TabSeparated",
                    "default",
                    Map.of("max_threads", "1"),
                    () -> {})) {
                assertEquals("1", new AnswerLines(answer).line());
            }
        }
    }
}
