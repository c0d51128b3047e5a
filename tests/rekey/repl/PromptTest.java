package rekey.repl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.Scene;
import rekey.maintainer.ScriptedTerminal;
import rekey.model.Trouble;

/// Keys, pastes, mistakes, histories and windows: what has nothing to do with a migration.
@Tag("repl")
class PromptTest {
    private static Bed bed;

    @BeforeAll
    static void bed() {
        bed = new Bed(100);
    }

    @AfterAll
    static void drop() {
        bed.close();
    }

    @Test
    void mistakesAreToldInASentence() {
        try (var at = bed.typist()) {
            at.enter("plna").await("There is no command 'plna'. Did you mean plan?");
            at.clear().enter("status --nonsense").await("Unknown option: '--nonsense'. See help status.");
            at.clear().enter("explain one two").await("See help explain.");
            at.clear().enter("explain nonsense").await("There is no step 'nonsense'");
            at.clear().enter("threads").await("Missing required parameter").await("See help threads.");
            at.clear().enter("plan > /nowhere/plan.txt").await("can't be written");
            at.clear().enter("plan >").await("a file is missing");
            at.clear().enter("SELECT nonsense;").await("nonsense").await("> ");
            at.clear().enter("migration nothing").await("There is no migration 'nothing'");
            at.clear().enter("\\watch").await("Say how often and what");
            at.clear()
                    .enter("\\watch 99999999999999999999 status")
                    .await("Say how often and what")
                    .awaitPrompt();
            at.clear()
                    .enter("prats hits;")
                    .await("No statement begins with 'prats'")
                    .await("Did you mean parts?");
            assertFalse(at.screen().contains("\tat "), at::screen);
        }
    }

    /// Nothing is typed.
    @Test
    void aPromptThatStandsTellsWhatAColleagueDid() {
        try (var own = new Bed(100);
                var at = own.typist()) {
            at.await(own.name.database() + " create> ");
            assertEquals(0, own.piped("run\n", "--yes").exitCode());
            at.await(own.name.database() + " finalize> ");
        }
    }

    @Test
    void helpListsAndExplains() {
        try (var at = ScriptedTerminal.open(100, 120, bed.options()).await("> ")) {
            at.enter("help").await("Steps").await("\\watch").await("exit");
            assertTrue(at.screen().lines().allMatch(l -> l.length() <= 100), at::screen);
            at.clear()
                    .resize(80, 24)
                    .enter("help")
                    .await("answer: q leaves")
                    .type("q")
                    .awaitPrompt()
                    .resize(100, 120);
            at.clear().enter("help run").await("--until").await("Examples: run");
            at.clear().enter("help nonsense").await("There is no command 'nonsense'");
            at.clear().enter("migration").await("chosen   hits_rekey").await("shipped  0002_events_sample_by");
        }
    }

    @Test
    void linesThatArePastedRunOneAfterTheOther() {
        var plain = new StringBuilder();
        for (int i = 1; i <= 10; i++)
            plain.append("SELECT concat('line', '-', '").append(i).append("');\r");
        try (var at = ScriptedTerminal.open(80, 60, bed.options()).await("> ")) {
            at.type(plain.toString());
            for (int i = 1; i <= 10; i++) at.await("line-" + i);
            at.clear()
                    .type("\033[200~SELECT\n  concat('pasted',\n  '-',\n  'whole')\n;\033[201~\r")
                    .await("pasted-whole");
            at.clear()
                    .type("\033[200~threads ?\nchunk ?\nplna\nmax-held ?\033[201~\r")
                    .await("chunk ")
                    .await("There is no command 'plna'")
                    .await("are not run");
        }
    }

    @Test
    void aStatementGoesOnUntilItsEnd() {
        try (var at = bed.typist()) {
            at.enter("SELECT")
                    .await("->")
                    .enter("  concat('go', 'ne', '-on')")
                    .enter(";")
                    .await("gone-on");
            at.clear().enter("SELECT 'half").await("->").type("\003").await("> ");
            at.clear().enter("status").await("state ");
        }
    }

    @Test
    void theHistoryOutlivesASessionAndHasNoPasswords() throws Exception {
        try (var at = bed.typist()) {
            at.enter("explain backfill")
                    .await("backfill")
                    .enter("\\c --user reader --password reader --database " + bed.name.database())
                    .await("Connected to reader@");
            at.clear()
                    .enter("CREATE USER u Identified Nonsense By 's3same';")
                    .await("Syntax error")
                    .awaitPrompt();
            at.clear()
                    .enter("CREATE NAMED COLLECTION c AS Password = 's3same', = ;")
                    .await("Syntax error")
                    .awaitPrompt();
            at.clear().enter("exit");
            assertEquals(0, at.ended());
        }
        var kept = Files.readString(State.own().resolve("history"));
        assertTrue(kept.contains("explain backfill"), kept);
        assertFalse(kept.contains("--password") || kept.contains("s3same"), kept);
        try (var at = bed.typist()) {
            at.clear()
                    .type("\022")
                    .await("bck-i-search")
                    .type("plain back")
                    .await("explain backfill")
                    .type("\r")
                    .await("what was copied goes");
        }
    }

