package rekey.copy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Sql;
import rekey.model.Blocks;
import rekey.model.Part;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.IngestionHosts;
import rekey.session.Limits;
import rekey.session.MadeTables;
import rekey.session.Original;
import rekey.session.Session;

/// Copies in rounds: each carries all that came between the last mark and now, until what is left is small.
public final class Rounds {
    /// A last round is carried by one thread, and what comes meanwhile is seen so late.
    private static final Duration LONGEST_LAST = Duration.ofSeconds(10);
    /// A chunk of fewer rows costs more by its staging table than a thread of its own gains.
    private static final long FEW_ROWS = 1_000_000;

    private final Session session;
    private final Way way;
    private final TableName from;
    private final TableName to;
    private final Optional<Predicate<Direction>> equal;
    private Direction known;

    /// What blocks and mutations do not tell puts the swap off.
    ///
    /// @param other than the live table
    public Rounds(Session session, Way way, TableName other) {
        this(
                session,
                way,
                way.intoLive() ? other : session.rewrite().source(),
                way.intoLive() ? session.rewrite().source() : other,
                Optional.empty());
    }

    /// The same between two tables that are known.
    public Rounds(Session session, Direction direction) {
        this(session, direction.way(), direction.from().name(), direction.to().name(), Optional.empty());
    }

    private Rounds(Session session, Way way, TableName from, TableName to, Optional<Predicate<Direction>> equal) {
        this.session = session;
        this.way = way;
        this.from = from;
        this.to = to;
        this.equal = equal;
    }

    /// What blocks and mutations do not tell is asked of the rows themselves, in a time that grows with the table.
    ///
    /// @param compared whether the two tables hold the same of what was carried between them
    public Rounds asking(Predicate<Direction> compared) {
        return new Rounds(session, way, from, to, Optional.of(compared));
    }

    /// What a round did.
    ///
    /// @param rows those that were dealt with: a few may have stayed out of the live table, see [NewerRows]
    /// @param behind so many of them stayed out
    /// @param late rows of it that belong to partitions which an earlier round had already carried
    public record Round(int number, long rows, long late, long behind, Duration took) {}

    /// On the way back the live table's merges are its own: of a state and its cancellation, or of sums that are
    /// zero, a merge leaves nothing, and the part is gone as one that was dropped. What was carried of that
    /// partition is void, as where a merge left something, and all that the live table has of it is copied anew.
    private static boolean mayFoldToNothing(Direction direction) {
        return direction.folds() && direction.way() == Way.BACK && !direction.intoLive();
    }

    /// One round.
    ///
    /// @param held whether ingestion stands still
    public Round once(int number, boolean held) {
        var begun = Instant.now();
        var direction = direction(held);
        var arrivals = Arrivals.of(session, direction.from());
        if (arrivals instanceof UnmergedParts parts && !held) {
            parts.hold(direction);
            direction = direction(false);
        }
        settle(direction, session.journal().entries());
        if (held) new Peers(session).awaitFetched(from, direction.intoLive());
        var parts = session.catalog().parts(from);
        var replay = new MutationReplay(session, direction, equal);
        var open = replay.fresh();
        if (replay.catchUp(open, held)) {
            parts = session.catalog().parts(from);
            open = replay.fresh();
            // ingestion would not wait for it
            begun = Instant.now();
        }
        var read = direction;
        HostsInParallel.all(
                List.<Runnable>of(
                        () -> new Peers(session).mustNumberBlocks(read.from()),
                        () -> new Replication(session).mustHaveLostNothing(read)),
                Runnable::run);
        new ReusedBlockNumbers(session, direction).mustNotBeIn(parts);
        var marks = marks(direction);
        var gone = arrivals.vanished(
                direction.from(), direction.way() == Way.BACK, marks.carried(), Catalog.blocks(parts));
        var merged = new TreeSet<>(arrivals.merged(direction, parts));
        if (!gone.isEmpty() && mayFoldToNothing(direction)) {
            new VanishedBlocks(session, direction, equal).mustNotBeLost(gone);
            merged.addAll(gone.keySet());
        } else if (!gone.isEmpty()) {
            new VanishedBlocks(session, direction, equal).settle(gone, marks.carried(), Catalog.blocks(parts));
            marks = marks(direction);
        }
        if (arrivals instanceof UnmergedParts own && !held && !direction.intoLive())
            merged.addAll(own.merged(direction.reversed(), session.catalog().parts(to)));
        if (!merged.isEmpty()) {
            new VoidedCopies(session, direction).settle(merged, marks.carried(), parts, held);
            marks = marks(direction);
        }
        new MergedForeignRows(session, direction, equal).mustNotHideRows(parts, marks);
        // of each part by itself it is told whether it came before a DELETE
        boolean behind = replay.carriesBehind() && open.stream().anyMatch(m -> !m.harmless());
        boolean deleting =
                behind || !new OpenDeletes(session, direction).ofLive().isEmpty();
        var chunks = (behind ? marks : MutationReplay.before(marks, open, parts))
                .pending(direction.from(), parts, deleting ? 0 : chunkRows(session.limits(), parts));
        long expected = chunks.stream().mapToLong(Chunk::rows).sum();
        boolean throughout = !chunks.isEmpty() && FirstRoundHold.suits(session, direction, parts, number, held);
        if (throughout) {
            new MergeHold(session).hold(to);
            direction = direction(false);
        }
        session.progress().round(number, number == 1 ? 0 : expected);
        boolean small = together(session, expected, number, held);
        var copier = new Copier(session, direction, held, small);
        long rows = chunks.isEmpty()
                ? 0
                : deleting
                        ? oneByOne(copier, direction.reorders() ? byAge(chunks) : chunks, number)
                        : carry(direction, copier, chunks, number, held);
        // where that failed they stay held until what is open has been settled, by the next start
        if (throughout) new MergeHold(session).giveBack(to);
        long late = number == 1 || rows == 0 || held ? 0 : late(chunks, marks, copier.byPartition());
        var took = Duration.between(begun, Instant.now());
        if (rows > 0)
            session.journal()
                    .append(
                            "round",
                            new Detail.Round(
                                    direction.from().uuid(),
                                    direction.to().uuid(),
                                    number,
                                    rows - copier.behind(),
                                    late,
                                    Optional.of(copier.behind()),
                                    took));
        // what a round costs while held: before the EXCHANGE every host is waited for in any case
        if (rows > 0 && small && !held) new Peers(session).awaitSame(to);
        return new Round(number, rows, late, copier.behind(), took);
    }

