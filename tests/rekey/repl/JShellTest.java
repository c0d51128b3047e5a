package rekey.repl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rekey.Rekey;
import rekey.Repo;
import rekey.clickhouse.Catalog;
import rekey.model.Trouble;
import rekey.run.MigrationState;

/// The vocabulary in JShell, a connection ready.
@Tag("repl")
class JShellTest {
    @Test
    void eachStepIsAValue() {
        try (var bed = new Bed(100)) {
            var out = new ByteArrayOutputStream();
            int code = JShell.run(
                    ReplOptions.parse(bed.options()),
                    true,
                    """
                    import static rekey.Rekey.*;
                    import rekey.session.*;
                    var server = rekey.repl.JShell.server();
                    var migration = rekey.repl.JShell.migration();
                    var session = session(server, migration);
                    """,
                    new ByteArrayInputStream("""
                        plan(session, migration).rows()
                        runner(session).run(sequence(create(), backfill()))
                        create().state(session).phase()
                        /exit
                        """.getBytes()),
                    new PrintStream(out, true));
            assertEquals(0, code);
            assertTrue(out.toString().contains("==> 100") && out.toString().contains("==> DONE"), out::toString);
            assertEquals(
                    100,
                    bed.server
                            .one("SELECT count() AS n FROM "
                                    + bed.name.sibling("hits_rekey").sql())
                            .number("n"));
        }
    }

    /// scripts/Shell.java begins so, and README shows these words.
    @Test
    void asItIsOpenedItKnowsTheWordsOfTheReadme() throws Exception {
        var script = Pattern.compile("(?s)\"\"\"\\n(.*?)\"\"\"\\.formatted\\(nowhere \\? \"\" : (.*?)\\s+: \"\"")
                .matcher(Files.readString(Repo.ROOT.resolve("scripts/Shell.java")));
        assertTrue(script.find());
        var startup = script.group(1)
                .stripIndent()
                .formatted(Pattern.compile("\"([^\"]*)\"")
                        .matcher(script.group(2))
                        .results()
                        .map(m -> m.group(1).replace("\\n", "\n"))
                        .collect(Collectors.joining()));
        var readme = Files.readString(Repo.ROOT.resolve("README.md"));
        var about =
                readme.substring(readme.indexOf("`./jbang shell` is a JShell"), readme.indexOf("## When something"));
        var words = Pattern.compile("`([a-z]+\\([^`]*\\))`")
                .matcher(about)
                .results()
                .map(m -> m.group(1))
                .toList();
        assertTrue(words.contains("runner(session).run(create())"), words::toString);
        try (var bed = new Bed(100)) {
            var out = new ByteArrayOutputStream();
            assertEquals(
                    0,
                    JShell.run(
                            ReplOptions.parse(bed.options()),
                            true,
                            startup,
                            new ByteArrayInputStream((String.join("\n", words) + "\n1 + 41\n/exit\n").getBytes()),
                            new PrintStream(out, true)));
            assertTrue(
                    out.toString().contains("==> 42")
                            && !out.toString().contains("Error")
                            && !out.toString().contains("Exception"),
                    out::toString);
            assertEquals(
                    0,
                    bed.server
                            .one("SELECT count() AS n FROM "
                                    + bed.name.sibling("hits_rekey").sql())
                            .number("n"));
        }
    }

