package rekey.copy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Entry;
import rekey.session.Original;
import rekey.session.Session;

/// Copies in rounds: each carries all that came between the last mark and now, until what is left is small.
public final class Rounds {
    private final Session session;
    private final TableName from;
    private final TableName to;
    private final Optional<Predicate<Direction>> equal;
    private Direction known;

    /// What blocks and mutations do not tell puts the swap off.
    public Rounds(Session session, TableName from, TableName to) {
        this(session, from, to, Optional.empty());
    }

    private Rounds(Session session, TableName from, TableName to, Optional<Predicate<Direction>> equal) {
        this.session = session;
        this.from = from;
        this.to = to;
        this.equal = equal;
    }

    /// What blocks and mutations do not tell is asked of the rows themselves, in a time that grows with the table.
    ///
    /// @param compared whether the two tables hold the same of what was carried between them
    public Rounds asking(Predicate<Direction> compared) {
        return new Rounds(session, from, to, Optional.of(compared));
    }

    /// What a round did.
    ///
    /// @param late rows of it that belong to partitions which an earlier round had already carried
    public record Round(int number, long rows, long late, Duration took) { }

    /// One round.
    ///
    /// @param held whether ingestion stands still
    public Round once(int number, boolean held) {
        var begun = Instant.now();
        var direction = direction(held);
        settle(direction, session.journal().entries());
        var parts = session.catalog().parts(from);
        while (new Replay(session, direction, equal).catchUp(held)) parts = session.catalog().parts(from);
        var marks = marks(direction);
        var gone = new BlockNumbers(session).watch(direction.from(), direction.to().name().equals(session.rewrite().backup()), marks.carried(), Catalog.blocks(parts));
        if (!gone.isEmpty()) {
            new Gone(session, direction, equal).settle(gone, marks.carried());
            marks = marks(direction);
        }
        var chunks = marks.pending(parts, session.limits().chunkRows());
        long expected = chunks.stream().mapToLong(Chunk::rows).sum();
        session.progress().round(number, number == 1 ? 0 : expected);
        long rows = chunks.isEmpty() ? 0 : carry(new Copier(session, direction, held), chunks, number, held);
        long late = number == 1 || rows == 0 || held ? 0 : late(chunks, marks);
        var took = Duration.between(begun, Instant.now());
        if (rows > 0) session.journal().append("round", Entry.Event.ROUND, Map.of("round", "" + number, "rows", "" + rows, "late", "" + late,
                "ms", "" + took.toMillis(), "from", direction.from().uuid(), "to", direction.to().uuid()));
        return new Round(number, rows, late, took);
    }

    private Marks marks(Direction direction) {
        return Marks.read(session.journal().entries(), direction.from().uuid(), direction.to().uuid());
    }

    /// Read anew for each round, for the tables may be altered at any time; once only in the moments of a hold.
    private Direction direction(boolean held) {
        if (!held || known == null) {
            known = Direction.of(session, from, to);
            if (from.equals(session.rewrite().source())) Original.find(session.journal().entries()).ifPresent(o -> o.mustBeUnaltered(known.from()));
        }
        return known;
    }

    /// Resolves what a killed runner left open, so that nothing is carried twice.
    public void settle(Direction direction, List<Entry> journal) {
        var attachment = new Attachment(session, direction);
        var open = attachment.open(journal);
        for (var intent : open) {
            // first the statement that may still run is ended, and its table dropped so that a later one fails by name: only
            // then does what stands in the target tell the outcome for good
            session.server().execute(ending(session));
            session.execute("drop-staging", dropping(from.sibling(intent.get("staging"))));
            attachment.settle(intent);
        }
    }

    /// These two come before an attach that nobody noted is settled.
    static String ending(Session session) {
        return "KILL QUERY WHERE startsWith(query_id, " + Sql.text(session.queryPrefix()) + ") AND endsWith(query_id, ':attach') SYNC";
    }

    static String dropping(TableName staging) {
        return "DROP TABLE IF EXISTS " + staging.sql() + " SYNC SETTINGS max_table_size_to_drop = 0";
    }

