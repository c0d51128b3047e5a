package rekey;

import java.util.List;
import rekey.cli.Cli;
import rekey.cli.Job;
import rekey.cli.Options;
import rekey.cli.Program;
import rekey.cli.text.Metrics;
import rekey.page.MetricsOptions;
import rekey.page.MetricsServer;
import rekey.page.PageOptions;
import rekey.page.PageServer;
import rekey.repl.JShell;
import rekey.repl.Rehearsal;
import rekey.repl.Repl;
import rekey.repl.ReplOptions;
import rekey.run.Status;

/// What a script needs to be a command. `import static rekey.Rekey.*` has these words, too; `help()` of JShell
/// leaves them out.
public class ScriptWords {
    ScriptWords() {}

    /// Runs a script's command; the answer is its exit code.
    public static int command(Object script, String... args) {
        return Cli.run(script, args);
    }

    /// Every command under its verb, in one program; without a verb the first of the last group.
    ///
    /// @param script whose class loader knows the scripts
    /// @param apart  commands that have a build of their own
    public static Program program(Object script, List<Program.Group> groups, List<Program.Group> apart) {
        return new Program(script.getClass(), groups, groups.getLast().verbs().getFirst(), apart);
    }

    /// Loads all of a program, for the launcher to keep: commands begin sooner then.
    public static int rehearsed(Program program) {
        return Rehearsal.of(program);
    }

    /// Verbs that belong together, for [#program].
    public static Program.Group group(String title, String... verbs) {
        return Program.Group.of(title, verbs);
    }

    /// Connects, finds the migration that the options name, and says first when ingestion stands still.
    public static Job open(Options options) {
        return Job.open(options);
    }

    /// The same for a script that is about one migration.
    public static Job open(Options options, String migration) {
        return Job.open(options, migration);
    }

    /// Where the migration stands that the options name; where they name none, all that the database's journal
    /// knows.
    public static List<Status> statuses(Options options) {
        return Job.statuses(options);
    }

    /// The interactive shell, until it is left; the answer is an exit code.
    public static int repl(ReplOptions options) {
        return Repl.run(options);
    }

    /// The JDK's JShell on this library; the answer is an exit code.
    ///
    /// @param server  whether it connects before the first prompt
    /// @param startup what is run before the first prompt
    public static int jshell(Options options, boolean server, String startup) {
        return JShell.run(options, server, startup);
    }

    /// The live page of the migrations, on this machine alone, until Ctrl-C; the answer is an exit code.
    public static int page(PageOptions options) {
        return PageServer.run(options);
    }

    /// The same for a scraper that comes by itself, until Ctrl-C; the answer is an exit code.
    public static int serveMetrics(MetricsOptions options) {
        return MetricsServer.run(options);
    }

    /// In Prometheus' text format.
    public static String metrics(List<Status> statuses) {
        return Metrics.of(statuses);
    }
}
