package rekey.copy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Sql;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Original;
import rekey.session.Session;

/// Keeps a table's parts from being merged, by a setting in the table's own definition. So a restart of
/// the server does not end the hold, as it ends `SYSTEM STOP MERGES`. The hold is meant for moments, for
/// parts pile up under it. So the guard of a dead runner releases it, and so do every start, `resume`
/// and `rollback`; till then every command says that it stands. A user's OPTIMIZE still merges.
public record MergeHold(Session session) {
    private static final Duration MOST = Duration.ofSeconds(5);

    /// @throws Trouble.Refused when the disk of the server's metadata is full
    public void hold(TableName table) {
        room(session);
        // on the one that copies first, and given back there last: a hold that came halfway over the hosts is seen
        // by it
        session.execute("hold-merges", sql(table));
        for (var peer : session.peers()) peer.execute(sql(table), session.queryId("hold-merges"), Ddl.CREATING);
    }

    /// The statement that holds them.
    public static String sql(TableName table) {
        return Ddl.setting(table, Ddl.HOLD_MERGES + " = 1", Ddl.FORCED_MERGES + " = 0");
    }

    /// Gives merges back that were held for a moment; a value of the owner's own is put back as it was. Of a table
    /// whose engine folds rows they stay held: by that its parts tell what was carried, see [UnmergedParts].
    public void release(TableName table) {
        if (session.catalog().table(table).folds()) return;
        giveBack(table);
    }

    /// Gives merges back, whatever the engine, on each host that answers: one that is away keeps no other from its
    /// merges, and has its own still held when it is back, which [#anywhere] sees.
    ///
    /// @throws RuntimeException what the first said that could not, behind all others
    public void giveBack(TableName table) {
        var statements = releasing(Original.of(session), table);
        RuntimeException away = null;
        for (var peer : session.peers())
            try {
                for (var sql : statements) peer.execute(sql, session.queryId("release-merges"), Ddl.CREATING);
            } catch (RuntimeException e) {
                if (away == null) away = e;
                else away.addSuppressed(e);
            }
        for (var sql : statements) session.execute("release-merges", sql);
        if (away != null) throw away;
    }

    /// The statements that give them back.
    public static List<String> releasing(Original original, TableName table) {
        return original.restore(table, Ddl.HOLD_MERGES, Ddl.FORCED_MERGES);
    }

    /// A definition is written anew by an ALTER. With no byte left on the disk one was answered with OK and left the
    /// table's definition empty (seen on 26.7), which no restart would survive: so none is made of the source where
    /// it is that full.
    ///
    /// @throws Trouble.Refused when less than 16 MiB are free
    static void room(Session session) {
        var free = session.server().query("SELECT free_space AS n FROM system.disks WHERE name = 'default'");
        if (!free.isEmpty() && free.getFirst().number("n") < 16 << 20)
            throw new Trouble.Refused(
                    "ClickHouse's disk 'default' has " + free.getFirst().number("n") / 1024
                            + " KiB left, too little to alter a table without harm: nothing was changed. Free some"
                            + " space, then run again.");
    }

    /// Whether a table stands under a hold on any host of the shard that answers.
    ///
    /// @param table as the copier has it
    public static boolean anywhere(Session session, Table table) {
        return held(table)
                || session.peers().stream().anyMatch(peer -> {
                    try {
                        return new Catalog(peer.server())
                                .find(table.name())
                                .filter(MergeHold::held)
                                .isPresent();
                    } catch (Trouble.Failed e) {
                        return false; // what is away is looked at when it is back
                    }
                });
    }

    /// Merges that had begun go on under a hold, and take the machine from the last rounds: those of a large table
    /// for minutes. One that ends behind the hold leaves new rows in a part with old ones, and whoever carries
    /// these rows reads all of it. They are waited for as long as parts may pile up meanwhile, some seconds.
    ///
    /// @return whether there were any, so that what came since is carried before anybody waits for the rest
    public boolean awaitBegun(List<TableName> tables) {
        var merging = "SELECT count() AS n FROM system.merges WHERE NOT is_mutation AND database = "
                + Sql.text(tables.getFirst().database()) + " AND table IN "
                + Sql.list(tables.stream().map(TableName::table).toList());
        boolean any = false;
        for (var until = Instant.now().plus(MOST);
                session.server().one(merging).number("n") > 0 && Instant.now().isBefore(until);
                session.control().sleep(50)) any = true;
        return any;
    }

    /// Whether a table stands under a hold.
    public static boolean held(Table table) {
        return "1".equals(table.settings().get(Ddl.HOLD_MERGES));
    }
}