    /// Rows of a round for partitions already carried, other than the one that most of the round belongs to: that is the
    /// one being written now.
    private long late(List<Chunk> chunks, Marks marks) {
        var counts = session.server().query("SELECT _partition_id AS p, count() AS n FROM " + from.sql() + " WHERE " + Chunk.join(chunks).condition()
                + " GROUP BY p ORDER BY n DESC", session.queryId("count"), Copier.READ);
        return counts.stream().skip(1).filter(r -> marks.carried().containsKey(r.string("p"))).mapToLong(r -> r.number("n")).sum();
    }

    /// The first round copies partitions side by side, each in the order of its blocks; what later rounds find is small
    /// and goes in one chunk, for every chunk costs a staging table.
    private long carry(Copier copier, List<Chunk> chunks, int number, boolean held) {
        long rows = chunks.stream().mapToLong(Chunk::rows).sum();
        if (together(session, rows, number, held)) return copier.copy(Chunk.join(chunks), number);
        var queues = new LinkedHashMap<String, ArrayDeque<Chunk>>();
        for (var c : chunks) queues.computeIfAbsent(c.slices().keySet().iterator().next(), k -> new ArrayDeque<>()).add(c);
        var work = new ArrayList<Callable<Long>>();
        queues.values().forEach(queue -> work.add(() -> {
            long n = 0;
            for (var c : queue) n += copier.copy(c, number);
            return n;
        }));
        return sideBySide(work);
    }

    static boolean together(Session session, long rows, int number, boolean held) {
        return held || rows <= session.limits().chunkRows() / 10 && number > 1;
    }

    private long sideBySide(List<Callable<Long>> work) {
        try (var pool = Executors.newFixedThreadPool(session.limits().threads())) {
            var running = new ArrayList<java.util.concurrent.Future<Long>>();
            for (var w : work) running.add(pool.submit(w));
            long n = 0;
            RuntimeException first = null;
            for (var f : running) {
                try {
                    n += f.get();
                } catch (ExecutionException e) {
                    if (first == null) first = e.getCause() instanceof RuntimeException r ? r : new IllegalStateException(e.getCause());
                    running.forEach(other -> other.cancel(false));
                } catch (java.util.concurrent.CancellationException e) {
                    continue;
                }
            }
            if (first != null) throw first;
            return n;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("The copy was interrupted.");
        }
    }

    /// Rounds until they no longer get shorter: what is then left is little, and the rest is done with merges held. While
    /// the swap is postponed they go on, so that what is left stays little.
    public List<Round> untilSmall(int firstNumber) {
        var done = new ArrayList<Round>();
        for (int n = firstNumber; ; n++) {
            done.add(once(n, false));
            boolean small = done.size() > 1 && within(done.getLast(), session.limits().maxHeld()) || done.size() > 2 && !shrinking(done);
            if (small && !session.control().postponed()) return done;
            if (small) session.progress().note("the swap is postponed");
            for (int i = 0; small && i < 50 && session.control().postponed(); i++) session.control().sleep(100);
        }
    }

    /// Rounds until one takes less than a share of the time that ingestion may be held. Meant under a [MergeHold], where
    /// a round reads what is new and little else.
    ///
    /// @throws Trouble.PutOff when more comes in than can be carried in that time
    public List<Round> untilShort(int firstNumber) {
        var done = new ArrayList<Round>();
        for (int n = firstNumber; ; n++) {
            done.add(once(n, false));
            if (within(done.getLast(), session.limits().maxHeld().dividedBy(3))) return done;
            if (done.size() >= 4 && within(done.getLast(), session.limits().maxHeld())) return done;
            if (done.size() >= 12) throw new Trouble.PutOff("The last rounds still take " + done.getLast().took().toMillis()
                    + " ms: more comes in than can be carried within --max-held " + session.limits().maxHeld().toMillis()
                    + " ms. Give a longer --max-held, or run again at a quieter time.");
        }
    }

    private static boolean within(Round round, Duration than) {
        return round.took().compareTo(than) <= 0;
    }

    private static boolean shrinking(List<Round> done) {
        return done.getLast().took().toMillis() < done.get(done.size() - 2).took().toMillis() * 0.7;
    }
}
