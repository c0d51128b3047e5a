package rekey.copy;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import rekey.clickhouse.ServerError;
import rekey.session.Session;

/// How large the blocks are that a copy writes. An INSERT holds a block, its columns sorted anew and their
/// compressed form at once, so it takes about [#TIMES] that much memory; so many INSERTs run side by side as there
/// are threads.
///
/// By default ClickHouse gathers 256 MiB: 0.6 GiB a thread, and on a server with 1 GiB two of them ended with 241,
/// which failed the migration. Larger blocks only spare merges.
public final class InsertBlocks {
    private static final long MOST = 64 << 20, LEAST = 2 << 20;
    private static final int TIMES = 4;
    private final AtomicLong bytes = new AtomicLong(MOST);
    private final LongSupplier share;

    /// @param share of what the server has left, for one thread
    private InsertBlocks(LongSupplier share) {
        this.share = share;
    }

    /// What every copy is at most.
    static InsertBlocks most() {
        return new InsertBlocks(() -> MOST * TIMES);
    }

    /// By what the server has left by its own `max_server_memory_usage`, a part of it for each thread; where that
    /// says nothing, or the user may not see it, the most.
    static InsertBlocks of(Session session) {
        try {
            var r = session.server().query("""
                SELECT toInt64OrZero((SELECT any(value) FROM system.server_settings
                  WHERE name = 'max_server_memory_usage')) AS most,
                  (SELECT any(value) FROM system.metrics WHERE metric = 'MemoryTracking') AS used\
                """).getFirst();
            long most = r.number("most");
            if (most <= 0) return most();
            long free = Math.max(0, most - r.number("used"));
            // there may be more threads later, by the operator's word
            return new InsertBlocks(() -> free / session.limits().threads());
        } catch (ServerError e) {
            if (e.code() == ServerError.ACCESS_DENIED) return most();
            throw e;
        }
    }

    long bytes() {
        return Math.min(bytes.get(), Math.clamp(share.getAsLong() / TIMES, LEAST, MOST));
    }

    /// After an INSERT ended with 241: a quarter. What it had written by then is in a staging table that nobody
    /// attaches, so its outcome is known: none of it counts.
    ///
    /// @return whether there is a smaller one
    boolean smaller(long than) {
        if (than <= LEAST) return false;
        bytes.accumulateAndGet(Math.max(LEAST, than / 4), Math::min);
        return true;
    }
}
