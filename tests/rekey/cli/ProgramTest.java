package rekey.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import rekey.Repo;

/// All commands as one program.
@Tag("cli")
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a read from a process can't be interrupted
class ProgramTest {
    @TempDir
    Path folder;

    static List<String> verbs() {
        return Scripts.aliases();
    }

    @Test
    void theListHasEveryAliasWithin80Columns() {
        var ran = Scripts.program().caught("--help");
        assertEquals(0, ran.exitCode(), ran::toString);
        var words = Stream.of(ran.output().split("\\s+")).collect(Collectors.toSet());
        assertEquals(
                List.of(),
                Repo.scripts().keySet().stream().filter(a -> !words.contains(a)).toList(),
                "aliases of the catalog that no group of scripts/Rekey.java has");
        var lines = ran.output().lines().toList();
        var all = Scripts.program();
        assertEquals(
                List.of(),
                Stream.of(all.groups(), all.apart())
                        .flatMap(List::stream)
                        .map(Program.Group::title)
                        .filter(t -> lines.stream().noneMatch(l -> l.equals(t) || l.startsWith(t + ", in a checkout")))
                        .toList());
        assertEquals(List.of(), lines.stream().filter(l -> l.length() > 80).toList());
        assertEquals(ran, Scripts.program().caught("help"));
    }

    /// The alias and the verb are the same script: its help, and what it says where nobody answers.
    @ParameterizedTest
    @MethodSource("verbs")
    void aVerbDoesWhatItsScriptDoes(String verb) {
        for (var rest : List.of("--help", "--nonsense")) {
            var script = Scripts.run(verb, rest);
            var program = Scripts.program().caught(verb, rest);
            assertEquals(script.exitCode(), program.exitCode());
            assertEquals(script.output(), program.output());
            assertEquals(script.errorOutput(), program.errorOutput());
        }
        assertEquals(
                Scripts.run(verb, "--help").output(),
                Scripts.program().caught("help", verb).output());
    }

    @ParameterizedTest
    @CsvSource({"stauts, status", "paln, plan", "rolback, rollback", "is_required, is-required", "tset, test"})
    void aTypoIsOfferedTheNearest(String typed, String meant) {
        var ran = Scripts.program().caught(typed, "--json");
        assertEquals(2, ran.exitCode());
        assertTrue(ran.errorOutput().contains("'" + typed + "'"), ran::toString);
        assertTrue(ran.errorOutput().matches("(?s).*Did you mean " + meant + "\\b.*"), ran::toString);
        var lines = ran.errorOutput().lines().toList();
        assertTrue(lines.getFirst().contains("rekey --help"), ran::toString);
        // behind it all there are, on a few lines
        for (var verb : List.of("plan", "migrate", "rollback", "status", "repl"))
            assertTrue(lines.stream().skip(1).anyMatch(l -> l.matches(".*\\b" + verb + "\\b.*")), ran::toString);
        assertTrue(lines.size() <= 10 && lines.stream().skip(1).allMatch(l -> l.length() <= 80), ran::toString);
    }

    @Test
    void whatStartsALabSaysWhereItIs() {
        var ran = Scripts.program().caught("demo");
        assertEquals(2, ran.exitCode());
        assertTrue(ran.errorOutput().contains("./jbang demo"), ran::toString);
    }

    /// Without a verb the options are the shell's.
    @Test
    void optionsAloneAreTheShells() {
        var ran = Scripts.program().caught("--database", "posthog", "--nonsense");
        assertEquals(2, ran.exitCode(), ran::toString);
        assertTrue(ran.errorOutput().contains("'--nonsense'. See ./jbang repl --help."), ran::toString);
    }

    // --- completion ---

    @Test
    void bashCompletes() throws Exception {
        assertCompletes("bash", List.of("bash", "-c", """
            source "$0"
            try() {
                COMP_WORDS=(rekey "$@"); COMP_CWORD=$#; COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
                COMPREPLY=(); _complete_rekey rekey "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"; echo "${COMPREPLY[@]}"
            }
            try stat; try migrate --unt\
            """), "status", "--until");
    }

    /// Typed at a zsh on a terminal of its own, which another one plays. That zsh read the text was once all that
    /// was tried.
    @Test
    void zshCompletes() throws Exception {
        assertCompletes(
                "zsh",
                List.of("zsh", "-fc", """
                    zmodload zsh/zpty
                    zpty shell zsh -fi
                    zpty -w shell "PROMPT=; autoload -U compinit && compinit -u -d ${(q)0}.dump; source ${(q)0}"
                    zpty -w shell 'rekey() { print -r -- "typed<${(j:|:)@}>" }'
                    zpty -w shell $'rekey stat\t'
                    zpty -w shell $'rekey migrate --url x --unt\tbackfill --take\t'
                    zpty -w shell $'rekey plan --order-by "(a, b)" --json --tabl\t'
                    zpty -w shell $'rekey status --json='"${0%letion}"$'\t'
                    zpty -w shell '[[ -o completealiases ]] || print -r -- "typed<own options kept>"'
                    zpty -w shell exit
                    while zpty -r shell line; do print -rn -- $line; done
                    """),
                "typed<status>",
                "typed<migrate|--url|x|--until=backfill|--take-over>",
                "typed<plan|--order-by|(a, b)|--json|--table>",
                "\ntyped<own options kept>",
                "typed<status|--json=" + folder.resolve("completion") + ">");
    }

