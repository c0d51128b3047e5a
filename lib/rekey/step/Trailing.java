package rekey.step;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rekey.check.OtherWriters;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.PartsBudget;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.copy.AsyncInsertQueue;
import rekey.copy.Chunk;
import rekey.copy.Copier;
import rekey.copy.Direction;
import rekey.copy.Marks;
import rekey.copy.MergeHold;
import rekey.copy.OpenDeletes;
import rekey.copy.Peers;
import rekey.copy.ReorderedRows;
import rekey.copy.Rounds;
import rekey.ingestion.Consumers;
import rekey.ingestion.HeldTime;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.IngestionHosts;
import rekey.session.Micros;
import rekey.session.Session;

/// Carries what lands in the displaced table after an EXCHANGE: an INSERT that was running lands there
/// whole. Blocks of it past the last mark are carried into the live table until nothing older than the
/// swap writes any more (rule 1). That may be an INSERT, a flush of a Buffer table, or a batch of Kafka,
/// which begins in spite of the pause where ingestion was reopened in the last moment.
///
/// Half done is a swap whose intent is in the journal and whose DONE is not; then all of it is waited for anew,
/// which is right however long ago the EXCHANGE was. Whoever drops or fills the displaced table looks
/// for that first.
public final class Trailing {
    /// So many seconds a DELETE may fail on the live table before it is left to a person: an ATTACH stops one for a
    /// moment, and it goes on by itself.
    private static final int PATIENCE = 20;

    private Trailing() {}

    /// One round, now; and how long its rows were in the displaced table and in no other, at most: from the moment
    /// in which they were committed, or from the EXCHANGE where that was later.
    static Rounds.Round once(Session s, TableName displaced) {
        var since = s.catalog().table(displaced);
        var parts = pending(s, since);
        long begun = parts.isEmpty() ? 0 : committed(s, since, Chunk.join(parts));
        var round = rounds(s, since).once(Backfill.nextRound(s), true);
        // what was in its order once stays so, whatever writers bring
        if (round.rows() > 0) new ReorderedRows(s, displaced).settle();
        if (round.rows() == round.behind() || parts.isEmpty()) return round;
        long late = Math.max(0, HeldTime.now(s.server()) - Math.max(begun, exchanged(s))) / 1000;
        s.journal().append("swap", new Detail.CameLate(Duration.ofMillis(late), round.rows() - round.behind()));
        return round;
    }

    private static Rounds rounds(Session s, Table displaced) {
        return new Rounds(s, Direction.behind(s, displaced), displaced.name());
    }

    /// When the oldest part of a chunk was committed, in whole seconds as the server keeps it.
    private static long committed(Session s, Table table, Chunk chunk) {
        return s.server()
                .one("SELECT toUnixTimestamp(min(modification_time)) * 1000000 AS us FROM system.parts WHERE active AND"
                        + " database = " + Sql.text(table.name().database()) + " AND table = "
                        + Sql.text(table.name().table()) + " AND name IN " + Sql.list(chunk.parts()))
                .number("us");
    }

    /// The moment before the last EXCHANGE.
    private static long exchanged(Session s) {
        return s.journal()
                .last(e -> e.is("swap", Entry.Event.INTENT))
                .map(e -> Micros.of(e.at()))
                .orElse(0L);
    }

    /// The longest of these times since the last EXCHANGE; 0 where nothing came late.
    public static long lateVisibleMs(List<Entry> journal) {
        long most = 0;
        for (var e : journal) {
            if (e.is("swap", Entry.Event.INTENT)) most = 0;
            if (e.detail() instanceof Detail.CameLate late)
                most = Math.max(most, late.lateVisible().toMillis());
        }
        return most;
    }

    private static List<Chunk> pending(Session s, Table displaced) {
        return pending(s, displaced, s.source());
    }

    private static List<Chunk> pending(Session s, Table displaced, Table live) {
        return Marks.read(s.journal().entries(), displaced.uuid(), live.uuid())
                .pending(displaced, s.catalog().parts(displaced.name()), Long.MAX_VALUE);
    }

