package rekey.copy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.ServerError;
import rekey.model.Part;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.MadeTables;
import rekey.session.Session;

/// Carries one chunk: source -> staging -> compared -> attached -> journaled. Killed anywhere it leaves at most a
/// staging table, or an intent that [Attachment#settle] resolves.
public final class Copier {
    /// So many copies are tried of a chunk whose source parts change under it; the last with its merges held.
    private static final int TRIES = 4;
    private static final int FEW_PARTS = 1000;
    /// More parts of a chunk are merged before they are attached, where the filled table's merges are held: a
    /// staging table is a plain MergeTree, whose merges fold nothing.
    private static final int FEW_ATTACHED = 8;
    /// So much is sorted in memory, the rest on disk.
    private static final long SORTED_BYTES = 256L << 20;

    private final Session session;
    private final Direction direction;
    private final boolean held, small;
    private final InsertBlocks bite;
    private final ChunkCheck check;
    private int lastTries;
    private final AtomicLong behind = new AtomicLong();
    /// Rows carried of each partition; of none where a chunk had several that were not told apart.
    private final Map<String, Long> carried = new ConcurrentHashMap<>();
    private volatile boolean apart = true;
    private final ReentrantLock attaching = new ReentrantLock(true);
    /// Why an attach of another thread ended: as long as its outcome is open merges of the target must stay held,
    /// and each attach gives them back.
    private Throwable broken;

    /// @param held  whether ingestion stands still: then nothing is done that can wait
    /// @param small whether what is copied is little: then whoever has it copied waits for the other hosts. After a
    ///              large chunk they are waited for here, so that they never have more than one to fetch
    public Copier(Session session, Direction direction, boolean held, boolean small) {
        this.session = session;
        this.direction = direction;
        check = new ChunkCheck(session, direction);
        this.held = held;
        this.small = small;
        // no time is spent on it while held, and what is carried then is small
        bite = held ? InsertBlocks.modest() : InsertBlocks.of(session);
    }

    /// @return rows carried, those counted in that [#behind] tells
    /// @throws Trouble.Refused when the copy differs from the source though nothing changed in it
    /// @throws Trouble.PutOff  when the source's parts change at each try, by mutations or OPTIMIZEs
    public long copy(Chunk chunk, int round) {
        return copy(chunk, round, ParallelCopies.Turn.FREE);
    }

    /// @param turn when it may be attached
    /// @return 0 where it must not be
    long copy(Chunk chunk, int round, ParallelCopies.Turn turn) {
        for (int attempt = 1; ; attempt++) {
            session.control().checkpoint();
            if (direction.folds() && !held && !direction.intoLive()) new UnmergedParts(session).mustFit(direction);
            var staging = staging();
            boolean hold = attempt == TRIES && direction.from().collapses() && !MergeHold.held(direction.from());
            try (var held = new LastTry(hold)) {
                var rows = attempt(chunk, staging, round, attempt, new Try(turn, held));
                if (rows >= 0) return rows;
            }
        }
    }

    /// @param turn when what was copied may be attached
    /// @param held gives merges back as soon as it was checked
    private record Try(ParallelCopies.Turn turn, LastTry held) {}

    /// Holds merges for a last try. Chunks side by side may come to it together: the first that ends does not give
    /// merges back under the others.
    private final class LastTry implements AutoCloseable {
        private boolean holds;

        LastTry(boolean hold) {
            if (!hold) return;
            synchronized (Copier.this) {
                if (lastTries == 0) new MergeHold(session).hold(direction.from().name());
                lastTries++;
                holds = true;
            }
        }

        @Override
        public void close() {
            if (!holds) return;
            holds = false;
            synchronized (Copier.this) {
                if (--lastTries == 0)
                    new MergeHold(session).release(direction.from().name());
            }
        }
    }

    private TableName staging() {
        return session.rewrite()
                .staging(session.journal().runner() + "_" + session.statements().incrementAndGet());
    }

    /// How many rows of all that [#copy] returned stayed out, for the live table has newer ones of their keys.
    public long behind() {
        return behind.get();
    }

    /// How many rows of each partition all that [#copy] returned were, as they were read; empty where some were not
    /// told apart.
    Optional<Map<String, Long>> byPartition() {
        return apart ? Optional.of(Map.copyOf(carried)) : Optional.empty();
    }

    private void count(Chunk chunk, Map<String, Checksum> copied, boolean toldApart) {
        if (toldApart) copied.forEach((partition, sum) -> carried.merge(partition, sum.rows(), Long::sum));
        else if (chunk.slices().size() == 1)
            carried.merge(
                    chunk.slices().keySet().iterator().next(),
                    Checksum.sum(copied.values()).rows(),
                    Long::sum);
        else apart = false;
    }

