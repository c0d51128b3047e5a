package rekey.copy;

import rekey.clickhouse.Ddl;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.session.Original;
import rekey.session.Session;

/// Keeps a table's parts from being merged, by a setting in the table's own definition, so that a restart of the server
/// does not let them go (`SYSTEM STOP MERGES` is forgotten by one). Meant for moments: parts pile up under it, so every
/// start, `status` and rollback releases one that was left behind. A user's OPTIMIZE still merges.
public record MergeHold(Session session) {

    public void hold(TableName table) {
        session.execute("hold-merges", sql(table));
    }

    /// The statement that holds them.
    public static String sql(TableName table) {
        return "ALTER TABLE " + table.sql() + " MODIFY SETTING " + Ddl.HOLD_MERGES + " = 1, " + Ddl.FORCED_MERGES + " = 0";
    }

    /// Gives merges back; a value of the owner's own is put back as it was.
    public void release(TableName table) {
        for (var sql : Original.of(session).restore(table, Ddl.HOLD_MERGES, Ddl.FORCED_MERGES)) session.execute("release-merges", sql);
    }

    /// Whether a table stands under a hold.
    public static boolean held(Table table) {
        return "1".equals(table.settings().get(Ddl.HOLD_MERGES));
    }
}
