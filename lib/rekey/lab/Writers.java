package rekey.lab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Row;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.ServerGone;
import rekey.model.TableName;
import rekey.model.Trouble;

/// Writers that never pause: each sends a plain INSERT into a [GuideTable]'s table, waits for its answer, and sends
/// the next a moment later. Their keys come again and again, and every so many an INSERT takes more than a second,
/// so that some run through an exchange and are followed by newer rows of the same keys at once.
///
/// Each row says which it is: `_partition` is [#FIRST] and the writer's number, `_offset` counts its rows. So what
/// was acknowledged is known by the writers alone, and is what the end is judged by.
public final class Writers implements AutoCloseable {
    /// The `_partition` of the first writer's rows.
    public static final int FIRST = 2_000_000;
    private static final int ROWS = 5, KEYS = 60;
    private static final Duration UNKNOWN = Duration.ofMillis(100);

    /// How they write.
    ///
    /// @param slow  one of so many is an INSERT that takes more than a second; an even number, for the next one
    ///              writes
    /// the same keys
    /// @param pause between two, but not behind a slow one
    public record Pace(int slow, Duration pause) {
        /// As an application does.
        public static final Pace DENSE = new Pace(8, Duration.ofMillis(100));
        /// Of its writers two of three are in the middle of an INSERT at any moment, as of those, and the server has
        /// half as many parts to merge: beside other work what these cost was most of what a case took.
        public static final Pace SLOW = new Pace(4, Duration.ofMillis(300));
    }

    private final TableName table;
    private final List<TableName> names;
    private final Pace pace;
    private final List<Writer> all = new ArrayList<>();
    /// Slow INSERTs: where there are fewer than two the next that may be slow is.
    private final AtomicInteger underWay = new AtomicInteger();
    private volatile boolean over;

    /// What became of what they wrote.
    ///
    /// @param acknowledged rows
    /// @param missing      of these not in the table; of a table that keeps one row a key, keys of which there is
    ///                     none
    /// @param duplicated   rows that are there more often than once, and keys that FINAL shows more often
    /// @param stale        keys whose newest acknowledged row is not the one that FINAL shows
    /// @param refused      INSERTs that had an error, or no answer: their rows may be there or not
    public record Found(
            long acknowledged, long missing, long duplicated, long stale, long refused, List<String> examples) {
        public static final Found NONE = new Found(0, 0, 0, 0, 0, List.of());

        public boolean ok() {
            return missing == 0 && duplicated == 0 && stale == 0;
        }
    }

    /// Starts them.
    ///
    /// @param connect one connection a writer
    public Writers(java.util.function.Supplier<ClickHouse> connect, TableName table, int writers) {
        this(connect, table, List.of(table), Pace.DENSE, writers);
    }

    /// @param names of the table and of what forwards to it: by these they write, by turns
    public Writers(
            java.util.function.Supplier<ClickHouse> connect,
            TableName table,
            List<TableName> names,
            Pace pace,
            int writers) {
        this.pace = pace;
        this.table = table;
        this.names = List.copyOf(names);
        for (int i = 0; i < writers; i++) all.add(new Writer(i, connect.get()));
        all.forEach(w -> w.thread.start());
    }

    private final class Writer {
        private final int number;
        /// Which of each so many is slow: another one for each writer. They began together with a slow one, and none
        /// of them was under way in three of eight moments: in four demos in a row none ran through the
        /// exchange.
        private final int slow;
        private final ClickHouse server;
        private final BitSet acknowledged = new BitSet(), unknown = new BitSet();
        private final Thread thread;
        private Trouble failed;

        Writer(int number, ClickHouse server) {
            this.number = number;
            slow = Math.floorMod(-2 * number, pace.slow());
            this.server = server;
            thread = Thread.ofPlatform().name("writer-" + number).unstarted(this::write);
        }

        private void write() {
            for (int n = 0; !over; n++) {
                boolean takesLong = n % pace.slow() == slow || n % 2 == 0 && underWay.get() < 2;
                boolean done = insert(n, takesLong);
                synchronized (this) {
                    (done ? acknowledged : unknown).set(n);
                }
                // right behind a slow one comes the next of its keys
                if (!takesLong) LockSupport.parkNanos(pace.pause().toNanos());
            }
        }

