package rekey.copy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Sql;
import rekey.model.Blocks;
import rekey.model.Table;
import rekey.model.Trouble;
import rekey.session.Session;

/// Makes `_block_number` exact on a table and watches that it stays so: each row keeps the number of the block it came
/// in, through merges and mutations. The conditions are those of DESIGN, exactness 6, each seen to fail on a real server.
public record BlockNumbers(Session session) {

    /// The statement that switches it on, and has the server know every mutation from then on.
    public static String enable(Table table) {
        return "ALTER TABLE " + table.name().sql() + " MODIFY SETTING " + Ddl.BLOCK_NUMBERS + " = 1, " + Ddl.MUTATIONS_KEPT + " = 0";
    }

    /// The same where it is not on yet.
    public static List<String> enabling(Table table) {
        return enabled(table) && "0".equals(table.settings().get(Ddl.MUTATIONS_KEPT)) ? List.of() : List.of(enable(table));
    }

    public static boolean enabled(Table table) {
        return "1".equals(table.settings().get(Ddl.BLOCK_NUMBERS));
    }

    /// Switches it on and waits until every merge and mutation that began before has ended: such a one writes parts
    /// without the column, and a row in them reads as the part's lowest block.
    public void enable() {
        var source = session.source();
        for (var sql : enabling(source)) {
            MergeHold.room(session);
            session.execute("block-numbers", sql);
        }
        var since = session.server().one("SELECT toUnixTimestamp64Micro(now64(6)) AS us").number("us");
        while (older(source, since) > 0) {
            session.progress().note("waiting for merges that began before block numbers were on");
            session.control().sleep(200);
        }
        while (session.server().one(unfinishedMutations(source)).number("n") > 0) {
            session.progress().note("waiting for unfinished mutations of " + source.name());
            session.control().sleep(200);
        }
        session.progress().note("");
    }

    private long older(Table source, long since) {
        return session.server().one(olderMerges(source, "" + since)).number("n");
    }

    /// How many merges still run that began before a moment.
    ///
    /// @param since an expression for that moment of the server's clock, in microseconds
    public static String olderMerges(Table table, String since) {
        return """
                SELECT countIf(toUnixTimestamp64Micro(now64(6)) - elapsed * 1e6 <= %s) AS n FROM system.merges
                WHERE database = %s AND table = %s""".formatted(since, Sql.text(table.name().database()), Sql.text(table.name().table()));
    }

    /// How many mutations are not done.
    public static String unfinishedMutations(Table table) {
        return "SELECT count() AS n FROM system.mutations WHERE NOT is_done AND database = %s AND table = %s"
                .formatted(Sql.text(table.name().database()), Sql.text(table.name().table()));
    }

    /// Looks whether what has been carried can still be told from what came since.
    ///
    /// @param swapped whether it is the live table of a way back
    /// @param carried by partition
    /// @param active  by partition, the blocks of the active parts now
    /// @return blocks that were carried and are gone from the table, by partition; see [Gone]
    /// @throws Trouble.Refused when rows may have been changed or renumbered behind rekey's back
    public Map<String, Blocks> watch(Table table, boolean swapped, Map<String, Blocks> carried, Map<String, Blocks> active) {
        if (!enabled(table)) throw new Trouble.Refused(Ddl.BLOCK_NUMBERS + " was switched off on " + table.name() + (swapped
                ? " since the swap, so new rows can't be told from carried ones where they were merged. Nothing more was carried. Switch it on: " + enable(table) + "; wait until the merges that run have ended: SELECT count() FROM system.merges WHERE table = "
                + Sql.text(table.name().table()) + "; then roll back again: both tables are compared, and what can't be told is named."
                : " during the migration, so new rows can't be told from carried ones. Roll back and begin anew."));
        active.keySet().stream().filter(p -> p.startsWith("patch-")).findFirst().ifPresent(p -> {
            throw new Trouble.Refused(table.name() + " got a lightweight UPDATE during the migration (partition " + p
                    + "), which changes rows that were carried and leaves no mutation to wait for. " + (swapped ? "Make the same change on " + session.rewrite().backup() + " by ALTER TABLE ... UPDATE, have the patches applied by OPTIMIZE TABLE "
                    + table.name().sql() + " FINAL, and wait until there are none: SELECT count() FROM system.parts WHERE active AND table = " + Sql.text(table.name().table())
                    + " AND startsWith(partition_id, 'patch-'). Then roll back again: both are compared." : "Roll back, and begin anew when the patch parts have been applied."));
        });
        var gone = new TreeMap<String, Blocks>();
        carried.forEach((partition, blocks) -> gone.put(partition, blocks.minus(active.getOrDefault(partition, Blocks.NONE))));
        gone.values().removeIf(Blocks::isEmpty);
        return gone;
    }
}