    @Test
    void otherServersAndOtherUsers() {
        try (var at = bed.typist()) {
            at.enter("\\c http://127.0.0.1:1").await("No ClickHouse answers at 127.0.0.1:1");
            at.clear().enter("status").await("state      not begun");
            at.clear()
                    .enter("\\c --user reader --password")
                    .await("Password: ")
                    .enter("wrong")
                    .await("does not let user 'reader' in");
            at.clear()
                    .enter("\\c --user reader --password")
                    .await("Password: ")
                    .enter("reader")
                    .await("Connected to reader@");
            assertFalse(at.screen().contains("Password: reader"), at::screen);
            at.clear().enter("run --yes").await("reader");
        }
        try (var at = bed.typist("--user", Labs.READER, "--password", "no")) {
            at.await("does not let user 'reader' in")
                    .enter("\\c --user default --password ''")
                    .await("Connected to default@");
            at.clear().enter("status").await("state ");
        }
    }

    @Test
    void commandsAreCompletedByTheirContext() {
        try (var at = ScriptedTerminal.open(120, 40, bed.options()).await("> ")) {
            completes(at, "explain sw", "explain swap");
            completes(at, "explain fina", "explain finalize");
            completes(at, "run --until backf", "run --until backfill");
            completes(at, "run --unt", "run --until");
            completes(at, "migration 00", "migration 0002_events_sample_by");
            completes(at, "tables sys", "tables system");
            completes(at, "parts hi", "parts hits");
            completes(at, "parts hits 2026", "parts hits 202601");
            completes(at, "\\watch 2 partit", "\\watch 2 partitions");
            var id = "ends-" + bed.name.database();
            var sleeping = Thread.startVirtualThread(() -> {
                try (var other = Labs.connect()) {
                    other.query(
                            "SELECT count() FROM numbers(200) WHERE sleepEachRow(1) SETTINGS max_block_size = 1",
                            id,
                            Map.of());
                } catch (Trouble ended) {
                    return;
                }
            });
            Scene.await(
                    "it to run",
                    () -> bed.server
                                    .one("SELECT count() AS n FROM system.processes WHERE query_id = '" + id + "'")
                                    .number("n")
                            == 1);
            completes(at, "kill ends-", "kill " + id);
            bed.server.kill(id);
            Scene.await("it to end", () -> !sleeping.isAlive());
        }
    }

    private static void completes(ScriptedTerminal at, String typed, String... offered) {
        at.type("\025\f").awaitPrompt();
        at.type(typed + "\t\t");
        for (var o : offered) at.await(o);
    }

    @Test
    void theWindowIsDrawnSmallerAndLarger() {
        try (var at = bed.typist()) {
            at.resize(120, 40).enter("status").await("migration  hits_rekey").await("> ");
            at.clear().resize(60, 12).enter("status").await("not begun").await("> ");
            assertTrue(at.screen().lines().allMatch(l -> l.length() <= 60), at::screen);
        }
    }

    @Test
    void aLineIsWatchedUntilCtrlC() {
        try (var at = bed.typist()) {
            at.enter("\\watch 100ms SELECT concat('tick', '-', toString(rowNumberInAllBlocks()));");
            Scene.await("a third tick", () -> at.screen().split("tick-0").length > 3);
            at.type("\003");
            at.clear().enter("status").await("state ");
        }
    }

    @Test
    void kafkaThatIsAwayIsNotAskedOfATableThatItDoesNotFeed() {
        try (var at = bed.typist("--kafka", "127.0.0.1:1")) {
            at.enter("status").await("lag        nothing feeds it from Kafka").await("> ");
        }
    }

    @Test
    void aRunThatHasNotComeToItsFirstStepShows() {
        var next = new Prompt.Known("verify", Prompt.Kind.NEXT);
        assertEquals(new Prompt.Known("verify", Prompt.Kind.RUNS), next.running(""));
        assertEquals(new Prompt.Known("pause", Prompt.Kind.RUNS), next.running("pause"));
    }

    @Test
    void aDumbTerminalWillDo() {
        try (var at = ScriptedTerminal.on("dumb", 80, 24, bed.options()).await("> ")) {
            at.enter("status").await("state      not begun").enter("exit");
            assertEquals(0, at.ended());
        }
    }
}
