package rekey.report;

import java.util.stream.Collectors;
import rekey.clickhouse.KeyText;
import rekey.clickhouse.Sql;
import rekey.copy.Checksum;
import rekey.copy.Expiry;
import rekey.model.TableName;

/// The whole comparison in one statement, as [rekey.compare.Comparison] makes it partition by partition: of what was
/// carried, count, sum and xor of row hashes; where the engine collapses rows, of the rows that it would keep under
/// the old key.
record RunbookComparison(RunbookTables t) {

    String sql() {
        return """
            WITH %s AS rekey_mark
            SELECT rekey_partition AS partition, groupArray(tuple(side, rekey_rows, rekey_sum, rekey_xor)) AS sums
              FROM (
                SELECT 'source' AS side, rekey_partition, %s FROM (
                    %s)
                GROUP BY rekey_partition
                UNION ALL
                SELECT 'target', rekey_partition, %2$s FROM (
                    %s)
                GROUP BY rekey_partition)
            GROUP BY rekey_partition HAVING count() != 2 OR uniqExact(tuple(rekey_rows, rekey_sum, rekey_xor)) != 1
              ORDER BY rekey_partition\
            """.formatted(
                        t.mark("forward"),
                        Checksum.columns("rekey_hash"),
                        rows(t.source().name(), "_block_number < rekey_mark"),
                        rows(t.target(), "1"));
    }

    private String rows(TableName table, String carried) {
        var source = t.source();
        var expiry = Expiry.ofStatement(source);
        var hash = "cityHash64(tuple("
                + source.storedColumns().stream().map(expiry::value).collect(Collectors.joining(", ")) + "))";
        var where = " FROM " + table.sql() + "\n        WHERE " + carried + " AND " + expiry.condition();
        if (!source.collapses()) return "SELECT " + hash + " AS rekey_hash, " + unit() + " AS rekey_partition" + where;
        var version = source.versionColumn();
        return "SELECT argMax(" + hash + ", tuple(" + (version.isEmpty() ? "" : version + ", ")
                + "_block_number, _part_offset)) AS rekey_hash, " + unit() + " AS rekey_partition"
                + where + "\n        AND " + key() + " NOT IN (SELECT " + key() + " FROM "
                + source.name().sql() + " WHERE _block_number >= rekey_mark)"
                + "\n        GROUP BY rekey_partition, " + key();
    }

    private String unit() {
        var old = t.source().keys().partitionBy();
        if (old.equals(t.keys().partitionBy())) return "_partition_id";
        return old.isEmpty() ? "''" : "toString(tuple(" + old + "))";
    }

    private String key() {
        return "cityHash64(tuple("
                + (t.source().keys().orderBy().isEmpty()
                        ? "1"
                        : KeyText.undirectedAll(t.source().keys().orderBy())) + "))";
    }

    /// The moment of the comparison, and that nothing since has made it void.
    String begun() {
        return "INSERT INTO " + t.marks().sql() + " (way, event) SELECT 'forward', 'compared'";
    }

    /// An error where carried rows may have changed since: by a mutation, or by a restart after which numbers were
    /// given twice.
    String stopIfOutdated() {
        return "WITH (SELECT max(at) FROM " + t.marks().sql() + " WHERE event = 'compared') AS compared\n"
                + RunbookTables.stopIf(
                        "now64(6) - toIntervalSecond(uptime()) > compared OR (SELECT count() FROM system.mutations"
                                + " WHERE database = "
                                + Sql.text(t.source().name().database()) + " AND table = "
                                + Sql.text(t.source().name().table()) + " AND create_time >= compared) > 0",
                        "A mutation was made or the server was restarted since the comparison: open the gate, and"
                                + " compare again.",
                        "");
    }
}