    /// What is little is summed where it comes from while it is copied. By the names of parts that is no weaker than
    /// behind the copy: it counts only where the same parts are there before both and behind both, and a part never
    /// changes. By blocks it would be: what is deleted between the two is found because the sum comes later.
    /// Of some thousand rows the copy took 46 ms and the sum behind it 33, with ingestion held.
    ///
    /// @return rows carried, or -1 when the source's parts changed meanwhile, or newer rows came into the live
    /// table, and the copy must be made again
    private long attempt(Chunk chunk, TableName staging, int round, int number, Try of) {
        var found = new AtomicReference<List<Part>>();
        HostsInParallel.all(
                List.<Runnable>of(() -> create(staging), () -> found.set(check.parts(chunk))), Runnable::run);
        var active = found.get();
        var before = chunk.partNames(active);
        if (direction.folds()) new UnmergedParts(session).mustStand(direction, chunk, before, staging);
        // what is new lies in few parts, and a filter on block numbers alone reads that column of every part there
        // is
        boolean standing = number <= TRIES / 2 && before.equals(chunk.parts());
        var condition = condition(chunk, standing);
        boolean few = standing && few(chunk);
        boolean toldApart = chunk.slices().size() > 1 && direction.samePartitions();
        var summed = new AtomicReference<Map<String, Checksum>>();
        Runnable sum = () -> summed.set(check.sums(direction.from().name(), condition, toldApart));
        long bytes = bite.bytes();
        Runnable copy = () -> session.server()
                .execute(insert(direction, staging, condition), session.queryId("copy"), settings(bytes));
        try {
            HostsInParallel.all(few && small ? List.of(copy, sum) : List.of(copy), Runnable::run);
        } catch (ServerError e) {
            if (e.code() != ServerError.MEMORY_LIMIT || !bite.smaller(bytes)) throw e;
            drop(staging);
            session.journal()
                    .append(
                            "copy",
                            new Detail.Text("the server was out of memory (241): blocks of " + bite.bytes() / 1024
                                    + " KiB from here on, not of " + bytes / 1024));
            return again(chunk, round, number, of);
        }
        if (direction.folds() && session.catalog().parts(staging).size() > FEW_ATTACHED)
            session.server().execute("OPTIMIZE TABLE " + staging.sql() + " FINAL", session.queryId("copy"), READ);
        if (summed.get() == null) sum.run();
        var source = summed.get();
        var copied = check.sums(staging, "1", toldApart);
        var there = Checksum.sum(source.values());
        var here = Checksum.sum(copied.values());
        var after = chunk.partNames(check.parts(chunk));
        boolean still = before.equals(after);
        // by their names parts were read that are gone by now; by its blocks every row that is left. Where merges fold
        // rows the parts themselves are the mark, and what was mutated stands under another name
        boolean stood = still || !few && (!direction.folds() || UnmergedParts.unmerged(before, after));
        boolean same = there.equals(here);
        boolean deleted = !same && !still && stood && check.deletedMeanwhile(staging, condition);
        if ((!same || !stood) && !deleted) {
            drop(staging);
            if (number < TRIES && !still) return -1;
            throw check.difference(chunk, there, here, still);
        }
        boolean planned = before.equals(chunk.parts()) && still;
        var hidden = new HiddenRows(session, direction);
        var lacking = planned
                ? Optional.of(hidden.areIn(chunk, here, active))
                : direction.folds() ? hidden.areInMutated(chunk) : Optional.of(false);
        if (lacking.orElse(false)) {
            drop(staging);
            throw hidden.refused(chunk, here);
        }
        // a mutation that writes a part anew may show rows that were hidden when it was copied
        if (lacking.isEmpty() || !planned && direction.folds() && !check.holdsAll(chunk, staging, before)) {
            drop(staging);
            if (number < TRIES) return -1;
            throw check.difference(chunk, there, here, false);
        }
        of.held.close(); // a chunk that waits for its turn keeps no merges waiting
        if (!of.turn.await()) {
            drop(staging);
            return 0;
        }
        boolean attached;
        var newer = new NewerRows(session, direction);
        var sifted = newer.matters()
                ? newer.sift(staging, here, chunk, staging())
                : new NewerRows.Sifted(staging, here, here, Map.of(), 0);
        attaching.lock();
        try {
            ParallelCopies.rethrow(broken);
            session.control().fence();
            attached = new Attachment(session, direction)
                    .attach(
                            sifted,
                            chunk.slices(),
                            round,
                            // where rows stayed out the parts that were read are not what was attached; where merges
                            // fold rows one that was mutated meanwhile is known by its blocks and its level
                            (still || direction.folds()) && sifted.behind() == 0
                                    ? active.stream()
                                            .filter(p -> before.contains(p.name()))
                                            .toList()
                                    : List.of(),
                            // rows that another time zone put into a neighbouring partition are in none of both
                            toldApart && sifted.behind() == 0 && source.equals(copied) ? source : Map.of());
        } catch (RuntimeException | Error e) {
            broken = e;
            throw e;
        } finally {
            attaching.unlock();
        }
        // until every host has them the staging table is where a lost part could be taken from; a small round waits
        // once, at its end, and the table that is read has its rows
        if (!small) new Peers(session).awaitSame(direction.to().name());
        if (attached) of.turn.done(); // the next one of its partition is attached when every host has this one
        drop(staging);
        if (!sifted.staging().equals(staging)) drop(sifted.staging());
        if (!attached) return -1;
        behind.addAndGet(sifted.behind());
        count(chunk, copied, toldApart);
        session.progress().done(here.rows(), chunk.bytes());
        return here.rows();
    }

