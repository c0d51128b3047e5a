package rekey.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Row;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.model.Trouble;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// What was intended and done, append-only, in ClickHouse beside the table, so that a colleague on any machine can take
/// over; with a copy in a local file. Where the server's own state says otherwise, that state is right.
///
/// Each line is on disk before [#append] returns (`fsync_after_insert`), and is never changed.
public final class Journal {
    /// In the detail of the line by which a runner, whose server was away and forgot its lock, takes the migration anew.
    public static final String SERVER_BACK = "serverBack";

    private final ClickHouse server;
    private final TableName table;
    private final String migration;
    private final String runner;
    private final Optional<Path> copy;
    private final AtomicLong number = new AtomicLong();
    private volatile Consumer<Entry> listener = e -> { };
    private boolean alone, holds;
    private List<Entry> known;
    private final InstantSource wall;
    /// How far the server's clock is ahead of this machine's, and both of this machine's when that was asked.
    private long ahead, wallThen, monotonicThen;
    private boolean asked;
    private long latest;

    /// @param runner this process' name in the lines it writes; unique
    /// @param copy   the local file that every line is also written to
    public Journal(ClickHouse server, TableName table, String migration, String runner, Optional<Path> copy) {
        this(server, table, migration, runner, copy, InstantSource.system());
    }

    Journal(ClickHouse server, TableName table, String migration, String runner, Optional<Path> copy, InstantSource wall) {
        this.wall = wall;
        this.server = server;
        this.table = table;
        this.migration = migration;
        this.runner = runner;
        this.copy = copy;
    }

    public TableName table() {
        return table;
    }

    public String runner() {
        return runner;
    }

    /// Is told of each line that this process writes.
    public void listen(Consumer<Entry> to) {
        var before = listener;
        listener = before.andThen(to);
    }

    /// The statement that makes the table, for the plan.
    public static String create(TableName table) {
        return """
                CREATE TABLE IF NOT EXISTS %s (
                  at DateTime64(6, 'UTC'), migration String, runner String, number UInt64,
                  step String, event LowCardinality(String), detail String)
                ENGINE = MergeTree ORDER BY (migration, at, runner, number)
                SETTINGS fsync_after_insert = 1
                COMMENT 'rekey: what was intended and done'""".formatted(table.sql());
    }

    /// Makes the table; nothing happens where it is.
    public void open() {
        server.execute(create(table), UUID.randomUUID().toString(), Ddl.CREATING);
    }

    /// From now on this process alone writes what counts, for it has the lock: lines are read once, and after that again
    /// only when one may have been written without an answer. What others write meanwhile, orders and a guard's note, is
    /// read with [#fresh].
    public synchronized void alone() {
        alone = true;
        known = null;
    }

    /// Writes one line. It has happened when this returns. From LOCKED to UNLOCKED it is written only while no other runner has
    /// taken the migration: a line of a dead one that is still on the way must change nothing of what the next one knows (in the fault
    /// matrix, m1.188, a late UNDONE took the next run's beginning away). To ask that takes two thirds of the time of a line, so
    /// it is not asked for those by which nobody goes.
    ///
    /// @throws Trouble.Stopped when another has
    public synchronized Entry append(String step, Entry.Event event, Map<String, String> detail) {
        long n = number.incrementAndGet();
        long us = clock();
        boolean taking = event == Entry.Event.LOCKED || detail.containsKey(SERVER_BACK);
        // the server's clock, too, is put back, and reckoned a little differently by each: which line is the last decides much, so a new
        // one is never before another's. Between LOCKED and UNLOCKED there are hardly any others
        if (n == 1 || taking || !holds || us <= latest) latest = Math.max(latest, lastLine());
        us = latest = Math.max(latest + 1, us);
        var json = JsonMapper.shared().writeValueAsString(new TreeMap<>(detail));
        var before = known;
        known = null;
        execute("INSERT INTO " + table.sql() + " (at, migration, runner, number, step, event, detail) SETTINGS async_insert = 0 SELECT fromUnixTimestamp64Micro("
                + String.join(", ", us + ")", Sql.text(migration), Sql.text(runner), "" + n, Sql.text(step), Sql.text(event.name()), Sql.text(json)) + (holds && !taking && !event.onlyTells() ? " WHERE " + mine() : ""));
        holds = taking || holds && event != Entry.Event.UNLOCKED;
        var entry = new Entry(instant(us), runner, n, step, event, Map.copyOf(detail));
        if (before != null) before.add(entry);
        known = before;
        copy.ifPresent(file -> copyTo(file, entry));
        listener.accept(entry);
        return entry;
    }

    private void execute(String insert) {
        try {
            server.execute(insert, UUID.randomUUID().toString(), ClickHouse.LONG);
        } catch (ServerError e) {
            if (e.code() != ServerError.THROWN) throw e;
            throw new Trouble.Stopped("Another runner has taken migration " + migration + ": this one writes down nothing more, and changes nothing more. Look with 'status', then run again.");
        }
    }

