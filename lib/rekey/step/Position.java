package rekey.step;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.MadeTables;
import rekey.session.Original;
import rekey.session.Session;

/// Where a migration stands. It is told by the names that its tables have now; each table is known by
/// its UUID.
///
/// Of one look ([Session#glance]) the names are asked once. Of a table that was being filled a plan sent 41
/// statements, 30 of them this one, and a status 19, 11 of them this one; now they send 12 and 9, each with one of
/// it. A step that changes something asks anew behind each EXCHANGE, RENAME, CREATE and DROP, and behind each
/// wait: meanwhile another may have named or dropped a table.
public sealed interface Position {
    /// There is no target.
    record NotBegun() implements Position {}

    /// The target is being filled; the source is the old table.
    record Created(TableName target, String targetUuid) implements Position {}

    /// EXCHANGE has happened, the rename to the backup's name has not: the old table stands under `displaced`.
    record Exchanged(TableName displaced) implements Position {}

    /// The live table has the new keys, the old one is the backup.
    record Swapped(TableName backup) implements Position {}

    /// The live table has the new keys and the backup is gone.
    record Finalized() implements Position {}

    /// Reads it from the server, the journal telling only which UUID was the old table's.
    static Position of(Session session) {
        var original = Original.find(session.journal().entries());
        if (original.isEmpty()) return new NotBegun();
        var rewrite = session.rewrite();
        var names = names(session, original.get().uuid());
        var live = names.get(rewrite.source());
        var old = names.entrySet().stream()
                .filter(e -> e.getValue().equals(original.get().uuid()))
                .map(Map.Entry::getKey)
                .findFirst();
        if (live == null) throw lost(session);
        if (old.isEmpty()) return withoutOld(session, live, original.get().uuid());
        if (old.get().equals(rewrite.source()))
            return names.keySet().stream()
                    .filter(t -> isTarget(session, t, names.get(t)))
                    .findFirst()
                    .<Position>map(t -> new Created(t, names.get(t)))
                    .orElseGet(NotBegun::new);
        boolean backup = old.get().equals(rewrite.backup());
        if (!backup && !isTarget(rewrite, old.get())) throw moved(session, old.get());
        if (!made(session, live)) throw stranger(session, live, old.get());
        return backup ? new Swapped(old.get()) : new Exchanged(old.get());
    }

    /// A table that is detached is in no list of tables, and is all there.
    private static Position withoutOld(Session session, String live, String old) {
        var detached = detached(session, old);
        if (detached.isPresent()) throw detached(session, detached.get());
        if (ours(session, live)) return new Finalized();
        throw replaced(session, live);
    }

    /// A user who may not look there, or a server that has no such list, tells as much as it did before: nothing.
    private static Optional<TableName> detached(Session session, String uuid) {
        try {
            return session
                    .catalog()
                    .ask("SELECT database, table FROM system.detached_tables WHERE database = "
                            + Sql.text(session.rewrite().source().database()) + " AND toString(uuid) = "
                            + Sql.text(uuid))
                    .stream()
                    .map(r -> new TableName(r.string("database"), r.string("table")))
                    .findFirst();
        } catch (ServerError e) {
            if (e.code() != ServerError.ACCESS_DENIED && e.code() != ServerError.UNKNOWN_TABLE) throw e;
            return Optional.empty();
        }
    }

    /// Whether this migration made a table.
    private static boolean made(Session session, String uuid) {
        return MadeTables.targets(session.journal().entries()).contains(uuid);
    }

    /// Whether the live table is one that this migration made; or was, and its owner has replaced it after all had
    /// ended, by another migration say.
    private static boolean ours(Session session, String live) {
        var swap = session.journal().last(e -> e.is("swap", Entry.Event.DONE) || e.is("swap", Entry.Event.UNDONE));
        return swap.filter(e -> e.event() == Entry.Event.DONE).isPresent() || made(session, live);
    }

    private static Trouble replaced(Session session, String live) {
        Rewrite r = session.rewrite();
        return new Trouble.OutcomeUnknown("Another table stands under the name " + r.source() + " (UUID " + live
                + ") than the one that migration " + r.migration()
                + " began with, which is nowhere: somebody dropped it or replaced it, by CREATE OR REPLACE"
                + " TABLE or RESTORE say. Nothing was changed. What was carried until then may be in "
                + r.target()
                + " alone: look at it before you drop it. To migrate the table that is there now, give another"
                + " --name.");
    }

    /// Of the table that its owner has put in the new one's place nothing is known: what would be carried into it,
    /// or out of it, may be in both.
    private static Trouble stranger(Session session, String live, TableName old) {
        Rewrite r = session.rewrite();
        return new Trouble.OutcomeUnknown("Another table stands under the name " + r.source() + " (UUID " + live
                + ") than the one that migration " + r.migration()
                + " swapped in: somebody replaced it, by EXCHANGE, CREATE OR REPLACE TABLE or RESTORE say."
                + " Nothing was changed. The old table is " + old + ", as the swap left it. If " + r.source()
                + " is as it should be, look whether you still need " + old
                + ", and drop it by hand; if you want the old one back, " + Ddl.exchanging(r.source(), old)
                + ": what came since the swap is in the other alone then.");
    }

    private static Trouble detached(Session session, TableName old) {
        Rewrite r = session.rewrite();
        return new Trouble.OutcomeUnknown("The old table of migration " + r.migration() + ", " + old
                + ", is detached: it is all there, and nobody can look at it. Nothing was changed. Run ATTACH TABLE "
                + old.sql() + ", then this again; to be rid of it, attach it first and then run finalize.");
    }