    private void create(TableName staging) {
        var to = direction.to();
        var uuid = MadeTables.uuid(session.journal().runner(), staging);
        for (var sql : Ddl.identified(Ddl.staging(to, staging, to.keys()), staging, uuid))
            session.server().execute(sql, session.queryId("staging"), Ddl.creating(to));
    }

    /// By another staging table: the name of one is never used again.
    private long again(Chunk chunk, int round, int number, Try of) {
        session.control().checkpoint();
        var staging = session.rewrite()
                .staging(session.journal().runner() + "_" + session.statements().incrementAndGet());
        return attempt(chunk, staging, round, number, of);
    }

    /// What fills a staging table.
    public static String insert(Direction direction, TableName staging, String condition) {
        var columns = direction.to().columnList();
        return "INSERT INTO " + staging.sql() + " (" + columns + ") SELECT " + columns + " FROM "
                + direction.from().name().sql() + " WHERE " + condition
                + (direction.reorders() ? " ORDER BY _block_number, _part_offset" : "");
    }

    /// By which rows a chunk is copied.
    ///
    /// @param standing whether its parts are still what they were
    public static String condition(Chunk chunk, boolean standing) {
        return standing && few(chunk) ? chunk.conditionInParts() : chunk.condition();
    }

    private static boolean few(Chunk chunk) {
        return chunk.parts().size() <= FEW_PARTS;
    }

    /// Not awaited while held: the files are shared with the table they were attached to, so nothing is
    /// gained by it.
    private void drop(TableName staging) {
        session.execute("drop-staging", Ddl.droppingThere(staging, !held));
    }

    /// A user's profile must not thin out what is read: by `final`, filters, a LIMIT, a bound whose overflow mode is
    /// `break`, or an answer from the query cache; nor stop a long copy, or one that names many blocks; nor tell
    /// keys in another time zone.
    public static final Map<String, String> READ = Map.ofEntries(
            Map.entry("final", "0"),
            Map.entry("additional_table_filters", "{}"),
            Map.entry("limit", "0"),
            Map.entry("offset", "0"),
            Map.entry("use_query_cache", "0"),
            Map.entry("max_execution_time", "0"),
            Map.entry("max_rows_to_read", "0"),
            Map.entry("max_bytes_to_read", "0"),
            Map.entry("max_rows_to_read_leaf", "0"),
            Map.entry("max_bytes_to_read_leaf", "0"),
            Map.entry("max_result_rows", "0"),
            Map.entry("max_result_bytes", "0"),
            Map.entry("max_rows_in_set", "0"),
            Map.entry("max_bytes_in_set", "0"),
            Map.entry("max_rows_to_group_by", "0"),
            Map.entry("max_partitions_to_read", "-1"),
            Map.entry("force_primary_key", "0"),
            Map.entry("force_index_by_date", "0"),
            Map.entry("log_comment", "rekey"),
            Map.entry("session_timezone", ""),
            Map.entry("select_sequential_consistency", "0"),
            Map.entry("enable_parallel_replicas", "0"),
            Map.entry("max_query_size", ClickHouse.LONG.get("max_query_size")),
            Map.entry("max_ast_elements", ClickHouse.LONG.get("max_ast_elements")),
            Map.entry("max_expanded_ast_elements", ClickHouse.LONG.get("max_expanded_ast_elements")));

    /// One thread keeps the order of insertion, by which a ReplacingMergeTree decides between equal versions;
    /// several partitions side by side are as fast (rule 6). `optimize_on_insert=0`: staging must hold every row.
    /// With progress in the headers the server ends the query when this process dies, instead of running
    /// it to its end.
    private Map<String, String> settings(long bytes) {
        var all = new java.util.HashMap<>(READ);
        all.putAll(copying(direction.collapsing()));
        all.put("min_insert_block_size_bytes", "" + bytes);
        if (direction.reorders()) all.put("max_bytes_before_external_sort", "" + SORTED_BYTES);
        all.putAll(Map.of("send_progress_in_http_headers", "1", "http_headers_progress_interval_ms", "5000"));
        return all;
    }

    /// The settings of the INSERT that fills a staging table.
    ///
    /// @param of the one of the two tables that collapses rows, if one does
    public static Map<String, String> copying(Table of) {
        return new java.util.TreeMap<>(Map.of(
                "max_threads",
                "1",
                "max_insert_threads",
                of.collapses() ? "1" : "2",
                "optimize_on_insert",
                "0",
                "max_partitions_per_insert_block",
                "0",
                "async_insert",
                "0",
                "insert_deduplicate",
                "0",
                "deduplicate_insert_select",
                "disable"));
    }
}
