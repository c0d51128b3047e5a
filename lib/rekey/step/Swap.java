package rekey.step;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicReference;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.compare.ComparisonVerdict;
import rekey.copy.AsyncInsertQueue;
import rekey.copy.Chunk;
import rekey.copy.Copier;
import rekey.copy.Direction;
import rekey.copy.Marks;
import rekey.copy.OpenDeletes;
import rekey.copy.Peers;
import rekey.copy.ReorderedRows;
import rekey.copy.Way;
import rekey.model.Part;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Original;
import rekey.session.Session;

/// Operation 5: EXCHANGE, then the displaced table takes its backup name.
///
/// Half done may be:
/// - the target under its name for the swap: the old table's UUID, from the journal, still stands under the source's
///   name. Not swapped; the target takes its own name back, ingestion is opened, and it goes on with rounds;
/// - the EXCHANGE without the rename: that UUID stands under the name for the swap. The rename is done, or with
///   `rollback` first that and then the way back;
/// - the swap without what INSERTs and batches left in the old table: that UUID stands under the backup's name, and
///   the journal has no DONE behind the swap's INTENT. `resume`, which `migrate` goes on with, waits for them and
///   carries it: see [Trailing].
///
/// A statement without an answer is looked up in the same way when the server is back, and said to be unknown (exit
/// code 5), with the query that tells, where it does not come back. Each attempt gives the target a name of its own,
/// never used again, so that a dead runner's EXCHANGE that acts late fails by name instead of swapping
/// back (rule 2).
public record Swap() implements Step {
    /// So often rows are counted that others keep deleting.
    private static final int LOOKS = 10;
    /// So many seconds a count may take that reads rows.
    private static final int COUNTING = 1;

    @Override
    public String name() {
        return "swap";
    }

    /// The statements of an exchange, of this one and of the one back.
    ///
    /// @param once      the name that the table which is to be live has for this moment alone, in which it is
    ///                  looked at once more
    /// @param displaced the name that the live table gets
    public static List<String> exchanging(TableName filled, TableName once, TableName live, TableName displaced) {
        return List.of(
                Ddl.renaming(filled, once),
                AsyncInsertQueue.flushing(live),
                Ddl.exchanging(live, once),
                Ddl.renaming(once, displaced));
    }

    @Override
    public State state(Session s) {
        return switch (Position.of(s)) {
            case Position.NotBegun n -> State.of(false, "there is no target");
            case Position.Created c -> State.of(false, s.rewrite().source() + " is the old table");
            case Position.Exchanged e -> new State(Phase.UNDER_WAY, "the old table is still named " + e.displaced());
            case Position.Swapped b -> State.of(true, "the old table is " + b.backup());
            case Position.Finalized f -> State.of(true, "the old table is gone");
        };
    }

    @Override
    public void run(Session s) {
        run(List.of(s));
    }

    /// All of them are looked at, and all intents written down, before the first is exchanged.
    @Override
    public void run(List<Session> shards) {
        shards.forEach(s -> s.progress().begin(name(), 0));
        var at = Shards.each(shards, s -> {
            var position = Position.of(s);
            if (position instanceof Position.Exchanged e) {
                s.execute("swap", Ddl.renaming(e.displaced(), s.rewrite().backup()));
                new Peers(s).follow();
            }
            return position;
        });
        var filled = shards.stream()
                .filter(s -> at.get(shards.indexOf(s)) instanceof Position.Created)
                .toList();
        if (filled.isEmpty()) return;
        Exchange.all(Shards.each(filled, s -> intended(s, (Position.Created) at.get(shards.indexOf(s)))));
        HostsApart.note(shards);
        Shards.all(filled, s -> {
            if (!(Position.of(s) instanceof Position.Swapped))
                throw new Trouble.OutcomeUnknown(
                        "After the EXCHANGE " + s.rewrite().source()
                                + " is not the new table. Look with: SELECT name, uuid FROM system.tables WHERE"
                                + " database = '"
                                + s.rewrite().source().database() + "'.");
            HostsInParallel.all(
                    List.<Runnable>of(
                            () -> Trailing.beforeNewer(s, s.rewrite().backup()),
                            () -> sameDependants(s, Original.of(s))),
                    Runnable::run);
        });
    }

