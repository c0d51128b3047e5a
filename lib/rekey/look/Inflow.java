package rekey.look;

import java.util.List;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Row;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.sheet.Grid;
import rekey.sheet.OptionalAnswers;
import rekey.sheet.Sheet;
import rekey.sheet.TextWidth;

/// Whether rows come into a table: minute by minute, from the parts that inserts have made.
public record Inflow(ClickHouse server) {

    /// @param minutes how far back
    public Sheet sheet(TableName table, int minutes) {
        // what is not yet in the log is still among the parts
        var rows = OptionalAnswers.rows(server, """
            SELECT formatDateTime(minute, '%%F %%H:%%i') AS at, sum(r) AS rows, count() AS inserts,
              toUInt64(avg(r)) AS each, sum(b) AS bytes, uniqExact(p) AS partitions FROM (
              SELECT toStartOfMinute(any(t)) AS minute, any(rows_of) AS r, any(bytes_of) AS b, any(partition_of) AS
                p FROM (
                SELECT part_name AS name, event_time AS t, rows AS rows_of, size_in_bytes AS bytes_of, partition_id
                  AS partition_of FROM system.part_log
                WHERE event_date >= today() - 1 AND event_time > now() - %1$d AND event_type = 'NewPart' AND %2$s
                UNION ALL
                SELECT name, modification_time, rows, bytes_on_disk, partition_id FROM system.parts
                WHERE modification_time > now() - %1$d AND level = 0 AND %2$s)
              GROUP BY name) GROUP BY minute ORDER BY minute\
            """.formatted(minutes * 60, Parts.is(table)))
                .orElseGet(() -> parts(table, minutes));
        var grid = Grid.of("", "minute", "rows#", "inserts#", "rows each#", "size:bytes", "partitions#")
                .from(rows);
        return Sheet.of(
                "No row has come into " + table + " within " + minutes + " minutes.",
                grid.isEmpty() ? grid : grid.noting(newest(table)));
    }

    /// Where there is no part log: those that have not been merged yet.
    private List<Row> parts(TableName table, int minutes) {
        return server.query("""
            SELECT formatDateTime(toStartOfMinute(modification_time), '%%F %%H:%%i') AS at, sum(rows) AS n, count()
              AS inserts, toUInt64(avg(rows)) AS each, sum(bytes_on_disk) AS b, uniqExact(partition_id) AS p
            FROM system.parts WHERE modification_time > now() - %d AND level = 0 AND %s GROUP BY at ORDER BY at\
            """.formatted(minutes * 60, Parts.is(table)));
    }

    private String newest(TableName table) {
        var r = server.one(
                "SELECT count() AS n, dateDiff('second', max(modification_time), now()) AS ago FROM system.parts WHERE"
                        + " level = 0 AND "
                        + Parts.is(table) + " AND database = " + Sql.text(table.database()));
        if (r.number("n") == 0) return "All parts that inserts have made are merged by now.";
        return "The newest part of an insert that is still there is " + TextWidth.seconds(Math.max(0, r.number("ago")))
                + " old.";
    }
}
