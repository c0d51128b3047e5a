package rekey.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rekey.check.OtherWriters;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.copy.Chunk;
import rekey.copy.Copier;
import rekey.copy.Direction;
import rekey.copy.Marks;
import rekey.copy.Outline;
import rekey.copy.Rounds;
import rekey.ingestion.Consumers;
import rekey.ingestion.HeldTime;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Entry;
import rekey.session.Session;

/// After an EXCHANGE: an INSERT that was running lands whole in the displaced table. Blocks of it past the last mark are
/// carried into the live table until nothing older than the swap writes any more (DESIGN: exactness 2): no INSERT, no batch
/// of Kafka, which begins in spite of the pause where ingestion was reopened in the last moment, no flush of a Buffer table.
///
/// Half done is a swap whose intent is in the journal and whose DONE is not; then all of it is waited for anew, which is right
/// however long ago the EXCHANGE was. Whoever drops or fills the displaced table looks for that first.
public final class Trailing {
    private static final String FLUSH = "SYSTEM FLUSH ASYNC INSERT QUEUE";

    private Trailing() { }

    /// The statements of [#untilQuiet].
    ///
    /// @param now whether the exchange has been made
    static List<String> statements(Session s, Direction direction, boolean now) {
        if (now && Position.trailed(s.journal().entries())) return straying(s, direction);
        var out = new ArrayList<>(List.of("-- INSERTs, batches and flushes that ran through the exchange are waited for", FLUSH));
        out.addAll(OtherWriters.buffers(s).stream().map(Trailing::flush).toList());
        var rounds = new Outline(s, direction, false);
        if (now) out.addAll(rounds.now(Backfill.nextRound(s), true));
        out.addAll(rounds.further("what these left in the displaced table, round after round until none of them runs", true));
        out.add(FLUSH);
        return out;
    }

    /// One round, now.
    static void once(Session s, TableName displaced) {
        new Rounds(s, displaced, s.rewrite().source()).once(Backfill.nextRound(s), true);
    }

    /// Before ingestion is opened, where rows of one key displace each other: of two with equal versions, or none, the one that was
    /// inserted last stays, so what the displaced table got in the moment of the EXCHANGE must not come behind what comes now.
    static void beforeNewer(Session s, TableName displaced) {
        if (Position.trailed(s.journal().entries()) || !s.source().collapses()) return;
        once(s, displaced);
    }

    /// Rounds until nothing older than the swap can write any more. Ingestion goes on meanwhile.
    static void untilQuiet(Session s, TableName displaced) {
        if (Position.trailed(s.journal().entries())) {
            strays(s, displaced);
            return;
        }
        flushAsyncInserts(s);
        flushBuffers(s);
        var ingestion = s.catalog().ingestion(s.rewrite().source());
        var consumers = new Consumers(s.server(), ingestion);
        // later than the EXCHANGE, however long that took from its intent on
        long since = HeldTime.now(s.server());
        // a consumer shows itself as used a moment after its batch has looked up the table: so two looks, when none is about to
        for (int quiet = 0; quiet < (ingestion.none() ? 1 : 2); ) {
            consumers.awaitSeen(s.control());
            boolean writes = older(s, since) > 0 || consumers.older(since);
            quiet = writes ? 0 : quiet + 1;
            if (writes) s.progress().note("waiting for INSERTs and batches that began before the swap");
            if (writes) once(s, displaced);
            s.control().sleep(writes ? 300 : ingestion.none() ? 0 : 50);
        }
        // an async INSERT that was still being read had not joined the queue, whose flush begins later than the EXCHANGE
        flushAsyncInserts(s);
        once(s, displaced);
        s.progress().note("");
        s.journal().append("swap", Entry.Event.DONE, Map.of("displaced", displaced.table()));
    }

    /// Rows that came into a displaced table long after the swap: by its name, or of a batch that nothing shows. Carried, they are
    /// in both tables and marked; else the way back would find one with more rows than it can tell.
    static void strays(Session s, TableName displaced) {
        if (left(s, displaced).isPresent()) once(s, displaced);
    }