    /// What is looked at does not hang on one another: on a cluster ingestion was held for the sum of all.
    private Exchange intended(Session s, Position.Created at) {
        var target = at.target();
        if (!Remaining.done(s))
            throw new Trouble.Refused(
                    "What came since the last round has not been carried in this pause: run remaining first, or"
                            + " migrate, which does it all.");
        var original = Original.of(s);
        var hosts = new ConcurrentSkipListMap<String, String>();
        var live = new AtomicReference<Table>();
        HostsInParallel.all(
                List.<Runnable>of(
                        () -> unpoisoned(s),
                        () -> live.set(s.source()),
                        () -> sameDependants(s, original),
                        () -> {
                            compared(s, at);
                            sameCount(s, Way.FORWARD, target);
                        },
                        () -> HostsInParallel.all(s.peers(), peer -> {
                            var there = new Catalog(peer.server());
                            hosts.put(
                                    peer.name(),
                                    there.uuid(s.rewrite().source()).orElse("") + " "
                                            + there.uuid(target).orElse(""));
                        })),
                Runnable::run);
        inStep(s, target);
        var once = Position.swapName(s);
        s.journal()
                .append(
                        name(),
                        new Detail.Exchanging(
                                Optional.of(original.uuid()),
                                Optional.of(at.targetUuid()),
                                once.table(),
                                false,
                                hosts));
        StandingPause.mustStand(s);
        s.control().checkpoint();
        return new Exchange(
                s,
                target,
                once,
                at.targetUuid(),
                live.get(),
                exchanging(target, once, s.rewrite().source(), s.rewrite().backup()));
    }

    /// On every host there must be all that is to be exchanged, and each must be able to write afterwards: an
    /// EXCHANGE works without Keeper, and an INSERT behind it hangs (seen on 26.7).
    static void inStep(Session s, TableName filled) {
        var peers = new Peers(s);
        HostsInParallel.all(
                List.<Runnable>of(
                        () -> peers.awaitFetched(filled),
                        () -> peers.awaitSameAndMutated(filled),
                        () -> peers.awaitSame(s.rewrite().source())),
                Runnable::run);
    }

    /// A target that still has the name of a swap which never came takes its own name back: an EXCHANGE of the
    /// runner that died then fails by name when it reaches the server late, instead of exchanging the tables in the
    /// middle of a copy into them.
    public static void nameAgain(Session s) {
        for (var sql : namingAgain(s)) s.execute("swap", sql);
    }

    public static List<TableName> namedAgain(Session s) {
        return Position.of(s) instanceof Position.Created c
                        && !c.target().equals(s.rewrite().target())
                ? List.of(c.target())
                : List.of();
    }

    /// The statement that gives it.
    public static List<String> namingAgain(Session s) {
        return namedAgain(s).stream()
                .map(from -> Ddl.renaming(from, s.rewrite().target()))
                .toList();
    }

    private static void compared(Session s, Position.Created at) {
        ComparisonVerdict.missing(s, at.target(), at.targetUuid(), ComparisonVerdict.AT_THE_SWAP)
                .ifPresent(why -> {
                    throw new Trouble.PutOff(
                            why + ", so nothing was swapped: run verify, or migrate, which does it all.");
                });
    }

    /// The simplest check of all, independent of every mark and made in the last moment: where no engine and no TTL
    /// drops rows by itself, both tables have as many. It found rows that an earlier target had given back and no
    /// mark of a new one told.
    ///
    /// @throws Trouble.Refused when they have not; the journal is poisoned
    static void sameCount(Session s, Way way, TableName to) {
        try {
            count(s, way, to);
        } catch (ServerError e) {
            if (e.code() != ServerError.TIMEOUT) throw e;
            s.journal()
                    .append(
                            "swap",
                            new Detail.Text("Rows were not counted once more: while DELETEs are under way it takes"
                                    + " longer than " + COUNTING + " s, and ingestion would wait for it."));
        }
    }

    private static void count(Session s, Way way, TableName to) {
        var from = s.rewrite().source();
        var both = HostsInParallel.each(List.of(from, to), s.catalog()::table);
        Table old = both.getFirst(), filled = both.getLast();
        Original.of(s).mustBeUnaltered(old);
        if (dropsRows(old) || dropsRows(filled)) return;
        var open = new OpenDeletes(s, new Direction(old, filled, way));
        var conditions = open.conditions();
        for (int looks = 1; looks <= LOOKS; looks++) {
            var spared = OpenDeletes.spared(conditions);
            var n = s.server()
                    .query(
                            "SELECT (SELECT count() " + of(from, spared + saidAgain(s, old, filled))
                                    + ") AS rekey_there, (SELECT count() " + of(to, spared + saidAgain(s, filled, old))
                                    + ") AS rekey_here",
                            s.queryId("count"),
                            counting(conditions))
                    .getFirst();
            if (n.number("rekey_there") == n.number("rekey_here")
                    || carriedRows(s, old, filled, conditions) == n.number("rekey_here")) return;
            var now = open.conditions();
            if (now.equals(conditions)) throw differ(s, from, to, n.number("rekey_there"), n.number("rekey_here"));
            conditions = now;
        }
        throw new Trouble.PutOff("Rows of " + from + " are deleted faster than they can be counted, so nothing was"
                + " swapped. Run again when fewer DELETEs come.");
    }

    private static Trouble differ(Session s, TableName from, TableName to, long there, long here) {
        var what = from + " has " + there + " rows and " + to + " has " + here + ".";
        s.journal().append("swap", new Detail.Poisoned(what));
        return new Trouble.Refused(what
                + " Nothing was swapped. Look at both with 'verify'; then copy anew with 'backfill --again',"
                + " or roll back.");
    }

