package rekey.report;

import static rekey.report.RunbookTables.hashes;
import static rekey.report.RunbookTables.parts;
import static rekey.report.RunbookTables.stopIf;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Sql;
import rekey.copy.Checksum;
import rekey.copy.Copier;
import rekey.copy.MergeHold;
import rekey.model.TableName;

/// One chunk or one round by hand, as a block that can be run again and again, and after a stop anywhere in it: what
/// is begun -> staging -> compared -> attached -> marked. It finds out itself what is left, and stops with an error
/// before it could double anything.
///
/// @param way  `forward` or `back`
/// @param live whether the table that is filled is the live one: then it is marked which of its blocks came from
///             here, so that the way back does not carry them
record RunbookCarry(RunbookTables t, String way, TableName from, TableName to, boolean live) {

    /// The next partition that the first round has not carried, or as many of its parts as make so many rows.
    List<String> nextChunk(long rows) {
        var begin = """
            INSERT INTO %s (way, event, partition, first, below)
            WITH %s AS cut, %s AS done
            SELECT '%s', 'begun', any(p), any(first), any(below) FROM (
                SELECT partition_id AS p, done[partition_id] AS first, max(upto) AS below FROM (
                    SELECT partition_id, least(max_block_number + 1, cut) AS upto,
                        sum(rows) OVER (PARTITION BY partition_id ORDER BY min_block_number) AS so_far,
                        row_number() OVER (PARTITION BY partition_id ORDER BY min_block_number) AS n
                    FROM %s AND min_block_number < cut AND least(max_block_number + 1, cut) > done[partition_id])
                WHERE so_far <= %d OR n = 1 GROUP BY partition_id ORDER BY partition_id LIMIT 1)\
            """.formatted(t.marks().sql(), t.cut(), t.done(), way, parts(from), rows);
        return block(begin, partitionsLeft(), "p");
    }

    private String partitionsLeft() {
        return """
            WITH %s AS cut, %s AS done
            SELECT uniqExact(partition_id) AS partitions_left FROM %s
                AND min_block_number < cut AND least(max_block_number + 1, cut) > done[partition_id]\
            """.formatted(t.cut(), t.done(), parts(from));
    }

    /// The first round is whole: from now on there is one mark for all partitions.
    List<String> firstRoundDone() {
        return List.of(
                "WITH " + t.cut() + " AS cut, " + t.done() + " AS done\n"
                        + stopIf(
                                "count() > 0",
                                "Partitions are left: run the block before this one again.",
                                parts(from)
                                        + " AND min_block_number < cut AND least(max_block_number + 1, cut) >"
                                        + " done[partition_id]"),
                "INSERT INTO " + t.marks().sql() + " (way, event, partition, below) SELECT '" + way
                        + "', 'carried', '*', " + t.cut());
    }

    /// All that came between the mark and now, of all partitions.
    List<String> round() {
        var begin = """
            INSERT INTO %s (way, event, partition, first, below)
            SELECT '%s', 'begun', '*', %s, max(max_block_number) + 1 FROM %s\
            """.formatted(t.marks().sql(), way, t.mark(way), parts(from));
        return block(
                begin,
                "SELECT argMax(rows, at) AS rows_carried FROM " + t.marks().sql() + " WHERE way = '" + way
                        + "' AND event = 'carried'",
                "r");
    }

