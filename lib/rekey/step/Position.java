package rekey.step;

import java.util.List;
import java.util.Optional;
import rekey.clickhouse.Sql;
import rekey.model.Rewrite;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Entry;
import rekey.session.Original;
import rekey.session.Session;

/// Where a migration stands, told by which table, known by its UUID, stands under which name.
public sealed interface Position {
    /// There is no target.
    record NotBegun() implements Position { }

    /// The target is being filled; the source is the old table.
    record Created(TableName target, String targetUuid) implements Position { }

    /// EXCHANGE has happened, the rename to the backup's name has not: the old table stands under `displaced`.
    record Exchanged(TableName displaced) implements Position { }

    /// The live table has the new keys, the old one is the backup.
    record Swapped(TableName backup) implements Position { }

    /// The live table has the new keys and the backup is gone.
    record Finalized() implements Position { }

    /// Reads it from the server, the journal telling only which UUID was the old table's.
    static Position of(Session session) {
        var journal = session.journal().entries();
        var original = Original.find(journal);
        if (original.isEmpty()) return new NotBegun();
        var old = nameOf(session, original.get().uuid());
        var live = session.catalog().uuid(session.rewrite().source()).orElse("");
        if (old.isEmpty()) {
            if (live.isEmpty()) throw lost(session);
            return new Finalized();
        }
        if (old.get().equals(session.rewrite().source())) return target(session).<Position>map(t -> new Created(t, session.catalog().uuid(t).orElse("")))
                .orElseGet(NotBegun::new);
        if (live.isEmpty()) throw lost(session);
        return old.get().equals(session.rewrite().backup()) ? new Swapped(old.get()) : new Exchanged(old.get());
    }

    /// The target, also under the name that an interrupted swap gave it.
    static Optional<TableName> target(Session session) {
        var rewrite = session.rewrite();
        if (session.catalog().exists(rewrite.target())) return Optional.of(rewrite.target());
        return swapNames(session).stream().findFirst();
    }

    /// Names that swaps gave the target for their moment; each is used once.
    static List<TableName> swapNames(Session session) {
        return session.catalog().tablesLike(session.rewrite().source().database(), session.rewrite().target().table() + "_swap_");
    }

    private static Optional<TableName> nameOf(Session session, String uuid) {
        return session.server().query("SELECT database, name FROM system.tables WHERE toString(uuid) = " + Sql.text(uuid)).stream()
                .map(r -> new TableName(r.string("database"), r.string("name"))).findFirst();
    }

    private static Trouble lost(Session session) {
        Rewrite r = session.rewrite();
        return new Trouble.OutcomeUnknown("There is no table " + r.source() + ": someone renamed or dropped it during the migration. Look with: "
                + "SELECT database, name, uuid, metadata_modification_time FROM system.tables WHERE startsWith(name, "
                + Sql.text(r.source().table()) + "); the journal " + r.journal() + " has the old table's UUID.");
    }

    /// Whether the last swap has been followed to its end: no INSERT older than it runs, and what those left in the
    /// displaced table has been carried.
    static boolean trailed(List<Entry> journal) {
        return journal.stream().filter(e -> e.step().equals("swap") && (e.event() == Entry.Event.INTENT || e.event() == Entry.Event.DONE))
                .reduce((a, b) -> b).map(e -> e.event() == Entry.Event.DONE).orElse(true);
    }
}
