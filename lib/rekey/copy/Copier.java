package rekey.copy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Unstored;
import rekey.model.Part;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Entry;
import rekey.session.Session;

/// Carries one chunk: source -> staging -> compared -> attached -> journaled. Killed anywhere it leaves at most a staging
/// table, or an intent that [Attachment#settle] resolves.
public final class Copier {
    /// So many copies are tried of a chunk whose source parts change under it; the last with its merges held.
    private static final int TRIES = 4;
    private static final int FEW_PARTS = 1000;

    private final Session session;
    private final Direction direction;
    private final boolean held;
    private final ReentrantLock attaching = new ReentrantLock(true);
    /// Why an attach of another thread ended: as long as its outcome is open merges of the target must stay held, and each attach
    /// gives them back.
    private RuntimeException broken;

    /// @param held whether ingestion stands still: then nothing is done that can wait
    public Copier(Session session, Direction direction, boolean held) {
        this.session = session;
        this.direction = direction;
        this.held = held;
    }

    /// @return rows carried
    /// @throws Trouble.Refused when the copy differs from the source though nothing changed in it
    public long copy(Chunk chunk, int round) {
        for (int attempt = 1; ; attempt++) {
            session.control().checkpoint();
            var staging = session.rewrite().staging(session.journal().runner() + "_" + session.statements().incrementAndGet());
            boolean hold = attempt == TRIES && direction.from().collapses() && !MergeHold.held(direction.from());
            if (hold) new MergeHold(session).hold(direction.from().name());
            try {
                var rows = attempt(chunk, staging, round, attempt);
                if (rows >= 0) return rows;
            } finally {
                if (hold) new MergeHold(session).release(direction.from().name());
            }
        }
    }

    /// @return rows carried, or -1 when the source's parts changed meanwhile and the copy must be made again
    private long attempt(Chunk chunk, TableName staging, int round, int number) {
        var to = direction.to();
        for (var sql : Ddl.staging(to, staging, to.keys())) session.server().execute(sql, session.queryId("staging"), Ddl.CREATING);
        var before = chunk.partNames(parts());
        // what is new lies in few parts, and a filter on block numbers alone reads that column of every part there is
        boolean few = number <= TRIES / 2 && before.equals(chunk.parts()) && before.size() <= FEW_PARTS;
        var condition = few ? chunk.conditionInParts() : chunk.condition();
        session.server().execute(insert(direction, staging, condition), session.queryId("copy"), settings());
        var there = sum(direction.from().name(), condition);
        var here = sum(staging, "1");
        var after = few || !there.equals(here) ? chunk.partNames(parts()) : before;
        if (!there.equals(here) || !before.equals(after)) {
            drop(staging);
            if (number < TRIES && !before.equals(after)) return -1;
            throw difference(chunk, there, here, before, after);
        }
        if (chunk.whole() && here.rows() != chunk.rows() && before.equals(chunk.parts()) && (few || chunk.partNames(parts()).equals(before))) {
            drop(staging);
            chunk.slices().keySet().forEach(new Foreign(session, direction.from().name())::refuse);
            throw new Trouble.Refused("The parts of " + chunk + " hold " + chunk.rows() + " rows, and a SELECT from " + direction.from().name() + " shows "
                    + here.rows() + " of them: a row policy or a setting of user '" + session.server().endpoint().user() + "' hides rows. Nothing was copied of it; run as a user who sees every row.");
        }
        attaching.lock();
        try {
            if (broken != null) throw broken;
            session.control().fence();
            new Attachment(session, direction).attach(staging, chunk.slices(), here, round);
        } catch (RuntimeException e) {
            broken = e;
            throw e;
        } finally {
            attaching.unlock();
        }
        drop(staging);
        session.progress().done(here.rows(), chunk.bytes());
        return here.rows();
    }

    /// What fills a staging table.
    static String insert(Direction direction, TableName staging, String condition) {
        var columns = direction.to().columnList();
        return "INSERT INTO " + staging.sql() + " (" + columns + ") SELECT " + columns + " FROM " + direction.from().name().sql() + " WHERE " + condition;
    }

    /// By which rows a chunk is copied at the first try, as long as its parts stay what they are.
    static String condition(Chunk chunk) {
        return chunk.parts().size() <= FEW_PARTS ? chunk.conditionInParts() : chunk.condition();
    }

