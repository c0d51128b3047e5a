package rekey.repl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rekey.Labs;
import rekey.Scene;
import rekey.Still;
import rekey.maintainer.ScriptedTerminal;
import rekey.step.Create;
import tools.jackson.databind.json.JsonMapper;

/// The commands that look, typed on a screen of 80 columns: each answers, and no line is wider than the screen.
@Tag("repl")
class InspectTest {
    private static final int COLUMNS = 80;
    private static Still table;
    private static ScriptedTerminal at;

    @BeforeAll
    static void open() {
        table = Still.table(
                "(site UInt32, day Date, visitor String) ENGINE = MergeTree PARTITION BY toYYYYMM(day) ORDER BY (site,"
                        + " day)",
                "toYYYYMM(day)",
                "site, visitor",
                "");
        table.execute("INSERT INTO %s SELECT number % 7, toDate('2026-01-01') + number % 90, toString(number) FROM"
                + " numbers(3000)");
        table.run(new Create());
        at = ScriptedTerminal.open(
                COLUMNS,
                60,
                "--url",
                Labs.shared().url(),
                "--database",
                table.name.database(),
                "--table",
                table.name.toString(),
                "--name",
                "m1",
                "--order-by",
                "site, visitor");
        at.await("backfill>");
    }

    @AfterAll
    static void end() {
        at.close();
        table.undo(new Create());
        table.close();
    }

    @BeforeEach
    void anew() {
        if (paged()) at.type("q").awaitGone("q leaves"); // of one that failed
        at.type("\025\f");
        Scene.await("an empty screen", at::empty);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        now                     | look with
        tables                  | target of m1
        databases               | Atomic
        describe                | site, day
        describe -G             | toYYYYMM(day)
        partitions              | 202603
        parts                   | 202601_1_1_0
        parts t 202602          | 202602_2_2_0
        diff                    | lines differ
        diff t t                | definitions are the same
        journal                 | INTENT
        inflow                  | rows each
        inflow t_rekey_m1       | No row has come
        lag                     | No Kafka table feeds it
        consumers               | No Kafka table feeds it
        merges                  | merge
        mutations               | mutation
        disks                   | largest tables
        queries                 | rekey
        slow --minutes 1        | longest
        errors                  | up for
        parts none              | There is no table
        parts a.b.c             | is no table name
        kill nothing-like-this  | look with queries
        help parts              | parts events 202611
        help                    | Operations by name
        tabels                  | tables
        diff t                  | name both
        """)
    void answers(String line, String await) {
        if (line.equals("slow --minutes 1")) table.execute("SYSTEM FLUSH LOGS");
        if (line.equals("queries")) queryRuns();
        at.enter(line).await(await);
        // how much there is to show follows from what other tests have done to the server
        Scene.await("the whole answer", () -> paged() || at.waits());
        if (paged()) at.type("q");
    }

    private static boolean paged() {
        return at.screen().contains("q leaves");
    }

    /// One that belongs to a migration by its id.
    private static void queryRuns() {
        var id = "rekey:" + table.name.database() + ":m1:r1:1:copy";
        Thread.startVirtualThread(() -> {
            try (var other = Labs.connect()) {
                other.query("SELECT count() FROM numbers(3) WHERE sleepEachRow(1)", id, Map.of());
            }
        });
        Scene.await(
                "it to run",
                () -> table.server
                                .one("SELECT count() AS n FROM system.processes WHERE query_id = '" + id + "'")
                                .number("n")
                        == 1);
    }

    @Test
    void aQueryIsKilledAfterAWord() {
        var id = "sleeper-" + table.name.database();
        var thread = Thread.startVirtualThread(() -> {
            try (var other = Labs.connect()) {
                other.query(
                        "SELECT count() FROM numbers(200) WHERE sleepEachRow(1) SETTINGS max_block_size = 1",
                        id,
                        Map.of());
            } catch (rekey.model.Trouble ended) {
                return;
            }
        });
        Scene.await(
                "it to run",
                () -> table.server
                                .one("SELECT count() AS n FROM system.processes WHERE query_id = '" + id + "'")
                                .number("n")
                        == 1);
        at.enter("kill sleeper-").await("[y/N]").enter("y").await("Ended " + id);
        Scene.await("it to end", () -> !thread.isAlive());
    }

    @Test
    void intoAFileAsJson(@TempDir Path folder) throws Exception {
        var file = folder.resolve("partitions.json");
        at.enter("partitions --json > " + file).await(file.getFileName().toString());
        Scene.await("the file to be written", () -> file.toFile().length() > 0);
        var first = JsonMapper.shared().readTree(Files.readAllLines(file).getFirst());
        assertEquals("202601", first.get("id").asString());
        assertTrue(first.get("size").asLong() > 0);
    }

    @Test
    void aLongAnswerAPageAtATime() {
        at.resize(COLUMNS, 12);
        at.enter("describe").await("answer: q leaves");
        at.type("q").await(">");
        at.resize(COLUMNS, 60);
    }
}
