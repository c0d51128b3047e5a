package rekey.repl;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.Repo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// The vocabulary in JShell, a connection ready.
@Tag("repl")
class JShellTest {
    @Test void eachStepIsAValue() {
        try (var bed = new Bed(100)) {
            var out = new ByteArrayOutputStream();
            int code = JShell.run(ReplOptions.parse(bed.options()), """
                    import static rekey.Rekey.*;
                    import rekey.session.*;
                    var server = rekey.repl.JShell.server();
                    var migration = rekey.repl.JShell.migration();
                    var session = session(server, migration);
                    """, new ByteArrayInputStream("""
                    plan(session, migration).rows()
                    runner(session).run(sequence(create(), backfill()))
                    create().state(session).phase()
                    /exit
                    """.getBytes()), new PrintStream(out, true));
            assertEquals(0, code);
            assertTrue(out.toString().contains("==> 100") && out.toString().contains("==> DONE"), out::toString);
            assertEquals(100, bed.server.one("SELECT count() AS n FROM " + bed.name.sibling("hits_rekey_hits_rekey").sql()).number("n"));
        }
    }

    /// scripts/Shell.java begins so, and README shows these words.
    @Test void asItIsOpenedItKnowsTheWordsOfTheReadme() throws Exception {
        var script = Pattern.compile("(?s)\"\"\"\\n(.*?)\"\"\"\\.formatted\\(options\\.named\\(\\) \\? \"(.*?)\"").matcher(Files.readString(Repo.ROOT.resolve("scripts/Shell.java")));
        assertTrue(script.find());
        var startup = script.group(1).stripIndent().formatted(script.group(2).replace("\\n", "\n"));
        var readme = Files.readString(Repo.ROOT.resolve("README.md"));
        var about = readme.substring(readme.indexOf("- **JShell**"), readme.indexOf("## The commands"));
        var words = Pattern.compile("`([a-z]+\\([^`]*\\))`").matcher(about).results().map(m -> m.group(1)).toList();
        assertTrue(words.contains("runner(session).run(create())"), words::toString);
        try (var bed = new Bed(100)) {
            var out = new ByteArrayOutputStream();
            assertEquals(0, JShell.run(ReplOptions.parse(bed.options()), startup, new ByteArrayInputStream((String.join("\n", words) + "\n1 + 41\n/exit\n").getBytes()), new PrintStream(out, true)));
            assertTrue(out.toString().contains("==> 42") && !out.toString().contains("Error") && !out.toString().contains("Exception"), out::toString);
            assertEquals(0, bed.server.one("SELECT count() AS n FROM " + bed.name.sibling("hits_rekey_hits_rekey").sql()).number("n"));
        }
    }

    /// With nothing of ours but the class path.
    @Test void aPlainJShellWillDo() throws Exception {
        var process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jshell").toString(), "--class-path", System.getProperty("java.class.path")).redirectErrorStream(true).start();
        try (var in = process.outputWriter()) {
            in.write("import static rekey.Rekey.*;\nevents0002(\"posthog.events\").name()\n/exit\n");
        }
        var said = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor());
        assertTrue(said.contains("\"0002_events_sample_by\""), said);
    }
}
