package rekey.copy;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import rekey.clickhouse.Row;
import rekey.model.Column;
import rekey.model.Table;

/// Count, sum and xor of row hashes: a multiset of rows in three numbers. The count tells doubles that cancel out in the
/// xor; hashing the tuple of columns counts NULLs in, which `cityHash64(*)` does not (FACTS: checking). A NULL is another
/// value than a default, in arrays, maps and tuples too; `0.0` is another than `-0.0`, and all NaN are one; JSON and
/// Dynamic hash by what they hold, whatever the part stores it as (each ran on 26.7, and is a test).
///
/// @param sum the sum modulo 2^64
public record Checksum(long rows, String sum, String xor) {
    public static final Checksum NONE = new Checksum(0, "0", "0");

    /// The three as columns of a SELECT over a table's stored columns.
    public static String columns(Table table) {
        return columns(hash(table.storedColumns().stream().map(Checksum::value).toList()));
    }

    /// A row's hash.
    public static String hash(java.util.List<String> values) {
        return "cityHash64(tuple(" + String.join(", ", values) + "))";
    }

    private static final Pattern STATE = Pattern.compile("AggregateFunction\\((?:\\d+, )?(\\w+).*", Pattern.DOTALL);

    /// A column as it is hashed. The state of an aggregate function is no one sequence of bytes: a set in it is written in
    /// another order each time that it is copied (uniq, uniqExact, groupUniqArray, topK; ran). So what it yields is hashed,
    /// and how often each digit stands in it. What topK yields depends on that order, too.
    public static String value(Column column) {
        var state = STATE.matcher(column.type());
        if (!state.matches()) return column.sql();
        var digits = IntStream.range(0, 16).mapToObj(d -> "countSubstrings(hex(%s), '%X')".formatted(column.sql(), d)).collect(Collectors.joining(", "));
        var yields = "finalizeAggregation(" + column.sql() + ")";
        var function = state.group(1);
        return "tuple(" + (function.matches("(?i)(topK|approx_top).*") ? "" : (function.startsWith("groupUniqArray") ? "arraySort(" + yields + ")" : yields) + ", ") + digits + ")";
    }

    /// The three over any expression that yields a row's hash. Their names are none that a column would have: an alias wins over
    /// the column of its name, so one called `sum` made of a table with a column `sum` a sum of sums (184; ran).
    public static String columns(String hash) {
        return "count() AS rekey_rows, sum(" + hash + ") AS rekey_sum, groupBitXor(" + hash + ") AS rekey_xor";
    }

    public static Checksum of(Row row) {
        return new Checksum(row.number("rekey_rows"), row.string("rekey_sum"), row.string("rekey_xor"));
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