    private List<String> block(String begin, String answer, String kind) {
        var staging = t.staging();
        var out = new ArrayList<String>();
        out.add(RunbookTables.IN_THE_SERVERS_ZONE);
        out.add("-- nothing half done, nothing still running, nothing changed behind our back\n" + MergeHold.sql(to));
        out.add(stopIf(
                "count() > 0",
                "An earlier copy still runs: wait until it has ended, then run this block again.",
                "system.processes\nWHERE query_kind IN ('Insert', 'Alter') AND position(query, "
                        + Sql.text(staging.table()) + ") > 0"));
        out.add(stopIf(
                "count() > 0",
                "A block was stopped between ATTACH and its mark: see 'If a block stops half-way'.",
                parts(to) + "\n    AND hash_of_all_files IN " + hashes(staging)));
        out.add(stopIf(
                "position(engine_full, '" + Ddl.BLOCK_NUMBERS + " = 1') = 0",
                "Block numbers were switched off: roll back and begin anew.",
                "system.tables\nWHERE " + RunbookTables.isNamed(from)));
        out.add(stopIf(
                "max(max_block_number) + 1 < " + t.mark(way) + " OR countIf(startsWith(partition_id, 'patch-')) > 0",
                "Carried blocks have gone, or rows were changed by a lightweight UPDATE: roll back and begin anew.",
                parts(from)));
        out.add("-- the copy\n" + Ddl.dropping(staging));
        out.add("CREATE TABLE " + staging.sql() + " AS " + t.model(way).sql());
        out.add(begin);
        out.add(copy());
        out.add("-- the comparison\n" + comparison());
        out.add("-- the moment in which rows enter the table\nALTER TABLE " + to.sql() + " ATTACH PARTITION ALL FROM "
                + staging.sql());
        out.add("-- the mark\n"
                + stopIf(
                        "count() > 0",
                        "Not all of the copy is in the table: see 'If a block stops half-way'.",
                        parts(staging) + "\n    AND hash_of_all_files NOT IN " + hashes(to)));
        if (live)
            out.add("INSERT INTO " + t.marks().sql()
                    + " (way, event, partition, first, below)\n"
                    + "SELECT 'back', 'own', partition_id, min_block_number, max_block_number + 1 FROM "
                    + parts(to) + "\n    AND hash_of_all_files IN " + hashes(staging));
        out.add("INSERT INTO " + t.marks().sql()
                + " (way, event, partition, first, below, rows)\n"
                + "SELECT way, 'carried', partition, first, below, (SELECT count() FROM "
                + staging.sql() + ")\nFROM " + t.marks().sql() + " WHERE way = '" + way
                + "' AND event = 'begun' ORDER BY at DESC LIMIT 1");
        out.add(Ddl.dropping(staging));
        out.addAll(t.releaseMerges(to));
        out.add(answer);
        return List.copyOf(out);
    }

    private String copy() {
        var columns = t.source().columnList();
        var settings = Copier.copying(t.source()).entrySet().stream()
                .map(e -> e.getKey() + " = " + (e.getValue().matches("-?\\d+") ? e.getValue() : Sql.text(e.getValue())))
                .collect(Collectors.joining(", "));
        return "INSERT INTO " + t.staging().sql() + " (" + columns + ")\n" + with() + "\nSELECT " + columns + " FROM "
                + from.sql() + "\nWHERE " + condition() + "\nSETTINGS " + settings;
    }

    private String comparison() {
        return with() + ",\n    (SELECT tuple(rekey_rows, rekey_sum, rekey_xor) FROM (SELECT " + columns()
                + "\n        FROM " + from.sql() + "\n        WHERE "
                + condition().replace("\n", "\n        ")
                + ")) AS rekey_there,\n    (SELECT tuple(rekey_rows, rekey_sum, rekey_xor) FROM (SELECT " + columns()
                + "\n        FROM " + t.staging().sql() + ")) AS rekey_here\n"
                + "SELECT throwIf(rekey_there != rekey_here, 'The copy"
                + " differs: run this block again. If it differs once more,"
                + " see H.3.'), rekey_here.1 AS rows_copied";
    }

    private String columns() {
        return Checksum.columns(t.source());
    }

    private String with() {
        return "WITH (SELECT argMax(tuple(partition, first, below), at) FROM "
                + t.marks().sql() + " WHERE way = '" + way + "' AND event = 'begun') AS rekey_chunk";
    }

    /// The rows of what is begun. The part's name has its highest block: parts that end below the chunk are not
    /// opened.
    private String condition() {
        var own = !way.equals("back")
                ? ""
                : "\n    AND NOT arrayExists(b -> _block_number >= b.1 AND _block_number < b.2,"
                        + " (SELECT groupArray(tuple(first, below)) FROM "
                        + t.marks().sql() + " WHERE way = 'back' AND event = 'own'))";
        return "(_partition_id = rekey_chunk.1 OR rekey_chunk.1 = '*') AND _block_number >= rekey_chunk.2 AND"
                + " _block_number < rekey_chunk.3\n"
                + "    AND toInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[2]) >= rekey_chunk.2"
                + own;
    }

    /// Lets go of what a block that was stopped left behind.
    static List<String> dropParts(RunbookTables t) {
        var tables = List.of(t.target(), t.source().name(), t.backup());
        return List.of("SELECT concat('ALTER TABLE ', transform(table, "
                + array(tables.stream().map(TableName::table).toList()) + ", "
                + array(tables.stream().map(TableName::sql).toList())
                + ", ''), ' DROP PART \\'', name, '\\';') AS statement\nFROM system.parts WHERE active AND database = "
                + Sql.text(t.target().database()) + " AND table IN "
                + Sql.list(tables.stream().map(TableName::table).toList()) + "\n    AND hash_of_all_files IN "
                + hashes(t.staging()) + "\nFORMAT TSVRaw");
    }

    private static String array(List<String> texts) {
        return texts.stream().map(Sql::text).collect(Collectors.joining(", ", "[", "]"));
    }
}
