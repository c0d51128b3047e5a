package rekey.lab;

import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Row;
import rekey.clickhouse.Sql;
import rekey.model.TableName;

/// Judges a table by the ledger: is each row there, and there once.
///
/// It looks at raw rows, since FINAL hides doubles, and so does OPTIMIZE: judge before it. The ledger is uploaded
/// and compared on the server, millions of rows in seconds. Stop the producer and wait until all is consumed first.
///
/// **Missing.** On a plain MergeTree each acknowledged coordinate (Kafka partition and offset) must be there. A
/// table that collapses rows may keep one of two messages with the same uuid and drop the other's coordinate: there
/// a message is missing only if no row has its uuid. Rows that were filled before must be there, each sequence
/// number.
///
/// **Duplicated.** A coordinate that is there more than once, as far as Kafka's own at-least-once delivery does not
/// account for it. A table with [GuideTable#INSERTED_AT] tells that exactly, [#backup] as well as a table can that
/// merges may have collapsed.
///
/// @param filled   rows of [GuideTable#fill(long, long)] that must be there
/// @param backup   the other table of the swap, or null. A coordinate that stands there n times was doubled n - 1
///                 times by Kafka; one whose uuid is not there has arrived since the swap, and no migration touched
///                 it. If a merge has collapsed a double there since it was copied, it is taken for a duplicate
/// @param from     what a table is called in FROM: its own name, or where its rows are on other hosts
public record Judge(ClickHouse server, Ledger ledger, long filled, TableName backup, Function<TableName, String> from) {
    private static final int EXAMPLES = 5, UPLOAD_ROWS = 200_000, ROW_BYTES = 16 + 4 + 8;

    /// What a judgement says. Rows are counted, duplicates without the first of each.
    ///
    /// @param missing        acknowledged messages and filled rows that are not there
    /// @param duplicated     rows too many that Kafka does not account for
    /// @param doubledByKafka rows too many that Kafka delivered twice
    /// @param missingFinal   acknowledged uuids that FINAL does not show (0 on a table that does not collapse)
    /// @param doubledFinal   rows too many of acknowledged uuids under FINAL (0 on a table that does not collapse)
    /// @param unacknowledged rows of Kafka messages that are not in the ledger
    /// @param rawRows        rows of the table
    /// @param acknowledged   messages in the ledger
    /// @param examples       up to five of each kind, for a person: what, and at which coordinate
    public record Verdict(
            long missing,
            long duplicated,
            long doubledByKafka,
            long missingFinal,
            long doubledFinal,
            long unacknowledged,
            long rawRows,
            long acknowledged,
            List<String> examples) {
        /// Nothing missing, nothing doubled.
        public boolean ok() {
            return missing == 0 && duplicated == 0 && missingFinal == 0 && doubledFinal == 0;
        }
    }

    /// Of a table on this server.
    public Judge(ClickHouse server, Ledger ledger, long filled, TableName backup) {
        this(server, ledger, filled, backup, TableName::sql);
    }

    /// A judge of a table that holds only what Kafka brought.
    public static Judge of(ClickHouse server, Ledger ledger) {
        return new Judge(server, ledger, 0, null, TableName::sql);
    }

    public Judge withFilled(long rows) {
        return new Judge(server, ledger, rows, backup, from);
    }

    public Judge withBackup(TableName table) {
        return new Judge(server, ledger, filled, table, from);
    }

    /// Judges what is on other hosts, by a table function.
    Judge withFrom(Function<TableName, String> other) {
        return new Judge(server, ledger, filled, backup, other);
    }

    /// Judges a table.
    public Verdict judge(TableName live) {
        var scratch = new TableName(
                "rekey_lab", "ledger_" + UUID.randomUUID().toString().replace("-", ""));
        var doubles = scratch.sibling(scratch.table() + "_doubles");
        server.execute("CREATE DATABASE IF NOT EXISTS rekey_lab");
        try {
            server.execute("CREATE TABLE " + scratch.sql()
                    + " (uuid UUID, _partition UInt32, _offset UInt64) ENGINE = MergeTree ORDER BY"
                    + " (_partition, _offset)");
            upload(scratch);
            return judge(live, scratch, doubles);
        } finally {
            server.execute("DROP TABLE IF EXISTS " + scratch.sql() + " SYNC");
            server.execute("DROP TABLE IF EXISTS " + doubles.sql() + " SYNC");
        }
    }

    private Verdict judge(TableName live, TableName acknowledged, TableName doubles) {
        boolean collapsing = server.one("SELECT engine FROM system.tables WHERE database = %s AND name = %s"
                        .formatted(Sql.text(live.database()), Sql.text(live.table())))
                .string("engine")
                .contains("Replacing");
        var byCoordinate = server.one("""
            SELECT sum(live) AS raw_rows, countIf(live = 0 AND acked > 0) AS missing,
                countIf(_partition = %1$d AND live > 0) AS filled_there, sumIf(live, acked = 0 AND _partition !=
                  %1$d) AS unacknowledged,
                groupArrayIf(%2$d)(toString(_partition) || ':' || toString(_offset), live = 0 AND acked > 0) AS
                  missing_at
            FROM (SELECT _partition, _offset, sum(l) AS live, sum(a) AS acked FROM (
                    SELECT _partition, _offset, 1 AS l, 0 AS a FROM %3$s UNION ALL SELECT _partition, _offset, 0, 1
                      FROM %4$s)
                GROUP BY _partition, _offset)\
            """.formatted(GuideTable.FILLED, EXAMPLES, from.apply(live), acknowledged.sql()));
        long missing = byCoordinate.number("missing");
        var examples = new ArrayList<String>();
        if (collapsing && missing > 0) missing = missingUuids(live, acknowledged, examples);
        else byCoordinate.strings("missing_at").forEach(at -> examples.add("missing: message " + at));
        if (byCoordinate.number("filled_there") < filled) examples.addAll(missingFilled(live));
        var twice = doubles(live, doubles, examples);
        var last = collapsing ? underFinal(live, acknowledged, examples) : null;
        return new Verdict(
                missing + Math.max(0, filled - byCoordinate.number("filled_there")),
                twice.number("duplicated"),
                twice.number("by_kafka"),
                last == null ? 0 : last.number("missing"),
                last == null ? 0 : last.number("doubled"),
                byCoordinate.number("unacknowledged"),
                byCoordinate.number("raw_rows"),
                ledger.count(),
                List.copyOf(examples));
    }

