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
/// which failed the migration. Larger blocks spare merges, which run beside the copy on the same cores, and leave
/// fewer parts that were merged since they were checked, each of which the comparison reads again. So blocks are
/// twice as large where all copies together then take no more than a quarter of what the server has left. Measured
/// by the bare engine, 8 M rows in six months on two cores: 64 MiB 7.2 s, 128 MiB 5.1, 256 MiB 4.8, each with as
/// much CPU; an INSERT took 281, 479 and 845 MiB, of rows of 1 KiB as many.
public final class InsertBlocks {
    private static final long MOST = 128 << 20, MODEST = 64 << 20, LEAST = 2 << 20;
    private static final int TIMES = 4, PLENTY = 4;
    private final AtomicLong bytes = new AtomicLong(MOST);
    private final LongSupplier share;

    /// @param share of what the server has left, for one thread
    private InsertBlocks(LongSupplier share) {
        this.share = share;
    }

    /// What every copy may be where nothing is known of the memory.
    static InsertBlocks modest() {
        return new InsertBlocks(() -> MODEST * TIMES);
    }

    /// By what the server has left by its own `max_server_memory_usage`, a part of it for each thread; where that
    /// says nothing, or the user may not see it, modest ones.
    static InsertBlocks of(Session session) {
        try {
            var r = session.server().query("""
                SELECT toInt64OrZero((SELECT any(value) FROM system.server_settings
                  WHERE name = 'max_server_memory_usage')) AS most,
                  (SELECT any(value) FROM system.metrics WHERE metric = 'MemoryTracking') AS used\
                """).getFirst();
            long most = r.number("most");
            if (most <= 0) return modest();
            // with the last twelfth in use the healthcheck would stop the run
            long free = Math.max(0, most - most / 12 - r.number("used"));
            // there may be more threads later, by the operator's word
            return new InsertBlocks(() -> free / session.limits().threads());
        } catch (ServerError e) {
            if (e.code() == ServerError.ACCESS_DENIED) return modest();
            throw e;
        }
    }

    long bytes() {
        return Math.min(bytes.get(), of(share.getAsLong()));
    }

    /// @param share of what the server has left, for one thread
    static long of(long share) {
        long fits = share / TIMES;
        return Math.max(Math.clamp(fits, LEAST, MODEST), Math.min(fits / PLENTY, MOST));
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