    /// Right behind the EXCHANGE, and before ingestion is opened: what others wrote since the last round is visible
    /// again as soon as may be. And of two rows of a key with equal versions, or none, the one that was inserted
    /// last stays: what Kafka brings now need not be looked through then, see [rekey.copy.NewerRows].
    static void beforeNewer(Session s, TableName displaced) {
        if (Position.trailed(s.journal().entries())) return;
        var both = HostsInParallel.each(List.of(displaced, s.rewrite().source()), s.catalog()::table);
        var live = both.getLast();
        var pending = pending(s, both.getFirst(), live);
        long rows = pending.stream().mapToLong(Chunk::rows).sum();
        // where no row gives way to another a large load comes when ingestion is open again
        if (pending.isEmpty() || !live.collapses() && rows > s.limits().chunkRows() / 100) return;
        once(s, displaced);
    }

    /// Rounds until nothing older than the swap can write any more. Ingestion goes on meanwhile.
    static void untilQuiet(Session s, TableName displaced) {
        if (Position.trailed(s.journal().entries())) {
            carryStrays(s, displaced);
            return;
        }
        giveMergesBack(s, !s.source().foldsByOrder());
        AsyncInsertQueue.flush(s);
        flushBuffers(s);
        var intake = IngestionHosts.of(s);
        var consumers = Consumers.of(intake);
        // later than the EXCHANGE, however long that took from its intent on
        var since = s.hosts().stream().map(HeldTime::now).toList();
        var moments = consumers.moments();
        // a consumer shows itself as used a moment after its batch has looked up the table: so two looks, when none
        // is about to
        for (int quiet = 0; quiet < (intake.none() ? 1 : 2); ) {
            consumers.awaitSeen(s.control());
            var oldest = older(s, since);
            boolean writes = !oldest.isEmpty() || consumers.older(moments);
            quiet = writes ? 0 : quiet + 1;
            if (writes)
                s.progress().note("waiting for INSERTs, ALTERs and batches that began before the swap" + oldest);
            if (writes) giveMergesBack(s, PartsBudget.of(s.server(), s.source()).spent());
            if (writes) once(s, displaced);
            s.control().sleep(writes ? 300 : intake.none() ? 0 : 50);
        }
        // an async INSERT that was still being read had not joined the queue, whose flush begins later than the
        // EXCHANGE
        AsyncInsertQueue.flush(s);
        once(s, displaced);
        // what is behind a mutation that has not ended there comes when it has
        for (var rounds = rounds(s, s.catalog().table(displaced)); rounds.mutationsOpen(); once(s, displaced)) {
            s.progress().note("waiting for mutations that began before the swap");
            s.control().sleep(100);
        }
        new ReorderedRows(s, displaced).settle(); // of one who died behind the attach, too
        awaitDeletes(s, displaced);
        // no round waited for the other hosts, and finalize may come next
        new Peers(s).awaitSame(s.rewrite().source());
        s.progress().note("");
        long late = lateVisibleMs(s.journal().entries());
        s.journal().append("swap", new Detail.Exchanged(displaced.table(), Optional.of(Duration.ofMillis(late))));
    }

    /// Merges of the live table that were held while it was filled. Where the order of rows decides they stay held
    /// until all that came late is in it, for merges would spoil it; but not until INSERTs are refused.
    private static void giveMergesBack(Session s, boolean now) {
        if (now && s.source().folds() && MergeHold.held(s.source()))
            new MergeHold(s).giveBack(s.rewrite().source());
    }