    /// An error, and so no line, where the last one who took the migration is another.
    private String mine() {
        return "throwIf((SELECT argMax(runner, (at, runner, number)) FROM " + table.sql() + " WHERE migration = " + Sql.text(migration)
                + " AND (event = 'LOCKED' OR position(detail, '\"" + SERVER_BACK + "\"') > 0)) != " + Sql.text(runner) + ") = 0";
    }

    private long lastLine() {
        return server.one("SELECT toUnixTimestamp64Micro(max(at)) AS us FROM " + table.sql() + " WHERE migration = " + Sql.text(migration)).number("us");
    }

    /// The server's time: by it lines have their order, over all runners and guards. It is reckoned from this machine's clock,
    /// and asked anew once a minute, and when that clock was set, or stood still with its machine.
    private long clock() {
        long now = micros(wall.instant()), monotonic = System.nanoTime() / 1000;
        if (!asked || monotonic - monotonicThen > 60_000_000 || Math.abs(now - wallThen - (monotonic - monotonicThen)) > 50_000) {
            long server = this.server.one("SELECT toUnixTimestamp64Micro(now64(6)) AS us").number("us");
            wallThen = micros(wall.instant());
            monotonicThen = System.nanoTime() / 1000;
            ahead = server - wallThen;
            asked = true;
            return server;
        }
        return now + ahead;
    }

    private static long micros(Instant at) {
        return at.getEpochSecond() * 1_000_000 + at.getNano() / 1000;
    }

    private static Instant instant(long us) {
        return Instant.ofEpochSecond(us / 1_000_000, us % 1_000_000 * 1000);
    }

    private void copyTo(Path file, Entry e) {
        try {
            Files.createDirectories(file.getParent());
            var line = new TreeMap<>(e.detail());
            line.putAll(Map.of("at", e.at().toString(), "migration", migration, "runner", runner, "step", e.step(), "event", e.event().name()));
            Files.writeString(file, JsonMapper.shared().writeValueAsString(line) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException x) {
            throw new Trouble.Failed("The journal's local copy " + file + " can't be written (" + x.getMessage() + "): make room, or name another folder with REKEY_STATE.", x);
        }
    }

    /// All lines of this migration in the order they were written; none where there is no journal yet.
    public synchronized List<Entry> entries() {
        if (known != null) return List.copyOf(known);
        var read = fresh("1");
        if (alone) known = new java.util.ArrayList<>(read);
        return read;
    }

    /// Lines of some kind.
    public List<Entry> entries(Predicate<Entry> which) {
        return entries().stream().filter(which).toList();
    }

    /// Lines for which a condition over the journal's columns holds, from the server in any case.
    public List<Entry> fresh(String condition) {
        return ifThere(() -> server.query("SELECT toUnixTimestamp64Micro(at) AS us, runner, number, step, event, detail FROM " + table.sql()
                + " WHERE migration = " + Sql.text(migration) + " AND (" + condition + ") ORDER BY at, runner, number").stream().map(Journal::entry).toList(), List.of());
    }

    public Optional<Entry> last(Predicate<Entry> which) {
        return entries().stream().filter(which).reduce((a, b) -> b);
    }

    public Optional<Entry> last(Entry.Event event) {
        return last(e -> e.event() == event);
    }

    /// The names of all migrations a journal knows, the latest first.
    public static List<String> migrations(ClickHouse server, TableName table) {
        return ifThere(() -> server.query("SELECT migration FROM " + table.sql() + " GROUP BY migration ORDER BY max(at) DESC").stream()
                .map(r -> r.string("migration")).toList(), List.of());
    }

    /// Whether the run that is under way goes back: then it is not to be kept from it by what only the way forward needs.
    public boolean goingBack() {
        return last(e -> e.is(Entry.Event.LOCKED, Entry.Event.UNLOCKED)).filter(e -> e.event() == Entry.Event.LOCKED)
                .filter(e -> e.get("what").equals("rollback") || e.get("what").startsWith("undo-")).isPresent();
    }

    private static <T> T ifThere(java.util.function.Supplier<T> read, T otherwise) {
        try {
            return read.get();
        } catch (ServerError e) {
            if (e.code() == ServerError.UNKNOWN_TABLE || e.code() == ServerError.UNKNOWN_DATABASE) return otherwise;
            throw e;
        }
    }

    private static Entry entry(Row r) {
        long us = r.number("us");
        return new Entry(instant(us), r.string("runner"), r.number("number"), r.string("step"),
                Entry.Event.valueOf(r.string("event")), JsonMapper.shared().readValue(r.string("detail"), new TypeReference<Map<String, String>>() { }));
    }
}
