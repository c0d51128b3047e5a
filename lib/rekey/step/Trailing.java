package rekey.step;

import java.util.Map;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.copy.Rounds;
import rekey.model.TableName;
import rekey.session.Entry;
import rekey.session.Session;

/// After an EXCHANGE: an INSERT that was running lands whole in the displaced table. Blocks of it past the last mark are
/// carried into the live table until no INSERT older than the swap runs (DESIGN: exactness 2).
public final class Trailing {
    private Trailing() { }

    /// One round, now.
    static void once(Session s, TableName displaced) {
        new Rounds(s, displaced, s.rewrite().source()).once(Backfill.nextRound(s), true);
    }

    /// Rounds until nothing older than the swap can write any more. Ingestion goes on meanwhile.
    static void untilQuiet(Session s, TableName displaced) {
        if (Position.trailed(s.journal().entries())) return;
        flushAsyncInserts(s);
        var swap = s.journal().last(e -> e.step().equals("swap") && e.event() == Entry.Event.INTENT).orElseThrow();
        while (older(s, swap) > 0) {
            s.progress().note("waiting for INSERTs that began before the swap");
            once(s, displaced);
            s.control().sleep(300);
        }
        once(s, displaced);
        s.progress().note("");
        s.journal().append("swap", Entry.Event.DONE, Map.of("displaced", displaced.table()));
    }

    /// Rows of async inserts that were taken under the old table's UUID are written now.
    private static void flushAsyncInserts(Session s) {
        try {
            s.server().execute("SYSTEM FLUSH ASYNC INSERT QUEUE");
        } catch (ServerError e) {
            if (e.code() != ServerError.BAD_ARGUMENTS) throw e;    // 36: there has been no async insert, so no queue
        }
    }

    private static long older(Session s, Entry swap) {
        return s.server().one(olderInserts(s, "fromUnixTimestamp64Micro(" + swap.at().getEpochSecond() * 1_000_000 + ")")).number("n");
    }

    /// How many INSERTs run that are older than a swap, and not rekey's.
    ///
    /// @param swap an expression for its time by the server's clock
    public static String olderInserts(Session s, String swap) {
        return """
                SELECT count() AS n FROM system.processes WHERE query_kind IN ('Insert', 'AsyncInsertFlush') AND NOT startsWith(query_id, %s)
                AND now64(6) - toIntervalMicrosecond(toUInt64(elapsed * 1e6)) <= %s + INTERVAL 5 SECOND"""
                .formatted(Sql.text(s.queryPrefix()), swap);
    }
}
