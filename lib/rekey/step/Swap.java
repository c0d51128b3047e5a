package rekey.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import rekey.clickhouse.Sql;
import rekey.compare.Standing;
import rekey.copy.Chunk;
import rekey.copy.Copier;
import rekey.copy.Marks;
import rekey.copy.Outline;
import rekey.model.Part;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Entry;
import rekey.session.Original;
import rekey.session.Session;

/// Operation 5: EXCHANGE, then the displaced table takes its backup name.
///
/// Half done may be:
/// - the target under its name for the swap: the old table's UUID, from the journal, still stands under the source's name.
///   Not swapped; the target takes its own name back, ingestion is opened, and it goes on with rounds;
/// - the EXCHANGE without the rename: that UUID stands under the name for the swap. The rename is done, or with `rollback` first
///   that and then the way back;
/// - the swap without what INSERTs and batches left in the old table: that UUID stands under the backup's name, and the journal
///   has no DONE behind the swap's INTENT. `resume`, which `migrate` goes on with, waits for them and carries it: see [Trailing].
///
/// A statement without an answer is looked up in the same way when the server is back, and said to be unknown (exit code 5),
/// with the query that tells, where it does not come back. Each attempt gives the target a name of its own, never used again, so that a dead
/// runner's EXCHANGE that acts late fails by name instead of swapping back (DESIGN: exactness 5).
public record Swap() implements Step {
    @Override public String name() { return "swap"; }

    @Override public Description describe(Session s) {
        var r = s.rewrite();
        return new Description("Exchange " + r.source() + " and " + r.target() + "; the old table becomes " + r.backup() + ".",
                exchanging(r.target(), Position.swapName(r, Outline.RUNNER), r.source(), r.backup()), undoing(s, Position.swapped(s)));
    }

    /// The statements of an exchange, of this one and of the one back.
    ///
    /// @param once      the name that the table which is to be live has for this moment alone, in which it is looked at once more
    /// @param displaced the name that the live table gets
    static List<String> exchanging(TableName filled, TableName once, TableName live, TableName displaced) {
        return List.of(rename(filled, once), exchange(live, once), rename(once, displaced));
    }

    public static String exchange(TableName live, TableName other) {
        return "EXCHANGE TABLES " + live.sql() + " AND " + other.sql();
    }

    @Override public Description left(Session s) {
        return Position.of(s) instanceof Position.Exchanged e ? new Description("Give the old table its backup name.", List.of(rename(e.displaced(), s.rewrite().backup())), describe(s).undo()) : Step.super.left(s);
    }

    public static String rename(TableName from, TableName to) {
        return "RENAME TABLE " + from.sql() + " TO " + to.sql();
    }

    @Override public State state(Session s) {
        return switch (Position.of(s)) {
            case Position.NotBegun n -> State.of(false, "there is no target");
            case Position.Created c -> State.of(false, s.rewrite().source() + " is the old table");
            case Position.Exchanged e -> new State(Phase.UNDER_WAY, "the old table is still named " + e.displaced());
            case Position.Swapped b -> State.of(true, "the old table is " + b.backup());
            case Position.Finalized f -> State.of(true, "the old table is gone");
        };
    }

    @Override public void run(Session s) {
        s.progress().begin(name(), 0);
        switch (Position.of(s)) {
            case Position.Created c -> exchange(s, c.target());
            case Position.Exchanged e -> s.execute("swap", rename(e.displaced(), s.rewrite().backup()));
            default -> { return; }
        }
    }

    private void exchange(Session s, TableName target) {
        if (!Remaining.done(s)) throw new Trouble.Refused(
                "What came since the last round has not been carried in this pause: run remaining first, or migrate, which does it all.");
        unpoisoned(s);
        var original = Original.of(s);
        sameDependants(s, original);
        compared(s, target);
        sameCount(s, s.rewrite().source(), target);
        var once = Position.swapName(s);
        s.journal().append(name(), Entry.Event.INTENT, Map.of("source", original.uuid(), "target", s.catalog().uuid(target).orElse(""), "as", once.table()));
        Hold.mustStand(s);
        s.control().checkpoint();
        s.control().fence();
        swapped(s, once, s.catalog().uuid(target).orElse(""), exchanging(target, once, s.rewrite().source(), s.rewrite().backup()));
        if (!(Position.of(s) instanceof Position.Swapped)) throw new Trouble.OutcomeUnknown("After the EXCHANGE " + s.rewrite().source()
                + " is not the new table. Look with: SELECT name, uuid FROM system.tables WHERE database = '" + s.rewrite().source().database() + "'.");
        sameDependants(s, original);
    }