    @Test
    void itGreetsInFiveLinesAndHelps() {
        try (var bed = new Bed(100)) {
            var out = new ByteArrayOutputStream();
            int code = JShell.run(
                    ReplOptions.parse(bed.options()),
                    true,
                    "import static rekey.Rekey.*;\n",
                    new ByteArrayInputStream("/exit\n".getBytes()),
                    new PrintStream(out, true));
            assertEquals(0, code);
            var lines = out.toString().lines().toList();
            assertTrue(lines.size() >= 5 && lines.get(0).contains(bed.lab.url().substring(7)), out::toString);
            assertTrue(lines.get(1).contains("help()") && lines.get(4).contains("/exit"), out::toString);
            // what follows is JShell's prompt and what was typed: no sentence
            assertTrue(
                    lines.stream()
                            .skip(5)
                            .noneMatch(l -> l.replace("jshell>", "").strip().contains(" ")),
                    out::toString);
            // a line that is broken at the edge makes two
            assertTrue(lines.stream().allMatch(l -> l.length() < 80), out::toString);
        }
        var all = LibraryHelp.read().all();
        for (var word : List.of("connect", "rewrite", "plan", "status", "create", "whilePaused", "runner", "help"))
            assertTrue(all.contains("\n  " + word + " "), all);
        assertTrue(all.lines().allMatch(l -> l.length() <= 80), all);
        assertTrue(
                LibraryHelp.read().words().stream().noneMatch(w -> w.doc().isBlank()),
                () -> LibraryHelp.read().words().toString());
        assertTrue(LibraryHelp.read().one("plan").contains("only reads"));
        assertTrue(assertThrows(Trouble.Usage.class, () -> LibraryHelp.read().one("plna"))
                .getMessage()
                .contains("plna"));
    }

    /// What Tab shows behind `plan(` is what stands above the word in the source.
    @Test
    void tabShowsAWordsText(@TempDir Path folder) throws Exception {
        JShell.knowWords(folder);
        try (var shell = jdk.jshell.JShell.builder().executionEngine("local").build()) {
            for (var path : System.getProperty("java.class.path").split(java.io.File.pathSeparator))
                shell.addToClasspath(path);
            shell.eval("import static rekey.Rekey.*;");
            var shown = shell.sourceCodeAnalysis().documentation("dropBackup(", 11, true);
            assertTrue(
                    shown.stream().anyMatch(d -> String.valueOf(d.javadoc()).contains("no way back")),
                    () -> shown.stream()
                            .map(d -> d.signature() + ": " + d.javadoc())
                            .toList()
                            .toString());
        }
    }

    /// What is left out stays; an empty text takes it away.
    @Test
    void newKeysAreNamedOneByOne() {
        try (var bed = new Bed(100)) {
            var name = bed.name.toString();
            var all = Rekey.rewrite(name).orderBy("visitor, at").on(bed.server).rewrite();
            var partition = new Catalog(bed.server).table(bed.name).keys().partitionBy();
            assertEquals("visitor, at", all.orderBy());
            assertTrue(!partition.isEmpty());
            assertEquals(partition, all.partitionBy());
            var whole = Rekey.rewrite(name).named("whole").partitionBy("").on(bed.server);
            assertEquals("", whole.rewrite().partitionBy());
            assertEquals("whole", whole.name());
            var session = Rekey.session(bed.server, Rekey.rewrite(name).orderBy("visitor, at"));
            assertEquals(MigrationState.NOT_BEGUN, Rekey.status(session).state());
            assertEquals(100, Rekey.plan(session).rows());
            assertThrows(Trouble.Usage.class, () -> Rekey.rewrite(name).on(bed.server));
        }
    }

    /// What the launcher has Java keep: a thousand classes of Kafka's were left out, for no broker answers there.
    @Test
    void theRehearsalLoadsWhatABrokerNeeds() throws Exception {
        assertTrue(Rehearsal.load(rekey.kafka.KafkaAdmin.driver(), "org/apache/kafka/common/message/") > 500);
    }

    /// With nothing of ours but the class path.
    @Test
    void aPlainJShellWillDo() throws Exception {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jshell")
                                .toString(),
                        "--class-path",
                        System.getProperty("java.class.path"))
                .redirectErrorStream(true)
                .start();
        try (var in = process.outputWriter()) {
            in.write("import static rekey.Rekey.*;\nevents0002(\"posthog.events\").name()\n/exit\n");
        }
        var said = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor());
        assertTrue(said.contains("\"0002_events_sample_by\""), said);
    }
}
