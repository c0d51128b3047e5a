package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import rekey.Labs;
import rekey.Scene;

/// What is asked of a person at a terminal, which util-linux's `script` plays, before a live table is changed.
@Tag("cli")
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a read from a process can't be interrupted
@Order(Integer.MAX_VALUE - 2)
class ConsentTest {
    private final Hits hits = new Hits();

    @BeforeEach
    void thereIsATerminalToBeHad() {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .anyMatch(dir -> Files.isExecutable(Path.of(dir, "script"))),
                "there is no util-linux script here, so nothing was asked on a terminal");
    }

    @AfterEach
    void drop() {
        hits.close();
    }

    @Test
    void whatChangesALiveTableIsSaidInFiveLinesAndAsked() throws Exception {
        var before = hits.state();
        var migrate = atATerminal("n", "Migrate", "--order-by", Hits.NEW_KEY);
        assertAsked(migrate, "Migrate hits_rekey?", "3,000 rows", Hits.NEW_KEY, "hits_backup", "rollback");
        assertEquals(before, hits.state());

        // without a terminal nobody is asked
        hits.run("migrate", "--until", "verify").exits(0);
        assertAsked(atATerminal("n", "Swap"), "Swap?", "change names");
        // the journal's only migration is meant where none is named
        Scripts.run("migrate", "--url", Labs.shared().url(), "--database", hits.name.database())
                .exits(0);
        assertEquals(Hits.NEW_KEY, hits.key());

        assertAsked(atATerminal("n", "Rollback"), "Roll hits_rekey back?", "since the swap", "dropped");
        assertEquals(Hits.NEW_KEY, hits.key());
        var finalize = process("n", List.of("Finalize")); // none is named here either
        assertAsked(finalize, "Drop the backup? There is no way back then.", "hits_backup is dropped: 3,000 rows");
        assertFalse(finalize.output().contains("DROP TABLE"), finalize::toString);
        var yes = atATerminal("", "Rollback", "--yes");
        assertFalse(yes.output().contains("[y/N]"), yes::toString);
        assertEquals(0, yes.exitCode(), yes::toString);
        assertEquals("site, at", hits.key());
    }

    /// Each changes a live table, or its ingestion, and was done without a word. What leaves the table as it is asks
    /// nobody.
    @Test
    void soIsWhatEndsBeforeTheSwap() throws Exception {
        var before = hits.state();
        assertAsked(
                atATerminal("n", "Alter", "--sample-by", "site"),
                "Alter " + hits.name + "?",
                "MODIFY SAMPLE BY site",
                "3,000 rows",
                "The only way back is another ALTER");
        assertAsked(
                atATerminal("n", "Migrate", "--order-by", Hits.NEW_KEY, "--until", "verify"),
                "Migrate hits_rekey until verify?",
                "3,000 rows",
                Hits.NEW_KEY,
                "ends after verify",
                "nothing is exchanged");
        assertEquals(before, hits.state());

        var create = atATerminal("", "Migrate", "--order-by", Hits.NEW_KEY, "--until", "create");
        assertFalse(create.output().contains("[y/N]"), create::toString);
        assertEquals(0, create.exitCode(), create::toString);
        before = hits.state();
        assertAsked(atATerminal("n", "Backfill"), "Copy?", "3,000 rows", "ends after backfill", "rollback drops");
        assertAsked(
                atATerminal("n", "Migrate", "--until", "pause"),
                "Migrate hits_rekey until pause?",
                "keeps its keys and its name",
                "resume opens");
        assertEquals(before, hits.state());
        hits.run("backfill").exits(0);
        before = hits.state();
        assertAsked(atATerminal("n", "Pause"), "Pause ingestion?", "Nothing feeds", "is carried first", "swap goes on");
        assertEquals(before, hits.state());
        var yes = atATerminal("", "Pause", "--yes");
        assertFalse(yes.output().contains("[y/N]"), yes::toString);
        assertEquals(0, yes.exitCode(), yes::toString);
    }

    /// Of a pause that a whole run has made: whoever ends it may take it from under an exchange.
    @Test
    void whoResumesAnothersPauseIsAsked() throws Exception {
        try (var scene = Scene.live(Scene.PLAIN)) {
            scene.migrate("verify");
            var pause = of(scene, "n", "Pause");
            assertAsked(pause, "Pause ingestion?", "from Kafka stops", "A guard opens it again after 30 s");
            assertTrue(scene.ingestionOpen());
            scene.migrate("pause");
            assertAsked(of(scene, "n", "Resume"), "Open ingestion?", "was stopped by the run of", "nothing doubled");
            assertFalse(scene.ingestionOpen());
            var yes = of(scene, "y", "Resume");
            assertEquals(0, yes.exitCode(), yes::toString);
            assertTrue(scene.ingestionOpen());
        }
    }

    private static Cli.Result of(Scene scene, String answer, String script) throws Exception {
        var database = scene.events().database();
        return process(answer, List.of(script, "--migration", "0002_events_sample_by"), database);
    }

    /// Without a migration named `status` connects for each that the journal knows.
    @Test
    void aPasswordIsAskedForOnce() throws Exception {
        hits.run("create").exits(0);
        var status = process("", List.of("Status", "--password"));
        assertEquals(0, status.exitCode(), status::toString);
        assertEquals(1, status.output().split("Password of default: ", -1).length - 1, status::toString);
        assertTrue(status.output().contains("hits_rekey"), status::toString);
    }

    private static void assertAsked(Cli.Result ran, String question, String... words) {
        assertEquals(4, ran.exitCode(), ran::toString);
        assertTrue(ran.output().contains(question + " [y/N]"), ran::toString);
        for (var word : words)
            assertTrue(ran.output().replaceAll("\\s+", " ").contains(word), () -> word + " in " + ran);
        var lines = ran.output().lines().filter(line -> line.startsWith("  - ")).count();
        assertEquals(5, lines, ran::toString);
    }

    private Cli.Result atATerminal(String answer, String script, String... more) throws Exception {
        var all = new ArrayList<>(List.of(script, "--table", hits.name.table()));
        all.addAll(List.of(more));
        return process(answer, all);
    }

    private Cli.Result process(String answer, List<String> command) throws Exception {
        return process(answer, command, hits.name.database());
    }

    private static Cli.Result process(String answer, List<String> command, String database) throws Exception {
        var all = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                Scripts.classPath()));
        all.addAll(command);
        all.addAll(List.of("--url", Labs.shared().url(), "--database", database));
        var line = all.stream().map(RewriteOptions::quoted).collect(Collectors.joining(" "));
        var process = new ProcessBuilder("script", "-qec", line, "/dev/null")
                .redirectErrorStream(true)
                .start();
        try (var in = process.outputWriter()) {
            in.write(answer + "\n");
            in.flush();
            var said = new String(process.getInputStream().readAllBytes());
            return new Cli.Result(process.waitFor(), said.replace("\r", ""), "");
        }
    }
}
