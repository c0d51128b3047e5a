package rekey.compare;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import rekey.clickhouse.KeyText;
import rekey.clickhouse.Sql;
import rekey.copy.Checksum;
import rekey.copy.Expiry;
import rekey.copy.OpenDeletes;
import rekey.model.Column;
import rekey.model.Table;
import rekey.model.TableName;

/// The SELECT of one hash `rekey_hash` for each row that is compared, and of the key `rekey_key` it belongs to.
///
/// A ReplacingMergeTree drops rows at merges of its own choosing, so there the rows are compared that it would keep:
/// per old sorting key the one with the highest version, among equal ones the last inserted (argMax under the old
/// key, so a finer new key is no difference). Keys of which either side has a row that was not carried are left out:
/// such a row may already have displaced a carried one. FINAL can't do this, for it runs before a filter on blocks
/// (room copy, rule 4).
///
/// @param keyed the table whose keys identify a row: the old one, unless only the new one collapses rows
/// @param deleted the conditions of DELETEs that were made on one table and not yet on the other: what they take is
///                left out on both sides
/// @param meaning where merges have folded rows, what they mean by the keys of that table; else all rows
///                are compared
record RowHashes(
        Snapshot of,
        Table keyed,
        Expiry expiry,
        ComparedShare sample,
        List<String> deleted,
        Optional<Meaning> meaning) {

    RowHashes without(List<String> more) {
        return new RowHashes(of, keyed, expiry, sample, more, meaning);
    }

    RowHashes expiring(Expiry later) {
        return new RowHashes(of, keyed, later, sample, deleted, meaning);
    }

    RowHashes meaning(Table by, Meaning what) {
        return new RowHashes(of, by, expiry, sample, deleted, Optional.of(what));
    }

    /// Whether a key's rows are compared as one.
    boolean grouped() {
        return collapses() || meaning.isPresent();
    }

    boolean collapses() {
        return of.direction().replaces();
    }

    boolean samePartitions() {
        return of.direction()
                .from()
                .keys()
                .partitionBy()
                .equals(of.direction().to().keys().partitionBy());
    }

    /// Whether a unit is a partition, and no bucket.
    static boolean byPartition(String unit) {
        return !unit.contains(" of ");
    }

    /// @param unit a partition's id, or `i of n` buckets of the old key where partitions are not those
    ///             of the same rows
    /// @param more a further condition, empty for none
    String select(ComparedTable side, String unit, String more) {
        if (meaning.isPresent()) return folded(meaning.get(), side, unit, more);
        if (!collapses()) return raw(side, unit, more);
        return "SELECT argMax(" + hash() + ", tuple(" + version() + "_block_number, _part_offset)) AS rekey_hash, "
                + key() + " AS rekey_key FROM " + side.table().name().sql() + where(side, unit, more) + " GROUP BY "
                + partition() + "rekey_key" + alive();
    }

    /// Keys of which a side can't tell what they mean are left out on both.
    private String folded(Meaning by, ComparedTable side, String unit, String more) {
        var leftOut = by.paired().equals("1")
                ? ""
                : unpairedLeftOut(by, of.from(), unit, more) + unpairedLeftOut(by, of.to(), unit, more);
        return "SELECT " + Checksum.hash(by.values().isEmpty() ? List.of("1") : by.values()) + " AS rekey_hash, "
                + key()
                + " AS rekey_key FROM " + side.table().name().sql() + carried(side, unit, more) + leftOut + " GROUP BY "
                + partition() + "rekey_key HAVING " + by.having();
    }

    /// Of the same keys alone as are read: those of a whole table were held in memory for each group of them.
    private String unpairedLeftOut(Meaning by, ComparedTable side, String unit, String more) {
        return " AND " + keyHash() + " NOT IN (SELECT " + keyHash() + " FROM "
                + side.table().name().sql() + carried(side, unit, more) + " GROUP BY " + partition() + key()
                + " HAVING NOT (" + by.paired() + "))";
    }

    /// All rows, whatever the engine would keep of them.
    String raw(ComparedTable side, String unit, String more) {
        return "SELECT " + hash() + " AS rekey_hash, " + key() + " AS rekey_key FROM "
                + side.table().name().sql() + carried(side, unit, more);
    }

    /// The same as chunks are weighed: no TTL leaves anything out.
    String weighed(ComparedTable side, String unit, String passing) {
        var hash = Checksum.hash(of.direction().to().storedColumns().stream()
                .map(Checksum::value)
                .toList());
        return "SELECT " + hash + " AS rekey_hash FROM " + side.table().name().sql() + " WHERE " + inUnit(unit)
                + " AND " + side.condition() + passing;
    }

    /// The rows that the engine itself keeps, each table by its own keys.
    String kept(ComparedTable side, String unit) {
        return "SELECT " + hash() + " AS rekey_hash FROM " + side.table().name().sql() + " FINAL WHERE " + inUnit(unit)
                + " AND " + expiry.condition() + sample.and(keyHash());
    }

    /// A merge that cleans up removes the tombstone of a key with its rows, in one table sooner than in the other:
    /// either way there is nothing of it.
    private String alive() {
        var gone = Stream.of(of.direction().from(), of.direction().to())
                .map(Table::cleanedColumn)
                .filter(c -> !c.isEmpty())
                .findFirst()
                .orElse("");
        return gone.isEmpty()
                ? ""
                : " HAVING argMax(" + gone + ", tuple(" + version() + "_block_number, _part_offset)) = 0";
    }

    /// Of a collapsing table the hashes `rekey_hashes` of all rows that no order of insertion tells apart any more:
    /// with the highest version, from the same block. A chunk's rows are sorted by the new key, so where that is
    /// finer they may stand the other way round in the table that was filled; under another partition key they are
    /// attached partition by partition, so there blocks tell no order at all.
    String selectTied(ComparedTable side, String unit, String more) {
        var last = "tuple(" + version() + (byPartition(unit) ? "_block_number" : "0") + ")";
        return "SELECT arrayMap(r -> r.2, arrayFilter(r -> r.1 = rekey_last, groupUniqArray(tuple(" + last + ", "
                + hash() + ")))) AS rekey_hashes, max(" + last + ") AS rekey_last, " + key() + " AS rekey_key FROM "
                + side.table().name().sql() + where(side, unit, more) + " GROUP BY " + partition() + "rekey_key";
    }

    private String where(ComparedTable side, String unit, String more) {
        return carried(side, unit, more)
                + (collapses() ? displaced(of.from(), unit, more) + displaced(of.to(), unit, more) : "");
    }

    private String carried(ComparedTable side, String unit, String more) {
        return " WHERE " + inUnit(unit) + " AND " + expiry.condition() + " AND " + side.condition()
                + sample.and(keyHash()) + (more.isEmpty() ? "" : " AND " + more)
                + (deleted.isEmpty() ? "" : " AND " + OpenDeletes.spared(deleted));
    }

    /// Leaves out the keys of rows that were not carried. Which blocks those are is fixed, so both sides leave out
    /// the same. Of the keys alone that are read, for the set of them is in memory: behind a swap all that was
    /// written since is not carried.
    private String displaced(ComparedTable side, String unit, String more) {
        var others = (byPartition(unit) ? side.in(unit) : side).others();
        return others.equals("0")
                ? ""
                : " AND " + keyHash() + " NOT IN (SELECT " + keyHash() + " FROM "
                        + side.table().name().sql() + " WHERE " + inUnit(unit) + " AND " + others
                        + sample.and(keyHash()) + (more.isEmpty() ? "" : " AND " + more) + ")";
    }

    /// The hashes `rekey_key` of those keys, given by theirs, of which a side has a row by now that is not compared.
    String newer(ComparedTable side, String unit, String hashes) {
        return "SELECT toString(" + keyHash() + ") AS rekey_key FROM "
                + side.table().name().sql() + " WHERE " + inUnit(unit) + " AND " + keyHash() + " IN (" + hashes
                + ") AND NOT " + side.condition();
    }

    private String hash() {
        return Checksum.hash(
                of.direction().to().storedColumns().stream().map(expiry::value).toList());
    }

    private String inUnit(String unit) {
        if (byPartition(unit)) return "_partition_id = " + Sql.text(unit);
        var part = unit.split(" of ");
        return keyHash() + " % " + part[1] + " = " + part[0];
    }

    /// The sorting key under which rows are one.
    private String key() {
        return "tuple(" + keys() + ")";
    }

    String keyHash() {
        return "cityHash64(" + key() + ")";
    }

    /// Where rows have no key, a row is known by all of it.
    private String keys() {
        if (!keyed.keys().orderBy().isEmpty())
            return KeyText.undirectedAll(keyed.keys().orderBy())
                    + (keyed.foldedVersion().isEmpty() ? "" : ", " + TableName.quote(keyed.foldedVersion()));
        return collapses()
                ? "1"
                : String.join(
                        ", ", keyed.storedColumns().stream().map(Column::sql).toList());
    }

    private String partition() {
        return keyed.keys().partitionBy().isEmpty()
                ? ""
                : "tuple(" + keyed.keys().partitionBy() + "), ";
    }

    private String version() {
        var version = keyed.versionColumn();
        return version.isEmpty() ? "" : version + ", ";
    }
}
