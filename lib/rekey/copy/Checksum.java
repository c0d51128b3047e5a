package rekey.copy;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import rekey.clickhouse.Row;
import rekey.model.Column;
import rekey.model.Table;
import rekey.session.Encoded;

/// Count, sum and xor of row hashes: a multiset of rows in three numbers. The count tells doubles that cancel out in
/// the xor; hashing the tuple of columns counts NULLs in, which `cityHash64(*)` does not (rule 7). A NULL
/// is another value than a default, in arrays, maps and tuples too; `0.0` is another than `-0.0`, and all NaN are
/// one; JSON and Dynamic hash by what they hold, whatever the part stores it as (each ran on 26.7, and is a test).
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

    /// A column as it is hashed: see [AggregateStates].
    public static String value(Column column) {
        return AggregateStates.value(column.sql(), column.type());
    }

    /// The three over any expression that yields a row's hash. Their names are none that a column would have: an
    /// alias wins over the column of its name, so one called `sum` made of a table with a column `sum` a sum of
    /// sums (184; ran).
    public static String columns(String hash) {
        return "count() AS rekey_rows, sum(" + hash + ") AS rekey_sum, groupBitXor(" + hash + ") AS rekey_xor";
    }

    public static Checksum of(Row row) {
        return new Checksum(row.number("rekey_rows"), row.string("rekey_sum"), row.string("rekey_xor"));
    }

    /// Of the rows of both: counts and sums add up, and so do xors.
    public Checksum plus(Checksum other) {
        return new Checksum(
                rows + other.rows,
                Long.toUnsignedString(Long.parseUnsignedLong(sum) + Long.parseUnsignedLong(other.sum)),
                Long.toUnsignedString(Long.parseUnsignedLong(xor) ^ Long.parseUnsignedLong(other.xor)));
    }

    /// Of all of them.
    public static Checksum sum(Collection<Checksum> all) {
        return all.stream().reduce(NONE, Checksum::plus);
    }

    /// By partition, from rows with a column `rekey_partition`.
    public static Map<String, Checksum> byPartition(Iterable<Row> rows) {
        var out = new TreeMap<String, Checksum>();
        for (var r : rows) out.put(r.string("rekey_partition"), of(r));
        return out;
    }

    /// For the journal.
    static Encoded.Words encode(Map<String, Checksum> byPartition) {
        return new Encoded.Words(byPartition.entrySet().stream()
                .map(e -> e.getKey() + "/" + e.getValue().rows + "/" + e.getValue().sum + "/" + e.getValue().xor)
                .toList());
    }

    /// Reads what [#encode] wrote.
    static Map<String, Checksum> decode(Encoded.Words sums) {
        var out = new TreeMap<String, Checksum>();
        for (var word : sums.words()) {
            var w = word.split("/");
            out.put(w[0], new Checksum(Long.parseLong(w[1]), w[2], w[3]));
        }
        return out;
    }

    @Override
    public String toString() {
        return rows + " rows, sum " + sum + ", xor " + xor;
    }
}
