package rekey.step;

import java.util.Map;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.ServerError;
import rekey.model.TableName;
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

    private AsyncInsertQueue() {}

    /// The statement for one table, by its name: while ingestion is held, rows for others are not waited for.
    public static String flushing(TableName table) {
        return FLUSH + " " + table.sql();
    }

    /// Writes what is in it for a table, on all hosts of the shard; a flush that runs already is not waited for.
    static void flush(Session s, TableName table) {
        HostsInParallel.all(s.hosts(), host -> {
            try {
                flush(s, host, flushing(table));
            } catch (ServerError e) {
                if (e.code() != SYNTAX_ERROR) throw e;
                flush(s, host, FLUSH);
            }
        });
    }

    /// The same of all tables.
    static void flush(Session s) {
        HostsInParallel.all(s.hosts(), host -> flush(s, host, FLUSH));
    }

    private static void flush(Session s, ClickHouse host, String sql) {
        try {
            host.execute(sql, s.queryId("flush"), Map.of());
        } catch (ServerError e) {
            if (e.code() != ServerError.BAD_ARGUMENTS) throw e; // 36: there has been no async insert, so no queue
        }
    }
}