    private static boolean dropsRows(Table table) {
        return table.replacing() || !table.ttl().isEmpty();
    }

    /// Whether the number of rows tells that one table has what was carried of the other, and it does. May be asked
    /// while rows come.
    static boolean countTells(Session s, Table from, Table to) {
        return !dropsRows(from)
                && !dropsRows(to)
                && carriedRows(s, from, to, List.of())
                        == s.server()
                                .query(
                                        "SELECT count() AS rekey_rows " + of(to.name(), "1" + saidAgain(s, to, from)),
                                        s.queryId("count"),
                                        Copier.READ)
                                .getFirst()
                                .number("rekey_rows");
    }

    /// Without a condition the server reads nothing to count.
    private static String of(TableName table, String condition) {
        return "FROM " + table.sql() + (condition.equals("1") ? "" : " WHERE " + condition);
    }

    /// Passes over rows of one table that the other has not got, for they were said once more.
    private static String saidAgain(Session s, Table of, Table other) {
        return ReorderedRows.without(s.journal().entries(), other.uuid(), of.uuid());
    }

    /// Without a condition the server knows the number. With one it reads columns of the whole table, and of a large
    /// one that took until the pause's deadline.
    private static Map<String, String> counting(List<String> deleted) {
        if (deleted.isEmpty()) return Copier.READ;
        var out = new HashMap<>(Copier.READ);
        out.put("max_execution_time", "" + COUNTING);
        out.put("timeout_overflow_mode", "throw");
        return out;
    }

    /// How many rows of a table have been carried: what other writers brought since the last round comes with the
    /// trailing one. Of a part that was carried as a whole the server knows the number; only those with rows of
    /// both kinds are read.
    private static long carriedRows(Session s, Table from, Table to, List<String> deleted) {
        var without = OpenDeletes.spared(deleted) + saidAgain(s, from, to);
        // a part that was given another name between two questions would be missed
        for (int tries = 1; tries <= LOOKS && without.equals("1"); tries++) {
            var parts = s.catalog().parts(from.name());
            var marks = Marks.read(s.journal().entries(), from.uuid(), to.uuid());
            var read = parts.stream()
                    .filter(p -> p.masked() || marks.inPart(p))
                    .map(Part::name)
                    .toList();
            long rows = parts.stream()
                    .filter(p -> !p.masked() && marks.whole(p))
                    .mapToLong(Part::rows)
                    .sum();
            if (!read.isEmpty()) rows += carried(s, from, marks, parts, "_part IN " + Sql.list(read), without, deleted);
            var now = s.catalog().parts(from.name()).stream().map(Part::name).toList();
            if (read.isEmpty() || now.containsAll(read)) return rows;
        }
        var parts = s.catalog().parts(from.name());
        // of a replicated table a lower number may come meanwhile, which has not been carried
        var there = from.replicated()
                ? Chunk.of(Catalog.blocks(parts)).condition()
                : "_block_number <= "
                        + parts.stream().mapToLong(Part::maxBlock).max().orElse(0);
        var marks = Marks.read(s.journal().entries(), from.uuid(), to.uuid());
        return carried(s, from, marks, parts, there, without, deleted);
    }

    private static long carried(
            Session s, Table from, Marks marks, List<Part> parts, String there, String without, List<String> deleted) {
        var pending = marks.pending(from, parts, Long.MAX_VALUE);
        return s.server()
                .query(
                        "SELECT count() AS rekey_rows FROM " + from.name().sql() + " WHERE " + there + " AND " + without
                                + (pending.isEmpty()
                                        ? ""
                                        : " AND NOT " + Chunk.join(pending).condition()),
                        s.queryId("count"),
                        counting(deleted))
                .getFirst()
                .number("rekey_rows");
    }

    /// @throws Trouble.Refused when a difference was found that nobody has cleared
    static void unpoisoned(Session s) {
        ComparisonVerdict.poison(s).ifPresent(p -> {
            throw new Trouble.Refused(ComparisonVerdict.sentence(s, p));
        });
    }

    /// The views downstream follow the table's name through EXCHANGE; a two-step RENAME would disconnect
    /// them silently.
    private static void sameDependants(Session s, Original original) {
        var now = new ArrayList<>(s.catalog().dependants(s.rewrite().source()).stream()
                .map(TableName::sql)
                .sorted()
                .toList());
        var before = original.dependants().stream().sorted().toList();
        if (!now.equals(before))
            throw new Trouble.Refused(
                    "The views that read from " + s.rewrite().source() + " are no longer those of the beginning: then "
                            + before + ", now " + now
                            + ". If that was meant, roll back and begin anew; if they vanished in the swap, DETACH and"
                            + " ATTACH each view.");
    }

    /// Back without loss: see [SwapBack].
    @Override
    public void undo(Session s) {
        new SwapBack().run(s);
    }

    @Override
    public void undo(List<Session> shards) {
        new SwapBack().run(shards);
    }
}