    /// What was deleted from the displaced table goes from the live one, too: behind this both are the same for
    /// whoever compares them.
    private static void awaitDeletes(Session s, TableName displaced) {
        var deletes = new OpenDeletes(
                s, Direction.of(s, Direction.behind(s, s.catalog().table(displaced)), displaced));
        for (var left = deletes.underWay(); !left.isEmpty(); left = deletes.underWay()) {
            var failure = left.getFirst().failure();
            if (!failure.isEmpty()
                    && HeldTime.now(s.server()) / 1_000_000 > left.getFirst().second() + PATIENCE) {
                s.journal()
                        .append(
                                "",
                                new Detail.ByHand("A DELETE of the moment of the swap was made on " + displaced
                                        + " and fails on " + s.rewrite().source() + " (" + failure
                                        + "): KILL MUTATION WHERE database = "
                                        + Sql.text(s.rewrite().source().database()) + " AND table = "
                                        + Sql.text(s.rewrite().source().table()) + ", and make it there by hand: "
                                        + left.getFirst()));
                return;
            }
            s.progress()
                    .note("waiting for a DELETE of the moment of the swap to be made on "
                            + s.rewrite().source() + ", too"
                            + (failure.isEmpty() ? "" : ", which fails: " + failure));
            s.control().sleep(100);
        }
    }

    /// Rows that came into a displaced table long after the swap: by its name, or of a batch that nothing shows.
    /// Carried, they are in both tables and marked; else the way back would find one with more rows than
    /// it can tell.
    ///
    /// @throws Trouble.Refused once, where rows of them gave way to the live table's: these did not begin before
    ///                         the EXCHANGE, so which came later can't be told, and the displaced table
    ///                         alone has them
    static void carryStrays(Session s, TableName displaced) {
        new Peers(s).awaitFetched(displaced); // a row that another host has acknowledged, and this one not fetched
        // of one who died behind its attach, too: the displaced table may be dropped next, and no round waited for
        // the other hosts
        if (left(s, displaced).isEmpty()) {
            new Peers(s).awaitSame(s.rewrite().source());
            return;
        }
        if (s.source().foldsByOrder())
            throw new Trouble.Refused(left(s, displaced).orElseThrow().getValue() + " rows came into " + displaced
                    + " since the swap, by its name. " + s.source().engine()
                    + " depends on the order of rows, and rekey"
                    + " can't tell it here. INSERT the rows to keep into "
                    + s.rewrite().source() + ", DELETE them from "
                    + displaced + ", then run again.");
        long behind = once(s, displaced).behind();
        new Peers(s).awaitSame(s.rewrite().source());
        if (behind == 0) return;
        var what = displaced + " got " + behind + (behind == 1 ? " row" : " rows") + " since the swap. "
                + s.rewrite().source()
                + " has rows of the same keys, and rekey can't tell which are newer, so it left them in " + displaced
                + ". INSERT those to keep into " + s.rewrite().source()
                + ". Then run again: this message comes once.";
        s.journal().append("swap", new Detail.ByHand(what));
        throw new Trouble.Refused(what);
    }

    /// The same of a target that may have been live, before it is dropped on the way back: nobody looks again.
    ///
    /// @throws Trouble.Refused where rows keep coming into it
    static void rescue(Session s, Position.Created created) {
        if (s.journal()
                .entries(e -> e.detail() instanceof Detail.Exchanging x
                        && x.target().equals(Optional.of(created.targetUuid())))
                .isEmpty()) return;
        Staging.settle(s, Position.of(s));
        for (int tries = 0; tries < 3; tries++) carryStrays(s, created.target());
        left(s, created.target()).ifPresent(left -> {
            throw new Trouble.Refused(created.target() + " is not dropped: rows keep coming into it (" + left.getValue()
                    + " that " + s.rewrite().source()
                    + " has not got). Stop who writes to it by its name, then run again.");
        });
    }

    /// A Buffer table that flushes in this moment writes into the table that had the name when it began. To flush it
    /// once more waits for that. Each host has Buffer tables of its own.
    private static void flushBuffers(Session s) {
        for (var host : s.hosts()) for (var buffer : OtherWriters.buffers(s, host)) flushBuffer(s, host, buffer);
    }

    private static void flushBuffer(Session s, ClickHouse host, TableName buffer) {
        s.control().checkpoint();
        try {
            host.execute(flush(buffer), s.queryId("flush"), Map.of());
        } catch (ServerError e) {
            s.control().checkpoint();
            s.journal()
                    .append(
                            "swap",
                            new Detail.Unflushed(buffer + " could not be flushed (" + e.getMessage()
                                    + "): what it wrote in the moment of the swap may be in "
                                    + "the displaced table alone. finalize looks for it."));
        }
    }