    private Trouble difference(Chunk chunk, Checksum there, Checksum here, Set<String> before, Set<String> after) {
        var what = "The copy of " + chunk + " differs from " + direction.from().name() + ": there " + there + "; copied " + here + ".";
        if (!before.equals(after)) return new Trouble.Failed(what + " The parts of the source kept changing meanwhile: run again when its mutations and OPTIMIZEs have ended.");
        session.journal().append("attach", Entry.Event.POISONED, Map.of("difference", what));
        var from = session.catalog().table(direction.from().name());
        var unstored = Unstored.of(session.server(), from);
        if (!unstored.isEmpty()) return new Trouble.Refused(what + " Nothing was swapped. Its column " + unstored.getFirst() + ", where it has another value at each read: roll back, have it stored ("
                + String.join("; ", Unstored.storing(from, unstored)) + "), then run again.");
        return new Trouble.Refused(what + " Nothing was swapped. Look at both with 'verify', then roll back.");
    }

    private List<Part> parts() {
        return session.catalog().parts(direction.from().name());
    }

    private Checksum sum(TableName table, String condition) {
        return Checksum.of(session.server().query("SELECT " + Checksum.columns(direction.to()) + " FROM " + table.sql() + " WHERE " + condition,
                session.queryId("check"), READ).getFirst());
    }

    /// Not awaited while held: the files are shared with the table they were attached to, so nothing is gained by it.
    private void drop(TableName staging) {
        session.execute("drop-staging", dropping(staging, held));
    }

    static String dropping(TableName staging, boolean held) {
        return "DROP TABLE " + staging.sql() + (held ? "" : " SYNC") + " SETTINGS max_table_size_to_drop = 0";
    }

    /// A user's profile must not thin out what is read: by `final`, filters, a LIMIT, a bound whose overflow mode is `break`,
    /// or an answer from the query cache; nor stop a long copy, or one that names many blocks; nor tell keys in another time zone.
    public static final Map<String, String> READ = Map.ofEntries(Map.entry("final", "0"), Map.entry("additional_table_filters", "{}"),
            Map.entry("limit", "0"), Map.entry("offset", "0"), Map.entry("use_query_cache", "0"),
            Map.entry("max_execution_time", "0"), Map.entry("max_rows_to_read", "0"), Map.entry("max_bytes_to_read", "0"),
            Map.entry("max_rows_to_read_leaf", "0"), Map.entry("max_bytes_to_read_leaf", "0"), Map.entry("max_result_rows", "0"),
            Map.entry("max_result_bytes", "0"), Map.entry("max_rows_in_set", "0"), Map.entry("max_bytes_in_set", "0"),
            Map.entry("max_rows_to_group_by", "0"), Map.entry("max_partitions_to_read", "-1"), Map.entry("force_primary_key", "0"),
            Map.entry("force_index_by_date", "0"), Map.entry("log_comment", "rekey"), Map.entry("session_timezone", ""),
            Map.entry("max_query_size", ClickHouse.LONG.get("max_query_size")), Map.entry("max_ast_elements", ClickHouse.LONG.get("max_ast_elements")),
            Map.entry("max_expanded_ast_elements", ClickHouse.LONG.get("max_expanded_ast_elements")));

    /// One thread keeps the order of insertion, by which a ReplacingMergeTree decides between equal versions; several
    /// partitions side by side are as fast (FACTS: copying). `optimize_on_insert=0`: staging must hold every row. With
    /// progress in the headers the server ends the query when this process dies, instead of running it to its end.
    private Map<String, String> settings() {
        var all = new java.util.HashMap<>(READ);
        all.putAll(copying(direction.collapsing()));
        all.putAll(Map.of("send_progress_in_http_headers", "1", "http_headers_progress_interval_ms", "5000"));
        return all;
    }

    /// The settings of the INSERT that fills a staging table.
    ///
    /// @param of the one of the two tables that collapses rows, if one does
    public static Map<String, String> copying(Table of) {
        return new java.util.TreeMap<>(Map.of("max_threads", "1", "max_insert_threads", of.collapses() ? "1" : "2", "optimize_on_insert", "0",
                "max_partitions_per_insert_block", "0", "async_insert", "0", "insert_deduplicate", "0", "deduplicate_insert_select", "disable"));
    }
}