    /// If the server goes away in between, the UUIDs tell a restart how far it came. The table to be exchanged is looked at
    /// once more under its new name, under which no older statement knows it.
    static void swapped(Session s, TableName once, String uuid, List<String> statements) {
        s.execute("swap", statements.getFirst());
        if (!s.catalog().uuid(once).orElse("").equals(uuid)) throw new Trouble.PutOff("Another statement has exchanged or renamed " + s.rewrite().source()
                + " in this moment, so nothing more was changed: run again, it goes on from where the tables stand.");
        for (var sql : statements.subList(1, statements.size())) s.execute("swap", sql);
    }

    /// A target that still has the name of a swap which never came takes its own name back: an EXCHANGE of the runner that died
    /// then fails by name when it reaches the server late, instead of exchanging the tables in the middle of a copy into them.
    public static void nameAgain(Session s) {
        for (var from : namedAgain(s)) s.execute("swap", rename(from, s.rewrite().target()));
    }

    static List<TableName> namedAgain(Session s) {
        return Position.of(s) instanceof Position.Created c && !c.target().equals(s.rewrite().target()) ? List.of(c.target()) : List.of();
    }

    /// The statement by which it does.
    public static List<String> namingAgain(Session s) {
        return namedAgain(s).stream().map(from -> rename(from, s.rewrite().target())).toList();
    }

    private static void compared(Session s, TableName target) {
        Standing.missing(s, target, s.catalog().uuid(target).orElse("")).ifPresent(why -> { throw new Trouble.PutOff(why
                + ", so nothing was swapped: run verify, or migrate, which does it all."); });
    }

    /// The simplest check of all, independent of every mark and made in the last moment: where no engine and no TTL drops rows
    /// by itself, both tables have as many. It found rows that an earlier target had given back and no mark of a new one told.
    ///
    /// @throws Trouble.Refused when they have not; the journal is poisoned
    static void sameCount(Session s, TableName from, TableName to) {
        var old = s.catalog().table(from);
        Original.of(s).mustBeUnaltered(old);
        var filled = s.catalog().table(to);
        if (dropsRows(old) || dropsRows(filled)) return;
        var n = s.server().query("SELECT (SELECT count() FROM " + from.sql() + ") AS f, (SELECT count() FROM " + to.sql() + ") AS t", s.queryId("count"), Copier.READ).getFirst();
        if (n.number("f") == n.number("t") || carriedRows(s, old, filled) == n.number("t")) return;
        var what = from + " has " + n.number("f") + " rows and " + to + " has " + n.number("t") + ".";
        s.journal().append("swap", Entry.Event.POISONED, Map.of("difference", what));
        throw new Trouble.Refused(what + " Nothing was swapped. Look at both with 'verify'; then copy anew with 'backfill --again', or roll back.");
    }

    private static boolean dropsRows(Table table) {
        return table.collapses() || !table.ttl().isEmpty();
    }

    /// Whether the number of rows tells that one table has what was carried of the other, and it does. May be asked while rows come.
    static boolean countTells(Session s, Table from, Table to) {
        return !dropsRows(from) && !dropsRows(to)
                && carriedRows(s, from, to) == s.server().query("SELECT count() AS n FROM " + to.name().sql(), s.queryId("count"), Copier.READ).getFirst().number("n");
    }

    /// How many rows of a table have been carried: what other writers brought since the last round comes with the trailing one.
    private static long carriedRows(Session s, Table from, Table to) {
        var parts = s.catalog().parts(from.name());
        var pending = Marks.read(s.journal().entries(), from.uuid(), to.uuid()).pending(parts, Long.MAX_VALUE);
        long last = parts.stream().mapToLong(Part::maxBlock).max().orElse(0);
        return s.server().query("SELECT count() AS n FROM " + from.name().sql() + " WHERE _block_number <= " + last + (pending.isEmpty() ? "" : " AND NOT " + Chunk.join(pending).condition()),
                s.queryId("count"), Copier.READ).getFirst().number("n");
    }

    /// @throws Trouble.Refused when a difference was found that nobody has cleared
    static void unpoisoned(Session s) {
        Standing.poison(s).ifPresent(p -> { throw new Trouble.Refused(Standing.sentence(s, p)); });
    }

    /// The views downstream follow the table's name through EXCHANGE; a two-step RENAME would disconnect them silently.
    private static void sameDependants(Session s, Original original) {
        var now = new ArrayList<>(s.catalog().dependants(s.rewrite().source()).stream().map(TableName::sql).sorted().toList());
        var before = original.dependants().stream().sorted().toList();
        if (!now.equals(before)) throw new Trouble.Refused("The views that read from " + s.rewrite().source() + " are no longer those of the beginning: then "
                + before + ", now " + now + ". If that was meant, roll back and begin anew; if they vanished in the swap, DETACH and ATTACH each view.");
    }

    /// Back without loss: see [Back].
    @Override public void undo(Session s) {
        new Back().run(s);
    }

    @Override public List<String> undoing(Session s, Position at) {
        return Back.statements(s, at);
    }
}
