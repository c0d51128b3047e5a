package rekey.session;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Peer;
import rekey.clickhouse.Row;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.model.Trouble;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// What was intended and done, append-only, in ClickHouse beside the table, so that a colleague on any machine can
/// take over; with a copy in a local file. Where the server's own state says otherwise, that state is right.
///
/// Each line is on disk before [#append] returns (`fsync_after_insert`), and is never changed.
public final class Journal {
    private final ClickHouse server;
    private final TableName table;
    private final String migration;
    private final String runner;
    private final Optional<LocalCopy> copy;
    private final AtomicLong number = new AtomicLong();
    private volatile Consumer<Entry> listener = e -> {};
    private PeerJournals peers = PeerJournals.NONE;
    private JournalNames names = new JournalNames(Map.of());
    private ClickHouse reader;
    private boolean alone, holds, closed;
    private List<Entry> known;
    private final InstantSource wall;
    private final ServerClock clock;
    private final List<Entry> later = new ArrayList<>();
    private long latest;

    /// @param runner this process' name in the lines it writes; unique
    /// @param copy   the local file that every line is also written to, where it can be
    public Journal(ClickHouse server, TableName table, String migration, String runner, Optional<Path> copy) {
        this(server, table, migration, runner, copy, InstantSource.system());
    }

    Journal(
            ClickHouse server,
            TableName table,
            String migration,
            String runner,
            Optional<Path> copy,
            InstantSource wall) {
        this.wall = wall;
        clock = new ServerClock(server, wall);
        this.server = server;
        this.reader = server;
        this.table = table;
        this.migration = migration;
        this.runner = runner;
        this.copy = copy.map(LocalCopy::new);
    }

    /// The name by which the journal beside a table knows a migration of it. A name is one table's: a second table's
    /// migration of that name has lines of its own. One read the first's as its own, and advised to rename
    /// the other table's backup.
    public static String key(ClickHouse server, TableName table, String migration, TableName source) {
        var owner = new Journal(server, table, migration, "", Optional.empty())
                .fresh("event = 'PLANNED' OR step = 'create' AND event = 'INTENT'").stream()
                        .map(Journal::source)
                        .filter(t -> !t.isEmpty())
                        .reduce((a, b) -> b);
        return owner.isEmpty() || owner.get().equals(source.table()) ? migration : migration + " of " + source.table();
    }

    /// The table that a line is about; empty where it does not tell.
    private static String source(Entry e) {
        return switch (e.detail()) {
            case Detail.Planned p -> p.rewrite().map(r -> r.source().table()).orElse("");
            case Detail.Creating c -> c.sourceTable().orElse("");
            default -> "";
        };
    }

    public TableName table() {
        return table;
    }

    public String migration() {
        return migration;
    }

    public String runner() {
        return runner;
    }

