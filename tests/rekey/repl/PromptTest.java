package rekey.repl;

import java.nio.file.Files;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Labs;
import rekey.Scene;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Keys, pastes, mistakes, histories and windows: what has nothing to do with a migration.
@Tag("repl")
class PromptTest {
    private static Bed bed;

    @BeforeAll static void bed() {
        bed = new Bed(100);
    }

    @AfterAll static void drop() {
        bed.close();
    }

    @Test void mistakesAreToldInASentence() {
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
            assertFalse(at.screen().contains("\tat "), at::screen);
        }
    }

    @Test void helpListsAndExplains() {
        try (var at = Typist.open(100, 120, bed.options()).await("> ")) {
            at.enter("help").await("Steps").await("\\watch").await("exit");
            assertTrue(at.screen().lines().allMatch(l -> l.length() <= 100), at::screen);
            at.clear().enter("help run").await("--until").await("Examples: run");
            at.clear().enter("help nonsense").await("There is no command 'nonsense'");
            at.clear().enter("migration").await("chosen   hits_rekey").await("shipped  0002_events_sample_by");
        }
    }

    @Test void linesThatArePastedRunOneAfterTheOther() {
        var plain = new StringBuilder();
        for (int i = 1; i <= 10; i++) plain.append("SELECT concat('line', '-', '").append(i).append("');\r");
        try (var at = Typist.open(80, 60, bed.options()).await("> ")) {
            at.type(plain.toString());
            for (int i = 1; i <= 10; i++) at.await("line-" + i);
            at.clear().type("\033[200~SELECT\n  concat('pasted',\n  '-',\n  'whole')\n;\033[201~\r").await("pasted-whole");
            at.clear().type("\033[200~threads ?\nchunk ?\nplna\nmax-held ?\033[201~\r").await("chunk ").await("There is no command 'plna'").await("are not run");
        }
    }

    @Test void aStatementGoesOnUntilItsEnd() {
        try (var at = bed.typist()) {
            at.enter("SELECT").await("->").enter("  concat('go', 'ne', '-on')").enter(";").await("gone-on");
            at.clear().enter("SELECT 'half").await("->").type("\003").await("> ");
            at.clear().enter("status").await("state ");
        }
    }

    @Test void theHistoryOutlivesASessionAndHasNoPasswords() throws Exception {
        try (var at = bed.typist()) {
            at.enter("explain backfill").await("backfill").enter("\\c --user reader --password reader --database " + bed.name.database()).await("Connected to reader@");
            at.clear().enter("exit");
            assertEquals(0, at.ended());
        }
        var kept = Files.readString(State.own().resolve("history"));
        assertTrue(kept.contains("explain backfill"), kept);
        assertFalse(kept.contains("--password"), kept);
        try (var at = bed.typist()) {
            at.enter("history").await("explain backfill");
            at.clear().type("\022").await("bck-i-search").type("plain back").await("explain backfill").type("\r").await("INSERT INTO");
        }
    }

    @Test void otherServersAndOtherUsers() {
        try (var at = bed.typist()) {
            at.enter("\\c http://127.0.0.1:1").await("No ClickHouse answers at 127.0.0.1:1");
            at.clear().enter("status").await("state      not begun");
            at.clear().enter("\\c --user reader --password").await("Password: ").enter("wrong").await("does not let user 'reader' in");
            at.clear().enter("\\c --user reader --password").await("Password: ").enter("reader").await("Connected to reader@");
            assertFalse(at.screen().contains("Password: reader"), at::screen);
            at.clear().enter("run --yes").await("reader");
        }
        try (var at = bed.typist("--user", Labs.READER, "--password", "no")) {
            at.await("does not let user 'reader' in").enter("\\c --user default --password ''").await("Connected to default@");
            at.clear().enter("status").await("state ");
        }
    }

    @Test void theWindowIsDrawnSmallerAndLarger() {
        try (var at = bed.typist()) {
            at.resize(120, 40).enter("status").await("migration  hits_rekey").await("> ");
            at.clear().resize(60, 12).enter("status").await("not begun").await("> ");
            assertTrue(at.screen().lines().allMatch(l -> l.length() <= 60), at::screen);
        }
    }

    @Test void aLineIsWatchedUntilCtrlC() {
        try (var at = bed.typist()) {
            at.enter("\\watch 100ms SELECT concat('tick', '-', toString(rowNumberInAllBlocks()));");
            Scene.await("a third tick", () -> at.screen().split("tick-0").length > 3);
            at.type("\003");
            at.clear().enter("status").await("state ");
        }
    }

    @Test void kafkaThatIsAwayEndsNothing() {
        try (var at = bed.typist("--kafka", "127.0.0.1:1")) {
            at.enter("status").await("lag        not known").await("> ");
        }
    }

    @Test void aDumbTerminalWillDo() {
        try (var at = Typist.on("dumb", 80, 24, bed.options()).await("> ")) {
            at.enter("status").await("state      not begun").enter("exit");
            assertEquals(0, at.ended());
        }
    }
}
