package rekey.repl.line;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rekey.model.Trouble;
import rekey.repl.command.Commands;

/// What is a command, what is SQL, and what is not whole yet.
@Tag("repl")
class LineParserTest {
    private final LineParser lines = new LineParser(Commands.names().toList());

    private List<String> words(String text) {
        return assertInstanceOf(Line.Words.class, lines.of(text)).words();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1;",
                "select 1\\G",
                "describe events;",
                "create table t (a Int8) engine = Memory;",
                "SHOW TABLES;",
                "foo;",
                "explain select 1;",
                "(select 1);"
            })
    void whatEndsLikeSqlIsSql(String text) {
        assertInstanceOf(Line.Sql.class, lines.of(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1",
                "create table t (",
                "explain select",
                "kill query where",
                "optimize table t",
                "attach table t",
                "detach table t",
                "with a as (",
                "-- why\nselect 1",
                "status 'open",
                "describe `a b"
            })
    void whatIsNotWholeGoesOn(String text) {
        assertInstanceOf(Line.Open.class, lines.of(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status",
                "create",
                "create --yes",
                "explain swap",
                "optimize",
                "plna",
                "status;",
                "  next  ",
                "\\c http://ch:8123",
                "parts events;",
                "lag kafka_events\\G",
                "run --until verify;",
                "\\watch 99999999999999999999 status",
                "attach",
                "detach"
            })
    void everythingElseIsACommand(String text) {
        assertInstanceOf(Line.Words.class, lines.of(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "# a comment", "-- a comment"})
    void commentsAreNothing(String text) {
        assertInstanceOf(Line.Empty.class, lines.of(text));
    }

    @Test
    void wordsAreParted() {
        assertEquals(List.of("status"), words("status;"));
        assertEquals(List.of("parts", "events", "202601"), words("parts events 202601 ;"));
        assertEquals(List.of("queries", "-G"), words("queries\\G"));
        assertEquals(
                List.of("migration", "--order-by", "site, toDate(at)", "--name", "it's"),
                words("migration --order-by 'site, toDate(at)' --name \"it's\""));
        assertEquals(List.of("describe", "`my table`.`a``b`"), words("describe `my table`.`a``b`"));
        assertEquals(List.of("migration", "--sample-by", ""), words("migration --sample-by ''"));
    }

    @Test
    void theOutputMayGoIntoAFile() {
        var line = assertInstanceOf(Line.Words.class, lines.of("plan > '/tmp/a plan.txt'"));
        assertEquals(new Line.Words(List.of("plan"), "/tmp/a plan.txt", false), line);
        assertEquals(new Line.Words(List.of("parts", "events"), "p.txt", true), lines.of("parts events >>p.txt"));
        assertEquals(List.of("migration", "--order-by", "a > 1"), words("migration --order-by 'a > 1'"));
        assertThrows(Trouble.Usage.class, () -> lines.of("plan >"));
    }

    @Test
    void aWatchHasALineOfItsOwn() {
        assertEquals(new Line.Watch(Duration.ofSeconds(2), "parts events"), lines.of("\\watch 2 parts events"));
        assertEquals(new Line.Watch(Duration.ofMillis(500), "select 1;"), lines.of("\\watch 500ms select 1;"));
        assertInstanceOf(Line.Words.class, lines.of("\\watch"));
    }

    @Test
    void behindAStatementsEndStandsAFileOrAWatch() {
        assertEquals(new Line.Sql("SELECT 1;", "one.txt", false), lines.of("SELECT 1; > one.txt"));
        assertEquals(new Line.Sql("SELECT 1\\G", "a b.txt", true), lines.of("SELECT 1\\G >> 'a b.txt';"));
        assertEquals(new Line.Words(List.of("parts", "hits"), "p.txt", false), lines.of("parts hits; > p.txt"));
        assertEquals(new Line.Watch(Duration.ofSeconds(1), "SELECT 1;"), lines.of("SELECT 1; \\watch 1"));
        assertEquals(new Line.Watch(Duration.ofSeconds(2), "SELECT 1;"), lines.of("SELECT 1; \\watch"));
        assertEquals(new Line.Sql("SELECT '; > x';", "", false), lines.of("SELECT '; > x';"));
        assertThrows(Trouble.Usage.class, () -> lines.of("SELECT 1; >"));
        assertInstanceOf(Line.Open.class, lines.of("SELECT 1; SELECT"));
    }

    @Test
    void aPasteIsTakenApart() {
        assertEquals(
                List.of("tables", "SELECT 1,\n  2;", "parts 'a\nb'", "next"),
                lines.single("tables\nSELECT 1,\n  2;\nparts 'a\nb'\nnext"));
        assertEquals(List.of("SELECT"), lines.single("SELECT"));
    }
}