    /// Whether there are mutations that were not made on the other table, so that blocks behind them
    /// were not carried.
    public boolean mutationsOpen() {
        return new MutationReplay(session, direction(false), equal)
                .fresh().stream().anyMatch(m -> !m.harmless());
    }

    private Marks marks(Direction direction) {
        return Marks.read(
                session.journal().entries(),
                direction.from().uuid(),
                direction.to().uuid());
    }

    /// Read anew for each round, for the tables may be altered at any time; once only in the moments of a hold.
    private Direction direction(boolean held) {
        if (!held || known == null) {
            known = Direction.of(session, way, way.intoLive() ? from : to);
            if (!way.intoLive())
                Original.find(session.journal().entries()).ifPresent(o -> o.mustBeUnaltered(known.from()));
        }
        return known;
    }

    /// Resolves what a killed runner left open, so that nothing is carried twice.
    public void settle(Direction direction, List<Entry> journal) {
        var attachment = new Attachment(session, direction);
        var open = attachment.open(journal);
        for (var intent : open) {
            // first the statement that may still run is ended, and its table dropped so that a later one fails by
            // name: only then does what stands in the target tell the outcome for good
            session.server().execute(ending(session));
            if (direction.to().replicated()) new Replication(session).awaitAttached();
            var staging = from.sibling(intent.chunk().staging());
            boolean somebodys = session.catalog()
                    .uuid(staging)
                    .filter(uuid -> !MadeTables.isStaging(journal, session.rewrite(), staging, uuid))
                    .isPresent();
            if (!somebodys) session.execute("drop-staging", Ddl.dropping(staging));
            attachment.settle(intent);
        }
    }

    /// This, and the DROP of its staging table, come before an attach that nobody noted is settled.
    public static String ending(Session session) {
        return "KILL QUERY WHERE startsWith(query_id, " + Sql.text(session.queryPrefix())
                + ") AND endsWith(query_id, ':attach') SYNC";
    }