    /// Writes what a Buffer table has now.
    public static String flush(TableName buffer) {
        return "OPTIMIZE TABLE " + buffer.sql();
    }

    /// The rows of a displaced table that were carried by nobody: a condition on it, and how many they are; empty
    /// for none.
    static Optional<Map.Entry<String, Long>> left(Session s, TableName displaced) {
        var pending = pending(s, s.catalog().table(displaced));
        if (pending.isEmpty()) return Optional.empty();
        var where = Chunk.join(pending).condition();
        // merged with carried ones, a row of these has the lowest number of all: no count finds it
        if (s.source().folds())
            return Optional.of(
                    Map.entry(where, pending.stream().mapToLong(Chunk::rows).sum()));
        // numbers between those of a merged part may belong to other partitions
        long rows = s.server()
                .query(
                        "SELECT count() AS rekey_rows FROM " + displaced.sql() + " WHERE " + where,
                        s.queryId("count"),
                        Copier.READ)
                .getFirst()
                .number("rekey_rows");
        return rows == 0 ? Optional.empty() : Optional.of(Map.entry(where, rows));
    }

    /// What every command that says how it stands says of rows that nobody carried, once the swap is at its end.
    public static Optional<String> uncarried(Session s) {
        return Position.of(s) instanceof Position.Swapped b
                        && Position.trailed(s.journal().entries())
                ? left(s, b.backup()).map(left -> carriedByNobody(b.backup(), left.getValue()))
                : Optional.empty();
    }

    /// What is said of rows that came into a backup and were carried by nobody.
    static String carriedByNobody(TableName backup, long rows) {
        return rows + (rows == 1 ? " row" : " rows") + " of " + backup + (rows == 1 ? " was" : " were")
                + " carried by nobody";
    }

    /// On all hosts, each by its own clock; of those that run, which is the oldest. An INSERT of hours into any
    /// table is waited for, for a view may bring its rows, and nobody saw which.
    private static String older(Session s, List<Long> since) {
        for (int i = 0; i < since.size(); i++) {
            var host = s.hosts().get(i);
            var r = host.one(olderInserts(s, "fromUnixTimestamp64Micro(" + since.get(i) + ")")
                    .replace(
                            "SELECT count() AS n",
                            "SELECT count() AS n, argMax(query_id || ' of ' || user || ', for ' ||"
                                    + " toString(toUInt64(elapsed)) || ' s', elapsed) AS oldest"));
            if (r.number("n") > 0)
                return ": " + r.string("oldest")
                        + (s.peers().isEmpty() ? "" : " on " + host.endpoint().host());
        }
        return "";
    }

    /// How many statements run that began before a moment, may bring rows or take partitions away, and are not
    /// rekey's: an ALTER that replaces a partition waits for merges, one that deletes for the moment in which it
    /// gets its number in each partition, and both may run through an EXCHANGE.
    ///
    /// @param moment an expression for it by the server's clock
    public static String olderInserts(Session s, String moment) {
        var source = s.rewrite().source();
        return """
            SELECT count() AS n FROM system.processes WHERE (query_kind IN ('Insert', 'AsyncInsertFlush', 'Restore')
                OR (query_kind = 'Delete' OR query_kind = 'Alter'
                    AND match(query, '(?i)\\\\b(PART|PARTITION|DELETE|UPDATE)\\\\b'))
                  AND match(query, %s) AND (current_database = %s OR match(query, %s)))
              AND NOT startsWith(query_id, %s)
            AND now64(6) - toIntervalMicrosecond(toUInt64(elapsed * 1e6)) <= %s\
            """.formatted(
                        OtherWriters.word(source.table()),
                        Sql.text(source.database()),
                        OtherWriters.word(source.database()),
                        Sql.text(s.queryPrefix()),
                        moment);
    }
}
