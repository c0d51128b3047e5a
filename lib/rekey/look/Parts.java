package rekey.look;

import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.sheet.Grid;
import rekey.sheet.OptionalAnswers;
import rekey.sheet.Sheet;

/// The partitions of a table, and its parts.
public record Parts(ClickHouse server) {

    /// Active ones, and besides what was detached: that is on no disk's bill that a person looks at.
    public Sheet partitions(TableName table) {
        var grid = Grid.of("partitions", "partition", "id", "parts#", "rows#", "size:bytes", "newest part")
                .from(server.query("""
                    SELECT any(partition), partition_id, count(), sum(rows), sum(bytes_on_disk),
                      formatDateTime(max(modification_time), '%%F %%T')
                    FROM system.parts WHERE active AND %s GROUP BY partition_id ORDER BY min(min_time), partition_id\
                    """.formatted(is(table))));
        var detached = Grid.of("detached parts", "partition", "reason", "parts#", "size:bytes", "newest")
                .from(OptionalAnswers.orNone(server, """
                    SELECT ifNull(partition_id, ''), ifNull(reason, ''), count(), sum(bytes_on_disk),
                      formatDateTime(max(modification_time), '%%F %%T')
                    FROM system.detached_parts WHERE %s GROUP BY 1, 2 ORDER BY 1, 2\
                    """.formatted(is(table))));
        return Sheet.of(table + " has no rows.", limits(grid, table), detached);
    }

    /// From the newest on.
    ///
    /// @param partition an id; empty for all
    /// @param limit     how many at most
    public Sheet parts(TableName table, String partition, int limit) {
        var where = is(table)
                + (partition.isEmpty()
                        ? ""
                        : " AND (partition_id = " + Sql.text(partition) + " OR partition = " + Sql.text(partition)
                                + ")");
        var grid = Grid.of(
                        "parts",
                        "part",
                        "rows#",
                        "size:bytes",
                        "level#",
                        "mutation#",
                        "disk",
                        "written ago:seconds",
                        "state")
                .from(server.query("""
                    SELECT name, rows, bytes_on_disk, level, nullIf(data_version - min_block_number, 0), disk_name,
                      dateDiff('second', modification_time, now()), if(active, '', 'outdated')
                    FROM system.parts WHERE %s ORDER BY active DESC, modification_time DESC, name LIMIT %d\
                    """.formatted(where, limit)));
        long all = server.one("SELECT count() AS n FROM system.parts WHERE " + where)
                .number("n");
        return Sheet.of(
                table + (partition.isEmpty() ? " has no parts." : " has no parts in partition " + partition + "."),
                all > limit ? grid.noting("The newest " + limit + " of " + all + ".") : grid);
    }

    /// The partition that is nearest to the server's own limits for parts.
    private Grid limits(Grid grid, TableName table) {
        var r = OptionalAnswers.orNone(server, """
            SELECT name, value FROM system.merge_tree_settings WHERE name IN ('parts_to_delay_insert',
              'parts_to_throw_insert')\
            """);
        long most =
                grid.rows().stream().mapToLong(row -> (Long) row.get(2)).max().orElse(0);
        long delay = limit(r, "parts_to_delay_insert"), refuse = limit(r, "parts_to_throw_insert");
        if (delay == 0 || most * 2 < delay) return grid;
        return grid.noting(
                "A partition of " + table + " has " + most + " parts: from " + delay + " on inserts are delayed, from "
                        + refuse
                        + " on refused (TOO_MANY_PARTS), unless the table sets its own limits. Look whether merges"
                        + " keep up: merges.");
    }

    private static long limit(java.util.List<rekey.clickhouse.Row> settings, String name) {
        return settings.stream()
                .filter(s -> s.string("name").equals(name))
                .mapToLong(s -> s.number("value"))
                .findFirst()
                .orElse(0);
    }

    static String is(TableName table) {
        return "database = " + Sql.text(table.database()) + " AND table = " + Sql.text(table.table());
    }
}