        /// @return false where it is not known whether its rows are there
        private boolean insert(int n, boolean takesLong) {
            if (takesLong) underWay.incrementAndGet();
            try {
                server.execute(sql(n, takesLong));
                return true;
            } catch (ServerGone | ServerError e) {
                synchronized (this) {
                    if (failed == null) failed = new Trouble.Failed("Writer " + number + ": " + e.getMessage(), e);
                }
                LockSupport.parkNanos(UNKNOWN.toNanos());
                return false;
            } finally {
                if (takesLong) underWay.decrementAndGet();
            }
        }

        /// A slow INSERT and the next write the same keys.
        private String sql(int n, boolean takesLong) {
            return """
                INSERT INTO %s (uuid, event, properties, timestamp, team_id, distinct_id, created_at, _timestamp,
                  _offset, _partition) SETTINGS async_insert = 0, max_threads = 1, max_insert_threads = 1
                SELECT toUUID(concat('00000000-0000-4000-8000-', leftPad(toString(%2$d * 1000 + k), 12, '0'))),
                  'written', '{}', toDateTime64('2026-01-01 00:00:00', 6, 'UTC') + toIntervalDay(k * 3), 1,
                  concat('writer-', toString(k)),
                  now64(6), now(), %3$d + number, %4$d
                FROM (SELECT number, (%5$d + number) %% %6$d AS k FROM numbers(%7$d)) WHERE %8$s\
                """.formatted(
                            names.get(number % names.size()).sql(),
                            number,
                            (long) n * ROWS,
                            FIRST + number,
                            n / 2 * ROWS,
                            KEYS,
                            ROWS,
                            takesLong ? "NOT ignore(sleepEachRow(0.25))" : "1");
        }

        private static int key(long offset) {
            long n = offset / ROWS;
            return (int) ((n / 2 * ROWS + offset % ROWS) % KEYS);
        }
    }

    /// Ends them, and waits for what runs.
    public Writers stop() {
        over = true;
        for (var w : all)
            try {
                w.thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Trouble.Stopped("The demo was interrupted.");
            }
        return this;
    }

    /// Judges the table; behind [#stop()].
    ///
    /// @throws Trouble.Failed where a writer's INSERT was refused
    public Found judge(ClickHouse server) {
        boolean collapses = new rekey.clickhouse.Catalog(server).table(table).collapses();
        long acknowledged = 0, missing = 0, duplicated = 0, stale = 0;
        var examples = new ArrayList<String>();
        for (var w : all) {
            if (w.failed != null && w.unknown.cardinality() > w.acknowledged.cardinality()) throw w.failed;
            var raw = new HashMap<Long, Long>();
            for (var r : rows(server, w, "")) raw.merge(r.number("o"), r.number("n"), Long::sum);
            for (var e : raw.entrySet())
                if (e.getValue() > 1) {
                    duplicated += e.getValue() - 1;
                    examples.add(
                            "row " + e.getKey() + " of writer " + w.number + " is there " + e.getValue() + " times");
                }
            var last = new HashMap<Integer, Long>();
            for (int n = w.acknowledged.nextSetBit(0); n >= 0; n = w.acknowledged.nextSetBit(n + 1))
                for (long offset = (long) n * ROWS; offset < (n + 1L) * ROWS; offset++) {
                    acknowledged++;
                    last.merge(Writer.key(offset), offset, Math::max);
                    if (collapses || raw.containsKey(offset)) continue;
                    missing++;
                    examples.add("row " + offset + " of writer " + w.number + " is missing");
                }
            if (!collapses) continue;
            var shown = new HashMap<Integer, Long>();
            for (var r : rows(server, w, " FINAL")) {
                var before = shown.put(Writer.key(r.number("o")), r.number("o"));
                if (before != null) duplicated++;
            }
            for (var e : last.entrySet()) {
                var is = shown.get(e.getKey());
                if (is == null) missing++;
                else if (is < e.getValue()) stale++;
                if (is == null || is < e.getValue())
                    examples.add("key " + e.getKey() + " of writer " + w.number + ": FINAL shows "
                            + (is == null ? "nothing" : "row " + is) + ", and row " + e.getValue()
                            + " was acknowledged");
            }
        }
        return new Found(
                acknowledged,
                missing,
                duplicated,
                stale,
                all.stream().mapToLong(w -> w.unknown.cardinality()).sum(),
                List.copyOf(examples.subList(0, Math.min(5, examples.size()))));
    }

    private List<Row> rows(ClickHouse server, Writer w, String last) {
        return server.query("SELECT _offset AS o, count() AS n FROM " + table.sql() + last + " WHERE _partition = "
                + (FIRST + w.number) + " GROUP BY o");
    }

    @Override
    public void close() {
        stop();
        all.forEach(w -> w.server.close());
    }
}