    /// Where there is no zsh its text is at least read: each verb and each of its options stands there.
    @Test
    void whatZshReadsHasEveryVerbAndOption() {
        var text = Scripts.program().caught("completion", "zsh").output();
        assertTrue(text.startsWith("#compdef rekey\n"), text);
        for (var verb : verbs()) {
            assertTrue(text.contains("\n      '" + verb + ":"), verb);
            var from = text.indexOf("\n    " + verb + ")\n");
            assertTrue(from > 0, verb);
            var own = text.substring(from, text.indexOf("\n      ;;", from));
            for (var option : Scripts.program()
                    .whole()
                    .getSubcommands()
                    .get(verb)
                    .getCommandSpec()
                    .optionsMap()
                    .keySet()) assertTrue(own.matches("(?s).*'\\*?" + option + "[=\\[].*"), verb + " " + option);
        }
    }

    @Test
    void fishCompletes() throws Exception {
        assertCompletes("fish", List.of("fish", "--no-config", "-c", """
            source $argv[1]; complete -C 'rekey stat'; complete -C 'rekey migrate --unt'\
            """), "status", "--until");
    }

    private void assertCompletes(String shell, List<String> command, String... words) throws Exception {
        var text = Scripts.program().caught("completion", shell);
        assertEquals(0, text.exitCode(), text::toString);
        assumeTrue(onThePath(shell), "there is no " + shell + " here, so it was not tried in one");
        var file = Files.writeString(folder.resolve("completion"), text.output());
        var process = new ProcessBuilder(Stream.concat(command.stream(), Stream.of(file.toString()))
                        .toList())
                .redirectErrorStream(true)
                .start();
        var said = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), said);
        for (var word : words) assertTrue(said.replace("\r", "").contains(word), () -> word + " in " + said);
    }

    @Test
    void anotherShellIsToldWhichThereAre() {
        for (var args : List.of(new String[] {"completion"}, new String[] {"completion", "tcsh"})) {
            var ran = Scripts.program().caught(args);
            assertEquals(2, ran.exitCode());
            assertTrue(ran.errorOutput().contains("bash, zsh or fish"), ran::toString);
        }
    }

    private static boolean onThePath(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(dir -> Files.isExecutable(Path.of(dir, program)));
    }

    // --- installed ---

    /// As README says it, on a machine without a JBang; in folders of the test's own, so that this user's are left
    /// alone. (JBang's `app install` once wrote this test's folder into that user's .bashrc.)
    @Test
    @Tag("slow")
    void installedItIsACommandOfItsOwn() throws Exception {
        var profile = Path.of(System.getProperty("user.home"), ".bashrc");
        var before = Files.exists(profile) ? Files.readString(profile) : "";
        var jbang = folder.resolve("jbang");
        var installed = run(
                jbang,
                Repo.ROOT.resolve("jbang").toString(),
                "app",
                "install",
                "--name",
                "rekey",
                Repo.ROOT.resolve("scripts/Rekey.java").toString());
        assertEquals(0, installed.exitCode(), installed::toString);
        var rekey = jbang.resolve("bin/rekey");
        assertTrue(Files.isExecutable(rekey), installed::toString);
        var listed = run(jbang, rekey.toString(), "--help");
        assertTrue(listed.output().contains("\n  rekey VERB"), listed::toString);
        var plan = run(jbang, rekey.toString(), "plan", "--url", "http://localhost:1", "--table", "x");
        assertEquals(1, plan.exitCode(), plan::toString);
        assertTrue(plan.output().contains("No ClickHouse answers at localhost:1"), plan::toString);
        var wrong = run(jbang, rekey.toString(), "stauts");
        assertTrue(wrong.output().contains("Did you mean status? See rekey --help."), wrong::toString);
        assertEquals(before, Files.exists(profile) ? Files.readString(profile) : "");
        Files.delete(jbang.resolve("bin/jbang")); // leads out of the folder that the test leaves
    }

    private static String withoutJBang() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .filter(dir -> !Files.exists(Path.of(dir, "jbang")))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private Cli.Result run(Path jbang, String... command) throws Exception {
        var builder = new ProcessBuilder(command).redirectErrorStream(true).directory(folder.toFile());
        var environment = builder.environment();
        environment.remove("REKEY_HOME");
        environment.put("JBANG_DIR", jbang.toString());
        environment.put("JBANG_CACHE_DIR", jbang.resolve("cache").toString());
        environment.put("HOME", folder.toString());
        environment.put("PATH", jbang.resolve("bin") + File.pathSeparator + withoutJBang());
        var process = builder.start();
        process.getOutputStream().close();
        var said = new String(process.getInputStream().readAllBytes());
        return new Cli.Result(process.waitFor(), said, "");
    }
}
