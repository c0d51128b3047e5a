package rekey.repl;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.prefs.AbstractPreferences;
import jdk.jshell.tool.JavaShellToolBuilder;
import rekey.cli.Options;
import rekey.clickhouse.ClickHouse;
import rekey.migration.Migration;
import rekey.migration.Migrations;
import rekey.model.Trouble;

/// The JDK's own JShell in this process, so that what is typed there works on this library and on a connection that is
/// ready: a script's start-up text takes it from [#server()] and [#migration()].
public final class JShell {
    private static volatile ClickHouse server;
    private static volatile Migration migration;

    private JShell() { }

    /// @param startup what is run before the first prompt, after JShell's own imports
    /// @return an exit code
    /// @throws Trouble when the server or the migration that the options name is not there
    public static int run(Options options, String startup) {
        return run(options, startup, null, null);
    }

    /// @param in  null for the terminal
    /// @param out null for the terminal
    static int run(Options options, String startup, InputStream in, PrintStream out) {
        try (var connected = options.connect()) {
            server = connected;
            migration = options.named() ? Migrations.find(connected, options.wanted()) : null;
            var file = Files.createTempFile("rekey", ".jsh");
            try {
                Files.writeString(file, startup);
                var tool = JavaShellToolBuilder.builder().persistence(new Forgotten());
                if (out != null) tool.in(in, null).out(out, out, out);
                return tool.start("--execution", "local", "--class-path", System.getProperty("java.class.path"), "--feedback", "concise",
                        "--startup", "DEFAULT", "--startup", file.toString());
            } finally {
                Files.delete(file);
            }
        } catch (Trouble e) {
            throw e;
        } catch (Exception e) {
            throw new Trouble.Failed("JShell can't be started (" + e.getMessage() + "): is this a JDK, and is there room in the temporary folder?", e);
        }
    }

    /// The connection of the running JShell.
    public static ClickHouse server() {
        return server;
    }

    /// The migration that was named when it was opened.
    ///
    /// @throws Trouble.Usage where none was
    public static Migration migration() {
        if (migration == null) throw new Trouble.Usage("No migration was named: open with --migration or --table, or make one, as in  events0002(\"posthog.events\").");
        return migration;
    }

    /// What JShell would keep from one session to the next: nothing of it could be seen by others, nor is it written.
    private static final class Forgotten extends AbstractPreferences {
        private final java.util.Map<String, String> all = new java.util.HashMap<>();

        Forgotten() { super(null, ""); }

        @Override protected void putSpi(String key, String value) { all.put(key, value); }
        @Override protected String getSpi(String key) { return all.get(key); }
        @Override protected void removeSpi(String key) { all.remove(key); }
        @Override protected void removeNodeSpi() { }
        @Override protected String[] keysSpi() { return all.keySet().toArray(String[]::new); }
        @Override protected String[] childrenNamesSpi() { return new String[0]; }
        @Override protected AbstractPreferences childSpi(String name) { throw new UnsupportedOperationException(name); }
        @Override protected void syncSpi() { }
        @Override protected void flushSpi() { }
    }
}
