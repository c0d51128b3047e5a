package rekey.repl;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.prefs.AbstractPreferences;
import jdk.jshell.tool.JavaShellToolBuilder;
import rekey.cli.Options;
import rekey.clickhouse.ClickHouse;
import rekey.migration.Migration;
import rekey.migration.Migrations;
import rekey.model.Trouble;

/// The JDK's own JShell in this process, so that what is typed there works on this library and on a connection that
/// is ready: a script's start-up text takes it from [#server()] and [#migration()].
public final class JShell {
    private static volatile ClickHouse server;
    private static volatile Migration migration;

    private JShell() {}

    /// @param connects whether there is a server before the first prompt
    /// @param startup  what is run before the first prompt, after JShell's own imports
    /// @return an exit code
    /// @throws Trouble when the server or the migration that the options name is not there
    public static int run(Options options, boolean connects, String startup) {
        return run(options, connects, startup, null, null);
    }

    /// @param in  null for the terminal
    /// @param out null for the terminal
    static int run(Options options, boolean connects, String startup, InputStream in, PrintStream out) {
        if (!connects) return shell(greeting(null, null), startup, in, out);
        try (var connected = options.connect()) {
            server = connected;
            migration = options.named() ? Migrations.find(connected, options.wanted()) : null;
            return shell(greeting(connected, migration), startup, in, out);
        }
    }

    private static int shell(String greeting, String startup, InputStream in, PrintStream out) {
        try {
            var folder = Files.createTempDirectory("rekey");
            try {
                var file = Files.writeString(folder.resolve("startup.jsh"), startup);
                knowWords(folder.resolve("words"));
                (out == null ? System.out : out).println(greeting);
                var tool = JavaShellToolBuilder.builder().persistence(new Forgotten());
                if (out != null) tool.in(in, null).out(out, out, out);
                return tool.start(
                        "--execution",
                        "local",
                        "--class-path",
                        System.getProperty("java.class.path"),
                        "--feedback",
                        "concise",
                        "--startup",
                        "DEFAULT",
                        "--startup",
                        file.toString());
            } finally {
                try (var files = Files.walk(folder)) {
                    for (var f : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(f);
                }
            }
        } catch (Trouble e) {
            throw e;
        } catch (Exception e) {
            throw new Trouble.Failed(
                    "JShell can't be started (" + e.getMessage()
                            + "): is this a JDK, and is there room in the temporary folder?",
                    e);
        }
    }

    /// @param connected null: nowhere
    /// @param migration null: none was named
    private static String greeting(ClickHouse connected, Migration migration) {
        return String.join(
                "\n",
                connected == null
                        ? "rekey in JShell; var server = connect(\"http://localhost:8123\") gives a server."
                        : "rekey in JShell: server is " + connected.endpoint() + ".",
                "help() lists the words, help(\"plan\") tells of one; so does Tab, after  plan(",
                migration == null
                        ? "var session = session(server, rewrite(\"shop.hits\").orderBy(\"site, at\"))"
                        : "migration is " + migration.name() + " of "
                                + migration.rewrite().source() + "; session works on it.",
                "show(status(session)) says where it stands, show(plan(session)) what is to do.",
                "runner(session).run(create()) does one operation of it. /exit leaves.");
    }

    /// JShell shows on Tab what stands above a word in a source that it finds. Of its own accord it looks into the
    /// JDK's alone, and has no switch for others; where its field can't be reached Tab shows the signature.
    static void knowWords(Path folder) throws IOException, ReflectiveOperationException {
        var analysis = Class.forName("jdk.jshell.SourceCodeAnalysisImpl");
        if (!analysis.getModule().isOpen("jdk.jshell", JShell.class.getModule())) return;
        var sources = new ArrayList<Path>();
        sources.add(LibraryHelp.unpacked(folder));
        var field = analysis.getDeclaredField("availableSourcesOverride");
        field.setAccessible(true);
        field.set(null, sources);
    }

    /// The connection of the running JShell.
    public static ClickHouse server() {
        return server;
    }

    /// The migration that was named when it was opened.
    ///
    /// @throws Trouble.Usage where none was
    public static Migration migration() {
        if (migration == null)
            throw new Trouble.Usage("No migration was named: open with --migration or --table, or make one, as in "
                    + " events0002(\"posthog.events\").");
        return migration;
    }

    /// What JShell would keep from one session to the next: nothing of it could be seen by others, nor is it
    /// written.
    private static final class Forgotten extends AbstractPreferences {
        private final java.util.Map<String, String> all = new java.util.HashMap<>();

        Forgotten() {
            super(null, "");
        }

        @Override
        protected void putSpi(String key, String value) {
            all.put(key, value);
        }

        @Override
        protected String getSpi(String key) {
            return all.get(key);
        }

        @Override
        protected void removeSpi(String key) {
            all.remove(key);
        }

        @Override
        protected void removeNodeSpi() {}

        @Override
        protected String[] keysSpi() {
            return all.keySet().toArray(String[]::new);
        }

        @Override
        protected String[] childrenNamesSpi() {
            return new String[0];
        }

        @Override
        protected AbstractPreferences childSpi(String name) {
            throw new UnsupportedOperationException(name);
        }

        @Override
        protected void syncSpi() {}

        @Override
        protected void flushSpi() {}
    }
}
