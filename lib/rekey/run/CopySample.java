package rekey.run;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.copy.Checksum;
import rekey.copy.Copier;
import rekey.model.Keys;
import rekey.model.Part;
import rekey.model.Table;
import rekey.session.Session;

/// How fast this server gets on with rows of this table: the first rows of some of its own parts are read, sorted by
/// the new key and hashed, by one thread. Only reads; takes about two seconds at most.
///
/// @param rows    of the sample
/// @param bytes   about so many on disk
/// @param parts   from so many parts
/// @param seconds that it took
record CopySample(long rows, long bytes, int parts, double seconds) {
    private static final int PARTS = 3, ROWS = 300_000;
    private static final long BYTES = 64L << 20;
    /// A statement of the sample is given up after so many seconds.
    private static final String PATIENCE = "2";
    private static final int READONLY = 164;

    /// Of the largest part of each of the largest partitions; empty where there is nothing to read, this user may
    /// set no limits, or it takes too long.
    static Optional<CopySample> of(Session session, Table source, Keys keys) {
        var parts = largest(session.catalog().parts(source.name()));
        if (parts.isEmpty()) return Optional.empty();
        long bytesPerRow = Math.max(
                1,
                parts.stream().mapToLong(Part::bytes).sum()
                        / Math.max(1, parts.stream().mapToLong(Part::rows).sum()));
        long most = Math.clamp(BYTES / bytesPerRow, 1000, ROWS) / parts.size();
        try {
            long begun = System.nanoTime();
            long rows = session.server()
                    .query(sql(source, keys, parts, most), session.looking().queryId("sample"), settings())
                    .getFirst()
                    .number("rekey_rows");
            long nanos = System.nanoTime() - begun;
            return rows == 0
                    ? Optional.empty()
                    : Optional.of(new CopySample(rows, rows * bytesPerRow, parts.size(), nanos / 1e9));
        } catch (ServerError e) {
            if (List.of(ServerError.TIMEOUT, ServerError.MEMORY_LIMIT, ServerError.ACCESS_DENIED, READONLY)
                    .contains(e.code())) return Optional.empty();
            throw e;
        }
    }

    /// Of all those parts at once: with 100,000 parts the server takes 0.7 s to pass over the others, each time it
    /// is asked. The LIMIT keeps it from leaving the sort out.
    private static String sql(Table source, Keys keys, List<Part> parts, long most) {
        var sorted = keys.orderBy().isEmpty() ? "" : " ORDER BY " + keys.orderBy() + " LIMIT " + most * parts.size();
        return "SELECT " + Checksum.columns(source) + " FROM (SELECT " + source.columnList() + " FROM "
                + source.name().sql() + " WHERE _part IN "
                + Sql.list(parts.stream().map(Part::name).toList()) + " AND _part_offset < " + most + sorted + ")";
    }

    private static Map<String, String> settings() {
        var all = new HashMap<>(Copier.READ);
        all.putAll(Map.of("max_threads", "1", "max_execution_time", PATIENCE));
        return all;
    }

    private static List<Part> largest(List<Part> parts) {
        var byRows = parts.stream()
                .filter(p -> p.rows() > 0)
                .sorted((a, b) -> Long.compare(b.rows(), a.rows()))
                .toList();
        var partitions = new LinkedHashSet<String>();
        var out = new ArrayList<Part>();
        for (var p : byRows) if (out.size() < PARTS && partitions.add(p.partition())) out.add(p);
        return out;
    }
}
