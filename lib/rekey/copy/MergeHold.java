package rekey.copy;

import java.util.List;
import rekey.clickhouse.Ddl;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Original;
import rekey.session.Session;

/// Keeps a table's parts from being merged, by a setting in the table's own definition, so that a restart of the server
/// does not let them go (`SYSTEM STOP MERGES` is forgotten by one). Meant for moments: parts pile up under it, so the
/// guard of one that died releases it, and so do every start, `resume` and `rollback`; till then every command says that it stands. A user's OPTIMIZE still merges.
public record MergeHold(Session session) {

    /// @throws Trouble.Refused when the disk of the server's metadata is full
    public void hold(TableName table) {
        room(session);
        session.execute("hold-merges", sql(table));
    }

    /// The statement that holds them.
    public static String sql(TableName table) {
        return "ALTER TABLE " + table.sql() + " MODIFY SETTING " + Ddl.HOLD_MERGES + " = 1, " + Ddl.FORCED_MERGES + " = 0";
    }

    /// Gives merges back; a value of the owner's own is put back as it was.
    public void release(TableName table) {
        for (var sql : releasing(Original.of(session), table)) session.execute("release-merges", sql);
    }

    /// The statements that give them back.
    public static List<String> releasing(Original original, TableName table) {
        return original.restore(table, Ddl.HOLD_MERGES, Ddl.FORCED_MERGES);
    }

    /// A definition is written anew by an ALTER. With no byte left on the disk one was answered with OK and left the table's
    /// definition empty (seen on 26.7), which no restart would survive: so none is made of the source where it is that full.
    ///
    /// @throws Trouble.Refused when less than 16 MiB are free
    static void room(Session session) {
        var free = session.server().query("SELECT free_space AS n FROM system.disks WHERE name = 'default'");
        if (!free.isEmpty() && free.getFirst().number("n") < 16 << 20) throw new Trouble.Refused("ClickHouse's disk 'default' has " + free.getFirst().number("n") / 1024
                + " KiB left, too little to alter a table without harm: nothing was changed. Free some space, then run again.");
    }

    /// Whether a table stands under a hold.
    public static boolean held(Table table) {
        return "1".equals(table.settings().get(Ddl.HOLD_MERGES));
    }
}
