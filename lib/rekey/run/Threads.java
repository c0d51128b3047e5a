package rekey.run;

import java.util.Locale;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.ServerError;
import rekey.model.Amounts;

/// How many chunks are copied side by side where nobody says it, and why.
///
/// A copy runs in one thread, so as many as there are cores are the fastest (4 M rows on two cores: two took 0.48 of
/// one after the other). The cores are those that the server would give this user (`max_threads`), and 8 at most,
/// for it has others to serve; half of them where it is busy already, by the load of the last minute. Each takes
/// about 256 MiB: blocks of 64 MiB, four times; they are twice as large only where there is plenty (room copy,
/// InsertBlocks). Healthcheck slows the copy down later, `threads` and `nice` change it.
public record Threads(int number, String why) {
    private static final int MOST = 8, UNSEEN = 2;
    private static final long EACH = 256L << 20;

    /// As the server is now. Who may not look at it copies two partitions at a time.
    public static Threads of(ClickHouse server) {
        try {
            var r = server.one("""
                SELECT toUInt64OrZero(extract((SELECT any(value) FROM system.settings WHERE name = 'max_threads'),
                    '[0-9]+')) AS cores,
                  toInt64OrZero((SELECT any(value) FROM system.server_settings
                    WHERE name = 'max_server_memory_usage')) AS most,
                  (SELECT any(value) FROM system.metrics WHERE metric = 'MemoryTracking') AS used\
                """);
            long most = r.number("most");
            return judge(
                    r.number("cores"), load(server), most <= 0 ? Long.MAX_VALUE : Math.max(0, most - r.number("used")));
        } catch (ServerError e) {
            if (e.code() != ServerError.ACCESS_DENIED && e.code() != ServerError.UNKNOWN_TABLE) throw e;
            return new Threads(UNSEEN, "this user may not see the server's cores and memory");
        }
    }

    /// Of the last minute; 0 where the server keeps no such figures.
    private static double load(ClickHouse server) {
        try {
            return server
                    .query("SELECT value AS load FROM system.asynchronous_metrics WHERE metric = 'LoadAverage1'")
                    .stream()
                    .mapToDouble(r -> r.real("load"))
                    .findFirst()
                    .orElse(0);
        } catch (ServerError e) {
            if (e.code() == ServerError.UNKNOWN_TABLE) return 0;
            throw e;
        }
    }

    /// @param cores 0 where the server does not tell
    /// @param load  of the last minute
    /// @param free  bytes
    static Threads judge(long cores, double load, long free) {
        if (cores == 0) return new Threads(UNSEEN, "the server does not tell its cores");
        var why = "the server has " + Amounts.count(cores, "core");
        long number = Math.min(cores, MOST);
        if (cores > MOST) why += ", and others are to be served";
        if (load >= cores && number > 1) {
            number /= 2;
            why += String.format(Locale.ROOT, ", and is busy (load %.1f)", load);
        }
        if (free / EACH < number) {
            number = Math.max(1, free / EACH);
            why += ", and " + Amounts.bytes(free) + " of memory left, of which each takes " + Amounts.bytes(EACH);
        }
        return new Threads((int) number, why);
    }
}