    /// From now on each line goes to these hosts too: what was done is known when one of them is lost. The first
    /// host's lines count.
    public void also(List<Peer> others) {
        peers = new PeerJournals(others);
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
            COMMENT 'rekey: what was intended and done'\
            """.formatted(table.sql());
    }

    /// Makes the table; nothing happens where it is.
    public void open() {
        peers.create(create(table));
        server.execute(create(table), UUID.randomUUID().toString(), Ddl.CREATING);
    }

    /// From now on this process alone writes what counts, for it has the lock: lines are read once, and after that
    /// again only when one may have been written without an answer. What others write meanwhile, orders and a
    /// guard's note, is read with [#fresh].
    public synchronized void alone() {
        alone = true;
        known = null;
    }

    /// The same journal for one look, whose lines are read once.
    Journal once() {
        var look = new Journal(server, table, migration, runner, Optional.empty(), wall);
        look.names = names;
        look.reader = reader;
        look.alone();
        look.closed = true;
        return look;
    }

    /// Writes one line. It has happened when this returns. From LOCKED to UNLOCKED it is written only while no
    /// other runner has taken the migration: a line of a dead one that is still on the way must change nothing of
    /// what the next one knows (in the fault matrix, m1.188, a late UNDONE took the next run's beginning away). To
    /// ask that takes two thirds of the time of a line, so it is not asked for those by which nobody goes.
    ///
    /// @throws Trouble.Stopped when another has
    public synchronized Entry append(String step, Detail detail) {
        var event = detail.event();
        if (closed) throw new IllegalStateException("a look writes nothing down: " + event);
        long us = clock.micros();
        boolean taking = event == Entry.Event.LOCKED || detail instanceof Detail.ServerBack;
        // the server's clock, too, is put back, and reckoned a little differently by each: which line is the last
        // decides much, so a new one is never before another's. Between LOCKED and UNLOCKED there are hardly any
        // others: the line itself asks then
        if (number.get() == 0 || taking || !holds || us <= latest) latest = Math.max(latest, lastLine());
        latest = Math.max(latest, us - 1);
        later.add(new Entry(Instant.EPOCH, runner, number.incrementAndGet(), step, detail));
        boolean asks = holds && !taking && !event.onlyTells();
        return write(step, event, asks, taking || holds && event != Entry.Event.UNLOCKED);
    }

    /// Several lines by which nobody goes, in one INSERT: one each took longer than the comparison of 5,000
    /// partitions that they told of.
    public synchronized void append(String step, List<? extends Detail> details) {
        if (closed || !details.stream().allMatch(d -> d.event().onlyTells()))
            throw new IllegalStateException("each has a line of its own: " + details);
        latest = Math.max(latest, Math.max(clock.micros() - 1, holds ? 0 : lastLine()));
        for (var d : details) later.add(new Entry(Instant.EPOCH, runner, number.incrementAndGet(), step, d));
        write(step, Entry.Event.SAMPLE, false, holds);
    }

    /// A line by which nobody goes, written with the next one: an INSERT of its own takes 10 to 17 ms on a disk, and
    /// a run has 30. A run that dies before loses it.
    public synchronized void appendLater(String step, Detail.Took took) {
        if (closed) throw new IllegalStateException("a look writes nothing down: " + took);
        later.add(new Entry(Instant.EPOCH, runner, number.incrementAndGet(), step, took));
    }

    /// All that were put off, at the times behind `latest`.
    ///
    /// @return the last
    private Entry write(String step, Entry.Event event, boolean asks, boolean holdsThen) {
        var before = known;
        known = null;
        // should this fail, the server may have them: they are not sent twice
        var lines = List.copyOf(later);
        later.clear();
        var into = new JournalInsert(table, migration, runner);
        List<Entry> written;
        String insert;
        while (true) {
            written = lines.stream()
                    .map(e -> new Entry(Micros.instant(++latest), runner, e.number(), e.step(), e.detail()))
                    .toList();
            insert = into.of(written);
            if (execute(asks ? insert + into.whileMineAndLast(written.getFirst()) : insert)) break;
            before = null; // what was remembered lacks that line
            latest = lastLine();
        }
        peers.line(step, event, insert);
        if (before != null) before.addAll(written);
        known = before;
        holds = holdsThen;
        for (var e : written) passOn(e);
        return written.getLast();
    }

    /// That the local copy lacks it is said with the next line.
    private void passOn(Entry entry) {
        copy.flatMap(file -> file.write(migration, entry))
                .ifPresent(why -> later.add(
                        new Entry(Instant.EPOCH, runner, number.incrementAndGet(), "", new Detail.NoCopy(why))));
        listener.accept(entry);
    }

    /// @return false where it was not written, because a later line is there
    private boolean execute(String insert) {
        try {
            server.execute(insert, UUID.randomUUID().toString(), ClickHouse.LONG);
            return true;
        } catch (ServerError e) {
            if (e.code() != ServerError.THROWN) throw e;
            if (e.getMessage().contains(JournalInsert.NOT_LAST)) return false;
            throw new Trouble.Stopped("Another runner has taken migration " + migration
                    + ": this one writes down nothing more, and changes nothing more. Look with 'status', then"
                    + " run again.");
        }
    }

    private long lastLine() {
        return server.one("SELECT toUnixTimestamp64Micro(max(at)) AS us FROM " + table.sql() + " WHERE migration = "
                        + Sql.text(migration))
                .number("us");
    }

    /// All lines of this migration in the order they were written; none where there is no journal yet.
    public synchronized List<Entry> entries() {
        if (known != null) return List.copyOf(known);
        var read = fresh("1");
        if (alone) known = new ArrayList<>(read);
        return read;
    }

    /// Lines of some kind.
    public List<Entry> entries(Predicate<Entry> which) {
        return entries().stream().filter(which).toList();
    }

    /// Brings the lines that another host has and this one not: those of a run that was killed with some on the way,
    /// and of runs that this one was away from.
    public void fetch(Peer from) {
        for (var lines : PeerJournals.missing(server, from, table, migration))
            execute(new JournalInsert(table, migration, runner).select() + String.join(" UNION ALL SELECT ", lines));
    }

    /// Brings another host the lines that this one has and it has not: a host that was away through a swap knew
    /// nothing of it. When this one was lost then, the other took what was carried for new, and carried it again.
    public void bring(Peer to) {
        var from = new Peer("", server);
        for (var lines : PeerJournals.missing(to.server(), from, table, migration))
            to.execute(
                    new JournalInsert(table, migration, runner).select() + String.join(" UNION ALL SELECT ", lines),
                    UUID.randomUUID().toString(),
                    ClickHouse.LONG);
    }

    /// This host's own lines are read again.
    public void readsOwn() {
        reader = server;
    }

    /// Lines for which a condition over the journal's columns holds, from the server in any case.
    public List<Entry> fresh(String condition) {
        return ifThere(
                table,
                () -> names.entries(
                        reader.query("SELECT toUnixTimestamp64Micro(at) AS us, runner, number, step, event,"
                                + " detail, (" + condition + ") AS rekey_asked FROM " + table.sql()
                                + " WHERE migration = "
                                + Sql.text(migration) + " AND (" + condition
                                + " OR event = 'LOCKED' AND " + LineKeys.NAMES_ARE_OTHERS
                                + ") ORDER BY at, runner, number"),
                        Journal::entry),
                List.of());
    }

    /// What is read is told by these names, as if a line said so behind all others.
    void reads(Map<String, String> same) {
        names = new JournalNames(Map.copyOf(same));
    }

    /// Another host's lines are read, for this one may lack some: until [#fetch].
    void readsFrom(ClickHouse another) {
        reader = another;
    }

    public Optional<Entry> last(Predicate<Entry> which) {
        return entries().stream().filter(which).reduce((a, b) -> b);
    }

    public Optional<Entry> last(Entry.Event event) {
        return last(e -> e.event() == event);
    }

    /// The names of all migrations a journal knows, the latest first.
    public static List<String> migrations(ClickHouse server, TableName table) {
        return ifThere(
                table,
                () ->
                        server
                                .query("SELECT migration FROM " + table.sql()
                                        + " GROUP BY migration ORDER BY max(at) DESC")
                                .stream()
                                .map(r -> r.string("migration"))
                                .toList(),
                List.of());
    }

    /// Whether any line of any migration names a table by its UUID.
    public static boolean mentions(ClickHouse server, TableName table, String uuid) {
        return ifThere(
                table,
                () -> server.one("SELECT count() > 0 AS yes FROM " + table.sql() + " WHERE position(detail, "
                                + Sql.text(uuid) + ") > 0")
                        .flag("yes"),
                false);
    }

    /// Whether the run that is under way goes back: then it is not to be kept from it by what only the
    /// way forward needs.
    public boolean goingBack() {
        return last(e -> e.is(Entry.Event.LOCKED, Entry.Event.UNLOCKED))
                .filter(e -> e.detail() instanceof Detail.Locked l && l.goesBack())
                .isPresent();
    }

    private static <T> T ifThere(TableName table, java.util.function.Supplier<T> read, T otherwise) {
        try {
            return read.get();
        } catch (ServerError e) {
            if (e.code() == ServerError.UNKNOWN_TABLE || e.code() == ServerError.UNKNOWN_DATABASE) return otherwise;
            if (e.code() == ServerError.UNKNOWN_IDENTIFIER)
                throw new Trouble.Refused(table + " is there and is no journal of rekey's: it lacks the columns of one."
                        + " Nothing was changed. RENAME it, and run again.");
            throw e;
        }
    }

    private static Entry.Event event(String name) {
        return Arrays.stream(Entry.Event.values())
                .filter(e -> e.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new Trouble.Refused("The journal has a line of an event " + name
                        + ", which this version of rekey does not know. Nothing was changed. Use the version that"
                        + " wrote it, or one that is newer."));
    }

    private static Entry entry(Row r, String detail) {
        long us = r.number("us");
        return new Entry(
                Micros.instant(us),
                r.string("runner"),
                r.number("number"),
                r.string("step"),
                event(r.string("event")),
                JsonMapper.shared().readValue(detail, new TypeReference<Map<String, String>>() {}));
    }
}