    /// The source, the target under whichever name, the backup, and the old table wherever it is, with their UUIDs.
    private static Map<TableName, String> names(Session session, String old) {
        var rewrite = session.rewrite();
        var out = new TreeMap<TableName, String>();
        for (var r : session.catalog().ask("""
            SELECT database, name, toString(uuid) AS id FROM system.tables WHERE database = %s AND (name IN (%s,
              %s, %s) OR startsWith(name, %s)) OR toString(uuid) = %s\
            """.formatted(
                        Sql.text(rewrite.source().database()),
                        Sql.text(rewrite.source().table()),
                        Sql.text(rewrite.target().table()),
                        Sql.text(rewrite.backup().table()),
                        Sql.text(swapPrefix(rewrite)),
                        Sql.text(old)))) out.put(new TableName(r.string("database"), r.string("name")), r.string("id"));
        return out;
    }

    private static boolean isTarget(Rewrite rewrite, TableName t) {
        return t.equals(rewrite.target())
                || t.database().equals(rewrite.source().database()) && t.table().startsWith(swapPrefix(rewrite));
    }

    /// Ours is the table that the journal names by its UUID too: another may have been given such a name.
    private static boolean isTarget(Session session, TableName t, String uuid) {
        var journal = session.journal().entries();
        return t.equals(session.rewrite().target()) && MadeTables.isTarget(journal, uuid)
                || isTarget(session.rewrite(), t) && MadeTables.targets(journal).contains(uuid);
    }

    private static String swapPrefix(Rewrite rewrite) {
        return rewrite.target().table() + "_swap_";
    }

    /// A name for the target in the moment of a swap, never used again.
    static TableName swapName(Session session) {
        return swapName(
                session.rewrite(),
                session.journal().runner() + "_" + session.statements().incrementAndGet());
    }

    static TableName swapName(Rewrite rewrite, String attempt) {
        return rewrite.source().sibling(swapPrefix(rewrite) + attempt);
    }

    /// Names that swaps gave the target for their moment.
    static List<TableName> swapNames(Session session) {
        return session
                .catalog()
                .identities(session.rewrite().source().database(), swapPrefix(session.rewrite()))
                .entrySet()
                .stream()
                .filter(t -> isTarget(session, t.getKey(), t.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static Trouble lost(Session session) {
        Rewrite r = session.rewrite();
        return new Trouble.OutcomeUnknown("There is no table " + r.source()
                + ": someone renamed or dropped it during the migration. Look with: "
                + "SELECT database, name, uuid, metadata_modification_time FROM system.tables WHERE startsWith(name, "
                + Sql.text(r.source().table()) + "); the journal " + r.journal() + " has the old table's UUID.");
    }

    /// It may be somebody's live table: of another one the migration of this name, or the old one under a name that
    /// its owner gave it.
    private static Trouble moved(Session session, TableName old) {
        Rewrite r = session.rewrite();
        var named =
                Entry.last(session.journal().entries(), Detail.Creating.class).flatMap(Detail.Creating::sourceTable);
        // an older version's journal does not tell whose it is
        boolean ours = named.isPresent() && named.get().equals(r.source().table());
        return new Trouble.OutcomeUnknown("The journal " + r.journal() + " knows " + old
                + " as the old table of migration " + r.migration() + ", and that name is none of this migration's."
                + (ours
                        ? " Somebody has renamed it since the swap: " + Ddl.renaming(old, r.backup()) + "."
                        : " If it is another table with a migration of that name, give this one of " + r.source()
                                + " another --name. If it is the old table, and somebody renamed it since the swap, it"
                                + " has to be named " + r.backup() + " again."));
    }

    /// Without its journal nobody can tell which table is the old one: that the one in place has the new keys may be
    /// this migration's work, or its owner's.
    ///
    /// @return where it stands
    /// @throws Trouble.OutcomeUnknown where there is a backup and no journal of it
    public static Position mustBeKnown(Session session) {
        var rewrite = session.rewrite();
        var backup = session.catalog().find(rewrite.backup());
        var position = of(session);
        if (!(position instanceof Position.NotBegun) || backup.isEmpty()) return position;
        throw new Trouble.OutcomeUnknown("There is " + rewrite.backup() + " ("
                + backup.get().rows() + " rows), and the journal "
                + rewrite.journal() + " knows no migration " + rewrite.migration()
                + " that made it: the journal was dropped, or the table is another's. Nothing was changed."
                + " If it is the old table: what came since the swap is in " + rewrite.source()
                + " alone. Restore the journal from a backup of the server and roll back again; or copy by"
                + " hand what is new, then EXCHANGE TABLES " + rewrite.source().sql() + " AND "
                + rewrite.backup().sql() + ".");
    }

    /// What is said where there is a backup and the journal has not a line of it: whoever made the exchange by hand
    /// goes on by hand.
    static Optional<String> byHand(Session session) {
        var rewrite = session.rewrite();
        if (!session.journal().entries().isEmpty() || !session.catalog().exists(rewrite.backup()))
            return Optional.empty();
        return Optional.of("There is " + rewrite.backup() + ", and the journal " + rewrite.journal()
                + " knows nothing of migration " + rewrite.migration() + ": if the tables were exchanged by hand, the"
                + " runbook goes on from there, also to compare them and to go back (./jbang runbook).");
    }

    /// Whether the last swap has been followed to its end: no INSERT older than it runs, and what those left in the
    /// displaced table has been carried.
    static boolean trailed(List<Entry> journal) {
        return journal.stream()
                .filter(e ->
                        e.step().equals("swap") && (e.event() == Entry.Event.INTENT || e.event() == Entry.Event.DONE))
                .reduce((a, b) -> b)
                .map(e -> e.event() == Entry.Event.DONE)
                .orElse(true);
    }
}
