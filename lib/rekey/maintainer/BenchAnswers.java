package rekey.maintainer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import rekey.clickhouse.ClickHouse;
import rekey.lab.EmbeddedLab;
import rekey.lab.LabOptions;
import rekey.migration.Migration;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.run.Runner;

/// How soon the commands that only look answer a person who types them, and in which part of it: the launcher,
/// Java's start, rekey. Those that look at a table look at one of very many tiny parts, in 256 MiB of memory. What
/// JBang and Java keep of a build is made before.
///
/// @param parts of the table, 20 in each partition
/// @param times each is run; the median is told
public record BenchAnswers(long parts, int times, Consumer<String> say) {
    private static final TableName TABLE = new TableName("bench", "parts");
    private static final int OF_A_PARTITION = 20;
    private static final String ORDER = "at, id";
    private static final String HEAP = "-Xmx256m";

    public BenchAnswers {
        if (parts < OF_A_PARTITION)
            throw new Trouble.Usage("--answers " + parts + " is too few parts: give at least " + OF_A_PARTITION + ".");
        if (times < 1) throw new Trouble.Usage("--runs " + times + " measures nothing: give at least 1.");
    }

    /// @param command    as it is typed
    /// @param ms         from its start to its end, and of these
    /// @param launcherMs until the launcher hands over to Java
    /// @param javaMs     in which Java would have started and ended with nothing to do
    /// @param peakBytes  the most memory that its process had
    public record Answer(String command, long parts, long ms, long launcherMs, long javaMs, long peakBytes) {
        /// Its classes, the connection, what it asks, and what it prints.
        public long rekeyMs() {
            return Math.max(0, ms - launcherMs - javaMs);
        }
    }

    public List<Answer> run() {
        try (var lab = EmbeddedLab.start(LabOptions.temporary().withoutKafka());
                var server = lab.clickhouse().connect()) {
            return run(Path.of(Optional.ofNullable(System.getenv("REKEY_HOME")).orElse(".")), server, lab.url());
        }
    }

    /// @param repo whose `./jbang` is measured
    List<Answer> run(Path repo, ClickHouse server, String url) {
        fill(server);
        try {
            var keys = List.of("--url", url, "--database", TABLE.database(), "--table", TABLE.table());
            var out = new ArrayList<Answer>();
            say.accept("%-24s %10s %8s %12s %8s %8s %10s"
                    .formatted("command", "parts", "ms", "launcher ms", "Java ms", "rekey ms", "peak MiB"));
            out.add(answer(repo, List.of("rekey", "--help"), List.of()));
            out.add(answer(repo, List.of("status", "--help"), List.of()));
            out.add(answer(repo, List.of("plan"), with(keys, "--order-by", ORDER)));
            var rewrite = new Rewrite(TABLE.table() + "_rekey", TABLE, "p", "", ORDER, "", "");
            var migration = Migration.of(rewrite);
            new Runner(Bench.session(server, migration), false, List.of()).run(migration, Optional.of("create"));
            out.add(answer(repo, List.of("status"), with(keys, "--order-by", ORDER)));
            return List.copyOf(out);
        } finally {
            server.execute("DROP DATABASE " + TableName.quote(TABLE.database()) + " SYNC");
        }
    }

    private static List<String> with(List<String> words, String... more) {
        var out = new ArrayList<>(words);
        out.addAll(List.of(more));
        return out;
    }

    private Answer answer(Path repo, List<String> told, List<String> options) {
        var command = new TypedCommand(repo, with(told, options.toArray(String[]::new)));
        command.run(TypedCommand.Until.ANSWERED, Map.of()); // builds, where nothing is built yet, in more memory
        awaitKept();
        long launched = median(command, TypedCommand.Until.LAUNCHED).ms();
        long started = median(command, TypedCommand.Until.STARTED).ms();
        var answered = median(command, TypedCommand.Until.ANSWERED);
        var a = new Answer(
                String.join(" ", told), parts, answered.ms(), launched, started - launched, answered.peakBytes());
        say.accept("%-24s %,10d %,8d %,12d %,8d %,8d %,10d"
                .formatted(a.command(), parts, a.ms(), a.launcherMs(), a.javaMs(), a.rekeyMs(), a.peakBytes() >> 20));
        return a;
    }

    private static Map<String, String> memory() {
        return Map.of("JAVA_TOOL_OPTIONS", HEAP);
    }

    private TypedCommand.Ran median(TypedCommand command, TypedCommand.Until until) {
        var all = new ArrayList<TypedCommand.Ran>();
        for (int n = 0; n < times; n++) all.add(command.run(until, memory()));
        all.sort(java.util.Comparator.comparingLong(TypedCommand.Ran::ms));
        return all.get(times / 2);
    }

    /// The launcher has Java write its classes into a file behind a new build; in the background, for a minute at
    /// most.
    private static void awaitKept() {
        var cache = Optional.ofNullable(System.getenv("REKEY_CACHE"))
                .map(Path::of)
                .or(() -> Optional.ofNullable(System.getenv("XDG_CACHE_HOME")).map(xdg -> Path.of(xdg, "rekey")))
                .orElse(Path.of(System.getProperty("user.home"), ".cache", "rekey"));
        for (int n = 0; n < 600 && underWay(cache.resolve("commands")); n++) LockSupport.parkNanos(100_000_000);
    }

    private static boolean underWay(Path commands) {
        try (var files = Files.list(commands)) {
            return files.anyMatch(f -> f.toString().endsWith(".jsa.new"));
        } catch (java.io.IOException e) {
            return false; // an installed JBang keeps nothing there
        }
    }

    /// With its merges stopped, so that its parts stay.
    private void fill(ClickHouse server) {
        long partitions = parts / OF_A_PARTITION;
        server.execute("CREATE DATABASE IF NOT EXISTS " + TableName.quote(TABLE.database()));
        server.execute("CREATE TABLE " + TABLE.sql() + " (p UInt32, id UInt64, at DateTime) ENGINE = MergeTree"
                + " PARTITION BY p ORDER BY id SETTINGS max_parts_in_total = 1000000");
        server.execute("SYSTEM STOP MERGES " + TABLE.sql());
        for (int n = 0; n < OF_A_PARTITION; n++)
            server.execute("INSERT INTO " + TABLE.sql() + " SELECT number, number + " + n * partitions
                    + ", now() FROM numbers(" + partitions + ") SETTINGS max_partitions_per_insert_block = 0,"
                    + " max_insert_threads = 1");
        say.accept("%,d parts in %,d partitions".formatted(parts(server), partitions));
    }

    private static long parts(ClickHouse server) {
        return server.one("SELECT count() AS n FROM system.parts WHERE active AND database = 'bench' AND table ="
                        + " 'parts'")
                .number("n");
    }
}
