package rekey.model;

import java.util.ArrayList;
import java.util.List;

/// The keys of a MergeTree table, each as the server formats it; an empty text where the table has none.
///
/// @param partitionBy the partition key
/// @param primaryKey  the primary key; equal to the sorting key where it was not given
/// @param orderBy     the sorting key, without the outer parentheses of a tuple
/// @param sampleBy    the sampling key
public record Keys(String partitionBy, String primaryKey, String orderBy, String sampleBy) {

    /// Which of the keys differ from another table's, in ClickHouse's words: `sorting key`, `sampling key`, ...
    public List<Difference> differences(Keys wanted) {
        var out = new ArrayList<Difference>();
        add(out, "sorting key", orderBy, wanted.orderBy);
        add(out, "sampling key", sampleBy, wanted.sampleBy);
        add(out, "partition key", partitionBy, wanted.partitionBy);
        add(out, "primary key", primaryKey, wanted.primaryKey);
        return List.copyOf(out);
    }

    private static void add(List<Difference> out, String key, String is, String wanted) {
        if (!is.equals(wanted)) out.add(new Difference(key, is, wanted));
    }

    /// One key that is not as wanted.
    public record Difference(String key, String is, String wanted) {
        @Override
        public String toString() {
            return key + ": " + text(is) + " -> " + text(wanted);
        }

        private static String text(String key) {
            return key.isEmpty() ? "(none)" : key;
        }
    }
}
