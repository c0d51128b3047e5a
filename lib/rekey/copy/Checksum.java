package rekey.copy;

import java.util.Map;
import java.util.TreeMap;
import rekey.clickhouse.Row;
import rekey.model.Table;

/// Count, sum and xor of row hashes: a multiset of rows in three numbers. The count tells doubles that cancel out in the
/// xor; hashing the tuple of columns counts NULLs in, which `cityHash64(*)` does not (FACTS: checking).
///
/// @param sum the sum modulo 2^64
public record Checksum(long rows, String sum, String xor) {
    public static final Checksum NONE = new Checksum(0, "0", "0");

    /// The three as columns of a SELECT over a table's stored columns.
    public static String columns(Table table) {
        return columns("cityHash64(tuple(" + table.columnList() + "))");
    }

    /// The three over any expression that yields a row's hash.
    public static String columns(String hash) {
        return "count() AS rows, sum(" + hash + ") AS sum, groupBitXor(" + hash + ") AS bits";
    }

    public static Checksum of(Row row) {
        return new Checksum(row.number("rows"), row.string("sum"), row.string("bits"));
    }

    /// By partition, from rows with a column `partition`.
    public static Map<String, Checksum> byPartition(Iterable<Row> rows) {
        var out = new TreeMap<String, Checksum>();
        for (var r : rows) out.put(r.string("partition"), of(r));
        return out;
    }

    @Override public String toString() {
        return rows + " rows, sum " + sum + ", xor " + xor;
    }
}