    private long missingUuids(TableName live, TableName acknowledged, List<String> examples) {
        var row = server.one("""
            SELECT count() AS n, groupArray(%d)(toString(_partition) || ':' || toString(_offset) || ' uuid ' ||
              toString(uuid)) AS missing_at
            FROM %s WHERE uuid NOT IN (SELECT uuid FROM %s)\
            """.formatted(EXAMPLES, acknowledged.sql(), from.apply(live)));
        row.strings("missing_at").forEach(at -> examples.add("missing: message " + at));
        return row.number("n");
    }

    private List<String> missingFilled(TableName live) {
        return server
                .query(("SELECT number AS n FROM numbers(%d) WHERE number NOT IN (SELECT _offset FROM %s "
                                + "WHERE _partition = %d) LIMIT %d")
                        .formatted(filled, from.apply(live), GuideTable.FILLED, EXAMPLES))
                .stream()
                .map(r -> "missing: filled row " + r.number("n"))
                .toList();
    }

    /// All coordinates that are there more than once, and how many of those times Kafka accounts for.
    private Row doubles(TableName live, TableName doubles, List<String> examples) {
        boolean dated =
                server.one("SELECT count() AS n FROM system.columns WHERE database = %s AND table = %s AND name = %s"
                                        .formatted(
                                                Sql.text(live.database()),
                                                Sql.text(live.table()),
                                                Sql.text(GuideTable.INSERTED_AT)))
                                .number("n")
                        > 0;
        server.execute("""
            CREATE TABLE %s ENGINE = MergeTree ORDER BY (_partition, _offset) AS
            SELECT _partition, _offset, any(uuid) AS uuid, count() AS times, %s AS arrived FROM %s GROUP BY
              _partition, _offset HAVING times > 1\
            """.formatted(
                doubles.sql(), dated ? "uniqExact(" + GuideTable.INSERTED_AT + ")" : "toUInt64(1)", from.apply(live)));
        var known = dated || backup == null
                ? doubles.sql()
                : """
                (SELECT d.* REPLACE (if(d._partition != %1$d AND d.uuid NOT IN (SELECT uuid FROM %3$s WHERE
                  uuid GLOBAL IN (SELECT uuid FROM %2$s)), d.times, o.n) AS arrived)
                FROM %2$s AS d LEFT JOIN (SELECT _partition, _offset, count() AS n FROM %3$s
                    WHERE (_partition, _offset) GLOBAL IN (SELECT _partition, _offset FROM %2$s) GROUP BY _partition,
                      _offset) AS o
                ON d._partition = o._partition AND d._offset = o._offset)\
                """.formatted(GuideTable.FILLED, doubles.sql(), from.apply(backup));
        var row = server.one("""
            SELECT sum(times - allowed) AS duplicated, sum(allowed - 1) AS by_kafka,
                groupArrayIf(%d)(toString(_partition) || ':' || toString(_offset) || ' ' || toString(times) ||
                  ' times, uuid ' || toString(uuid), times > allowed) AS at
            FROM (SELECT *, least(times, greatest(arrived, 1)) AS allowed FROM %s)\
            """.formatted(EXAMPLES, known));
        row.strings("at").forEach(at -> examples.add("duplicated: message " + at));
        return row;
    }

    private Row underFinal(TableName live, TableName acknowledged, List<String> examples) {
        var row = server.one("""
            SELECT countIf(live = 0) AS missing, sumIf(live - 1, live > 1) AS doubled,
                groupArrayIf(%d)(toString(uuid) || ' ' || toString(live) || ' times', live != 1) AS at
            FROM (SELECT uuid, sum(l) AS live, sum(a) AS acked FROM (
                    SELECT uuid, 1 AS l, 0 AS a FROM %s FINAL UNION ALL SELECT uuid, 0, 1 FROM %s)
                GROUP BY uuid HAVING acked > 0)\
            """.formatted(EXAMPLES, from.apply(live), acknowledged.sql()));
        row.strings("at").forEach(at -> examples.add("under FINAL: uuid " + at));
        return row;
    }

    /// Sends the ledger in RowBinary.
    private void upload(TableName to) {
        var buffer = ByteBuffer.allocate(UPLOAD_ROWS * ROW_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (var upload = new Upload(server)) {
            ledger.forEach(m -> {
                buffer.putLong(m.uuid().getMostSignificantBits())
                        .putLong(m.uuid().getLeastSignificantBits())
                        .putInt(m.partition())
                        .putLong(m.offset());
                if (!buffer.hasRemaining()) send(upload, to, buffer);
            });
            if (buffer.position() > 0) send(upload, to, buffer);
        }
    }

    private static void send(Upload upload, TableName to, ByteBuffer rows) {
        upload.send(
                "INSERT INTO " + to.sql() + " FORMAT RowBinary",
                BodyPublishers.ofByteArray(rows.array(), 0, rows.position()));
        rows.clear();
    }
}
