package rekey.session;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import rekey.clickhouse.Sql;
import rekey.model.Blocks;
import rekey.model.Part;
import rekey.model.Table;

/// The highest block of a table before an attach: what came since lies above it. Block numbers are given over the
/// whole table, and of a replicated one for each partition by itself, from 0 on.
///
/// @param table       the highest of all; -1 where each partition has its own
/// @param byPartition the highest of each partition that there was
public record HighestBlock(long table, Map<String, Long> byPartition) {

    /// Of a table as it is now, over all parts that the server still knows.
    public static HighestBlock of(Session session, Table table) {
        var highest = new TreeMap<String, Long>();
        for (var r : session.server()
                .query("SELECT partition_id AS p, max(max_block_number) AS b FROM system.parts WHERE database = "
                        + Sql.text(table.name().database()) + " AND table = "
                        + Sql.text(table.name().table()) + " GROUP BY p")) highest.put(r.string("p"), r.number("b"));
        return table.replicated()
                ? new HighestBlock(-1, highest)
                : new HighestBlock(
                        highest.values().stream().mapToLong(b -> b).max().orElse(0), Map.of());
    }

    /// Reads what [#toString] wrote.
    public static HighestBlock parse(String text) {
        if (text.matches("\\d+")) return new HighestBlock(Long.parseLong(text), Map.of());
        var out = new TreeMap<String, Long>();
        Blocks.byPartition(text).forEach((partition, b) -> out.put(partition, b.max()));
        return new HighestBlock(-1, out);
    }

    /// Of a partition that there was not, everything came since.
    private long highest(String partition) {
        return byPartition.getOrDefault(partition, table);
    }

    /// Whether all rows of a part came since.
    public boolean above(Part part) {
        return part.minBlock() > highest(part.partition());
    }

    /// Whether rows of a part came since.
    public boolean reachedBy(Part part) {
        return part.maxBlock() > highest(part.partition());
    }

    /// The rows that came since.
    public String condition() {
        if (byPartition.isEmpty()) return "_block_number > " + table;
        return byPartition.entrySet().stream()
                .map(e -> "(_partition_id = " + Sql.text(e.getKey()) + " AND _block_number > " + e.getValue() + ")")
                .collect(Collectors.joining(
                        " OR ", "(", " OR _partition_id NOT IN " + Sql.list(byPartition.keySet()) + ")"));
    }

    /// For the journal.
    @Override
    public String toString() {
        if (table >= 0) return "" + table;
        var out = new TreeMap<String, Blocks>();
        byPartition.forEach((partition, b) -> out.put(partition, Blocks.of(b, b)));
        return out.isEmpty() ? "none" : Blocks.text(out);
    }
}
