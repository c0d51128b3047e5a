package rekey.copy;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.StatementUntil;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Session;

/// The rows of async INSERTs that a server has answered and not written yet, on each host.
///
/// The queue knows the table by its name and its UUID. What is in it at an EXCHANGE is refused when it is written
/// (TABLE_UUID_MISMATCH, 741), into either table. A client that waits for its rows is told so, and sends them again;
/// with `wait_for_async_insert = 0` it was told OK before, and its rows are gone. Others have measured that on a
/// server; the lab's library has no such queue. So the queue is emptied right before the EXCHANGE.
public final class AsyncInsertQueue {
    public static final String FLUSH = "SYSTEM FLUSH ASYNC INSERT QUEUE";

    /// 62: servers before 25.12 know no tables in it.
    private static final int SYNTAX_ERROR = 62;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private AsyncInsertQueue() {}

    /// The statement for one table, by its name: while ingestion is held, rows for others are not waited for.
    public static String flushing(TableName table) {
        return FLUSH + " " + table.sql();
    }

    /// Writes what is in it for a table, on all hosts of the shard; a flush that runs already is not waited for.
    ///
    /// @throws Trouble.PutOff where that takes longer than a few seconds, for ingestion is held
    public static void flush(Session s, TableName table) {
        HostsInParallel.all(s.hosts(), host -> flush(s, host, table));
    }

    /// The same on one of them: on each before its own EXCHANGE, for one follows the other.
    static void flush(Session s, ClickHouse host, TableName table) {
        var until = Instant.now().plus(PATIENCE);
        try {
            flush(s, host, flushing(table), until);
        } catch (ServerError e) {
            if (e.code() != SYNTAX_ERROR) throw e;
            flush(s, host, FLUSH, until);
        }
    }

    /// The same of all tables, however long that takes: the tables are exchanged, and ingestion is open.
    public static void flush(Session s) {
        s.progress().note("waiting for async INSERTs that hosts have answered to be written");
        HostsInParallel.all(s.hosts(), host -> flush(s, host, FLUSH, Instant.MAX));
        s.progress().note("");
    }

    private static void flush(Session s, ClickHouse host, String sql, Instant until) {
        try {
            if (until.equals(Instant.MAX)) host.execute(sql, s.queryId("flush"), Map.of());
            else if (!StatementUntil.ended(host, sql, s.queryId("flush"), until))
                throw Trouble.PutOff.busy("Async INSERTs that host "
                        + host.endpoint().host() + " has answered were not written within " + PATIENCE.toSeconds()
                        + " s, so nothing was swapped. Look at system.asynchronous_inserts there; run again when they"
                        + " are written.");
        } catch (ServerError e) {
            if (e.code() != ServerError.BAD_ARGUMENTS) throw e; // 36: there has been no async insert, so no queue
        }
    }
}