    /// Rows of a round for partitions already carried, other than the one that most of the round belongs to: that is
    /// the one being written now.
    ///
    /// @param known how many of each partition were carried, where the copy told them apart: to count them anew by
    ///              their block numbers took a tenth of a round beside 500 parts
    private long late(List<Chunk> chunks, Marks marks, Optional<Map<String, Long>> known) {
        var counts = known.orElseGet(() -> session
                .server()
                .query(
                        "SELECT _partition_id AS rekey_partition, count() AS rekey_rows FROM " + from.sql() + " WHERE "
                                + Chunk.join(chunks).condition() + " GROUP BY rekey_partition",
                        session.queryId("count"),
                        Copier.READ)
                .stream()
                .collect(Collectors.toMap(r -> r.string("rekey_partition"), r -> r.number("rekey_rows"))));
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .skip(1)
                .filter(e -> marks.carried().containsKey(e.getKey()))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /// The first round copies chunks side by side, and those of one partition are attached in the order of their
    /// blocks: as long as a partition was one thread's, a table without partitions was copied by one thread. What
    /// later rounds find is small and goes in one chunk, for every chunk costs a staging table.
    private long carry(Direction direction, Copier copier, List<Chunk> chunks, int number, boolean held) {
        long rows = chunks.stream().mapToLong(Chunk::rows).sum();
        if (together(session, rows, number, held)) return copier.copy(Chunk.join(chunks), number);
        var lanes = new ParallelCopies(session.control(), session.lanes());
        var orders = new HashMap<String, ParallelCopies.Order>();
        var work = new ArrayList<Callable<Long>>();
        for (var c : grouped(session, direction, chunks)) {
            int rank = work.size();
            // one that has several partitions has all there is of each, or all there is of some blocks
            var partition =
                    direction.reorders() ? "" : c.slices().keySet().iterator().next();
            var turn = orders.computeIfAbsent(partition, _ -> lanes.new Order()).turn();
            work.add(() -> lanes.carry(rank, () -> copier.copy(c, number, turn)));
        }
        return ParallelCopies.all(work);
    }

    private static List<Chunk> byAge(List<Chunk> chunks) {
        return chunks.stream()
                .sorted(Comparator.comparingLong(c -> c.slices().values().stream()
                        .mapToLong(Blocks::min)
                        .min()
                        .orElse(0)))
                .toList();
    }

    private static long oneByOne(Copier copier, List<Chunk> chunks, int number) {
        long rows = 0;
        for (var chunk : chunks) rows += copier.copy(chunk, number);
        return rows;
    }

    /// A chunk is cut at about so many rows: by the operator's word, and sooner where a table would make fewer
    /// chunks than there are threads, for one hot partition is everybody's.
    public static long chunkRows(Limits limits, List<Part> parts) {
        long rows = parts.stream().mapToLong(Part::rows).sum();
        return Math.min(limits.chunkRows(), Math.max(FEW_ROWS, rows / (2L * limits.threads())));
    }

    /// The chunks of a round that is carried side by side. What is killed in the middle is done again, so groups
    /// stay far below the largest chunk.
    public static List<Chunk> grouped(Session session, Direction direction, List<Chunk> chunks) {
        if (direction.reorders() && !direction.samePartitions())
            return Chunk.byBlocks(chunks, session.limits().chunkRows());
        return Chunk.grouped(
                chunks, session.limits().chunkRows() / 20, session.limits().threads());
    }

    public static boolean together(Session session, long rows, int number, boolean held) {
        return held || rows <= session.limits().chunkRows() / 10 && number > 1;
    }

    /// Rounds until they no longer get shorter: what is then left is little, and the rest is done with merges held.
    /// While the swap is postponed they go on, so that what is left stays little.
    public List<Round> untilSmall(int firstNumber) {
        return untilSmall(firstNumber, true);
    }

    /// @param waiting whether they go on while the swap is postponed
    /// @throws Trouble.Refused when writers bring more than is carried, for good
    public List<Round> untilSmall(int firstNumber, boolean waiting) {
        var done = new ArrayList<Round>();
        for (int n = firstNumber; ; n++) {
            done.add(gaining(n));
            boolean small =
                    done.size() > 1 && within(done.getLast(), session.limits().maxHeld())
                            || done.size() > 2 && !shrinking(done);
            if (small && !(waiting && session.control().postponed())) return done;
            if (small) session.progress().note("the swap is postponed");
            for (int i = 0; small && i < 50 && session.control().postponed(); i++)
                session.control().sleep(100);
        }
    }

    /// Rounds until one takes less than a share of the time that ingestion may be held, or none gets shorter and
    /// there is no ingestion to be held. Meant under a [MergeHold], where a round reads what is new and little
    /// else.
    ///
    /// @throws Trouble.PutOff  when more comes in than can be carried in that time
    /// @throws Trouble.Refused when writers bring more than is carried, for good
    public List<Round> untilShort(int firstNumber) {
        var done = new ArrayList<Round>();
        for (int n = firstNumber; ; n++) {
            done.add(gaining(n));
            if (within(done.getLast(), session.limits().maxHeld().dividedBy(3))) return done;
            // nothing came, so none that is shorter comes: on a machine that was slow a run was put off for it
            if (done.size() >= 4 && done.getLast().rows() == 0) return done;
            if (done.size() >= 4 && within(done.getLast(), session.limits().maxHeld())) return done;
            if (done.size() >= 4 && !shrinking(done) && holdsNobody(done.getLast())) return done;
            if (done.size() >= 12)
                throw Trouble.PutOff.busy(
                        "The last rounds still take " + done.getLast().took().toMillis()
                                + " ms: more comes in than can be carried within --max-held "
                                + session.limits().maxHeld().toMillis()
                                + " ms. Give a longer --max-held (in the shell 'max-held 2s', while it runs), or run"
                                + " again at a quieter time.");
        }
    }

    /// Nobody waits for the last round where no Kafka table feeds the source: what others wrote in that moment is
    /// seen late by it. On a busy machine a round of 250 rows took 3 s, and a run put itself off 60 times,
    /// 12 rounds each.
    private boolean holdsNobody(Round last) {
        return within(last, LONGEST_LAST)
                && last.rows() <= session.limits().chunkRows() / 10
                && !session.limits().holdWriters()
                && IngestionHosts.of(session).none();
    }

    /// One of those that are to become short.
    private Round gaining(int number) {
        var round = once(number, false);
        if (round.rows() > 0) new FallingBehind(session, known).mustNotLast();
        return round;
    }

    private static boolean within(Round round, Duration than) {
        return round.took().compareTo(than) <= 0;
    }

    private static boolean shrinking(List<Round> done) {
        return done.getLast().took().toMillis()
                < done.get(done.size() - 2).took().toMillis() * 0.7;
    }
}