    private static List<String> straying(Session s, Direction direction) {
        return new Outline(s, direction, false).further("somebody wrote to " + direction.from().name() + " by its name", true);
    }

    /// The statements of [#rescue].
    static List<String> rescuing(Session s) {
        if (s.journal().entries(e -> e.is("swap", Entry.Event.INTENT)).isEmpty()) return List.of();
        var forward = Backfill.forward(s);
        return straying(s, new Direction(forward.to(), forward.from()));
    }

    /// The same before such a table is dropped on the way back: nobody looks again.
    ///
    /// @throws Trouble.Refused where rows keep coming into it
    static void rescue(Session s, Position.Created created) {
        if (s.journal().entries(e -> e.is("swap", Entry.Event.INTENT) && e.get("target").equals(created.targetUuid())).isEmpty()) return;
        Staging.settle(s);
        for (int tries = 0; tries < 3; tries++) strays(s, created.target());
        left(s, created.target()).ifPresent(left -> { throw new Trouble.Refused(created.target() + " is not dropped: rows keep coming into it (" + left.getValue() + " that " + s.rewrite().source()
                + " has not got). Stop who writes to it by its name, then run again."); });
    }

    /// Rows of async inserts that were taken under the old table's UUID are written now.
    private static void flushAsyncInserts(Session s) {
        try {
            s.server().execute(FLUSH);
        } catch (ServerError e) {
            if (e.code() != ServerError.BAD_ARGUMENTS) throw e;    // 36: there has been no async insert, so no queue
        }
    }

    /// A Buffer table that flushes in this moment writes into the table that had the name when it began. To flush it once more
    /// waits for that.
    private static void flushBuffers(Session s) {
        for (var buffer : OtherWriters.buffers(s)) {
            s.control().checkpoint();
            try {
                s.execute("flush", flush(buffer));
            } catch (ServerError e) {
                s.control().checkpoint();
                s.journal().append("swap", Entry.Event.NOTE, Map.of("buffer", buffer + " could not be flushed (" + e.getMessage() + "): what it wrote in the moment of the swap may be in "
                        + "the displaced table alone. finalize looks for it."));
            }
        }
    }

    /// Writes what a Buffer table has now.
    public static String flush(TableName buffer) {
        return "OPTIMIZE TABLE " + buffer.sql();
    }

    /// The rows of a displaced table that were carried by nobody: a condition on it, and how many they are; empty for none.
    static Optional<Map.Entry<String, Long>> left(Session s, TableName displaced) {
        var from = s.catalog().table(displaced);
        var pending = Marks.read(s.journal().entries(), from.uuid(), s.source().uuid()).pending(s.catalog().parts(displaced), Long.MAX_VALUE);
        if (pending.isEmpty()) return Optional.empty();
        var where = Chunk.join(pending).condition();
        // numbers between those of a merged part may belong to other partitions
        long rows = s.server().query("SELECT count() AS n FROM " + displaced.sql() + " WHERE " + where, s.queryId("count"), Copier.READ).getFirst().number("n");
        return rows == 0 ? Optional.empty() : Optional.of(Map.entry(where, rows));
    }

    private static long older(Session s, long us) {
        return s.server().one(olderInserts(s, "fromUnixTimestamp64Micro(" + us + ")")).number("n");
    }

    /// How many INSERTs run that began before a moment, and are not rekey's.
    ///
    /// @param moment an expression for it by the server's clock
    public static String olderInserts(Session s, String moment) {
        return """
                SELECT count() AS n FROM system.processes WHERE query_kind IN ('Insert', 'AsyncInsertFlush') AND NOT startsWith(query_id, %s)
                AND now64(6) - toIntervalMicrosecond(toUInt64(elapsed * 1e6)) <= %s"""
                .formatted(Sql.text(s.queryPrefix()), moment);
    }
}
