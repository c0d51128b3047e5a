package rekey.look;

import java.util.ArrayList;
import rekey.clickhouse.ClickHouse;
import rekey.sheet.Grid;
import rekey.sheet.OptionalAnswers;
import rekey.sheet.Sheet;

/// How full ClickHouse's disks are, and what fills them.
public record Disks(ClickHouse server) {
    /// Fewer percent free than this are worth a word.
    private static final int LITTLE = 15;

    public Sheet sheet() {
        var disks = Grid.of(
                        "disks",
                        "disk",
                        "type",
                        "path",
                        "free:bytes",
                        "of:bytes",
                        "used:percent",
                        "reserved:bytes",
                        "state")
                .from(server.query("""
                    SELECT name, if(object_storage_type IN ('', 'None'), toString(type),
                      toString(object_storage_type)), path, free_space, total_space,
                           if(total_space = 0 OR is_remote, NULL, 100 - intDiv(free_space * 100, total_space)),
                             if(is_remote, NULL, nullIf(free_space - unreserved_space, 0)),
                           multiIf(is_broken, 'BROKEN', is_read_only, 'read only', '')
                    FROM system.disks ORDER BY name\
                    """));
        var policies = Grid.of("storage policies", "policy", "volume", "disks", "moves at:percent")
                .from(OptionalAnswers.orNone(server, """
                    SELECT policy_name, volume_name, arrayStringConcat(disks, ', '), toUInt64(round((1 -
                      move_factor) * 100))
                    FROM system.storage_policies WHERE policy_name != 'default' ORDER BY policy_name, volume_priority\
                    """));
        var largest = Grid.of("largest tables", "table", "disk", "size:bytes", "parts#", "not active:bytes")
                .from(server.query("""
                    SELECT concat(database, '.', table), disk_name, sum(bytes_on_disk) AS b, count(),
                      nullIf(sumIf(bytes_on_disk, NOT active), 0)
                    FROM system.parts GROUP BY database, table, disk_name ORDER BY b DESC LIMIT 8\
                    """));
        var detached = Grid.of("detached parts", "table", "disk", "size:bytes", "parts#")
                .from(OptionalAnswers.orNone(server, """
                    SELECT concat(database, '.', table), disk, sum(bytes_on_disk) AS b, count()
                    FROM system.detached_parts GROUP BY database, table, disk ORDER BY b DESC LIMIT 8\
                    """));
        return Sheet.of("", warned(disks), policies, largest, detached);
    }

    private static Grid warned(Grid disks) {
        var full = new ArrayList<String>();
        for (int i = 0; i < disks.rows().size(); i++)
            if (disks.value(i, "used") instanceof Long used && used > 100 - LITTLE)
                full.add(disks.value(i, "disk") + " (" + used + "% used)");
        return full.isEmpty()
                ? disks
                : disks.noting("Little is free on " + String.join(", ", full)
                        + ": a merge needs as much room as its parts take, and a migration once more the"
                        + " table's size.");
    }
}
