package rekey.copy;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import rekey.clickhouse.Row;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.model.TableName;

/// Whether a replica gets on with a large part that it fetches: its entry stands in the queue until the last byte
/// has come, and over a slow link that took longer than an entry is waited for. Small ones say nothing: beside
/// writers there is always one.
final class LargeFetches {
    private static final long LARGE = 64L << 20;
    private static final Duration EVERY = Duration.ofSeconds(1);

    private final Map<String, Long> most = new HashMap<>();
    private long asked = System.nanoTime();

    /// @param query on the host that fetches
    /// @return whether more of one has come than ever before
    boolean getOn(Function<String, List<Row>> query, TableName table) {
        if (System.nanoTime() - asked < EVERY.toNanos()) return false;
        asked = System.nanoTime();
        boolean more = false;
        for (var r : running(query, table)) {
            long bytes = r.number("bytes");
            more |= bytes > most.getOrDefault(r.string("part"), 0L);
            most.merge(r.string("part"), bytes, Math::max);
        }
        return more;
    }

    private static List<Row> running(Function<String, List<Row>> query, TableName table) {
        try {
            return query.apply("SELECT result_part_name AS part, bytes_read_compressed AS bytes FROM"
                    + " system.replicated_fetches WHERE database = " + Sql.text(table.database()) + " AND table = "
                    + Sql.text(table.table()) + " AND total_size_bytes_compressed > " + LARGE);
        } catch (ServerError e) {
            if (e.code() != ServerError.ACCESS_DENIED) throw e;
            return List.of(); // this user may not see them
        }
    }
}
