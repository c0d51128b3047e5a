package rekey.copy;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.KeyText;
import rekey.clickhouse.Sql;
import rekey.model.Blocks;
import rekey.model.Mutation;
import rekey.model.Part;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.MadeTables;
import rekey.session.Session;

/// Puts rows that ran through an exchange back into their order, in a live table that folds rows by
/// their order.
///
/// A writer's INSERT runs through the EXCHANGE, and the writer sends the next one when it is answered.
/// The older row is then in the displaced table and the newer one in the live table. Once it is carried,
/// the older row stands last: a CollapsingMergeTree keeps it as the state of its key, a
/// CoalescingMergeTree keeps its values. The older row may not stay out either: the live table's sums
/// would lack it.
///
/// So what came last by itself is said once more behind it: of a CollapsingMergeTree the last state of such a key,
/// cancelled and set again, which sums to nothing; of a CoalescingMergeTree the key's rows since the exchange, which
/// change nothing where they stood already. The live table's merges are held meanwhile, so each row still lies in
/// the part that it came in. These rows are rekey's own: they are counted in no comparison and not carried back.
///
/// Whether it is needed is told by the rows alone, so one who is killed in it, or before it, does what is left.
///
/// A writer goes on meanwhile. What he writes to such a key between the look and the attach has what was said behind
/// it, so that is looked for once more; what he writes behind the attach puts the key right by itself. As long as
/// the look read the whole live table, and the next one followed at once, it did not end: parts pile up while merges
/// are held, so each look took longer, and a key that was written every three seconds had always been written in it
/// (a run went on for more than ten minutes). So only parts since the exchange are read, of the late keys alone, and
/// behind each attach it waits, longer each time and longer than the look took: a key that is written often is right
/// by then, and one that is written seldom was not written in the look. What is in its order once stays so.
public record ReorderedRows(Session session, TableName displaced) {
    /// Behind so many waits, of which the last takes [#LONGEST], none is left of any writer that was tried.
    private static final int TRIES = 20;
    private static final Duration SHORTEST = Duration.ofMillis(100), LONGEST = Duration.ofSeconds(30);
    /// The step of a line that tells people of rows whose order is lost.
    private static final String UNTOLD = "order";
    private static final Map<String, String> READ = read();
    private static final String ORDER = "tuple(_block_number, _part_offset)";

    /// Whether a line tells of rows that were said once more: they are of no block of the table that was read.
    public static boolean again(Detail.Attached a) {
        return a.chunk().slices().isEmpty() && !a.own().isEmpty();
    }

    /// A condition by which a count passes over rows of a table that were said once more and that the other table
    /// has not got; empty where there are none. Where merges folded some of them, their partition was copied back
    /// whole, and the other has them: taken for rows of one table alone, they had a way back refused by the count.
    ///
    /// By their blocks, for a DELETE gives parts other names; none of these was merged.
    public static String without(List<Entry> journal, String displaced, String live) {
        var again = new TreeMap<String, Blocks>();
        for (var e : journal)
            switch (e.detail()) {
                case Detail.Attached a
                when again(a) && a.between(displaced, live) ->
                    a.own().forEach((p, b) -> again.merge(p, b, Blocks::plus));
                case Detail.Dropped d when d.between(live, displaced) -> minus(again, d.slices());
                case Detail.Dropped d when d.between(displaced, live) -> minus(again, d.own());
                default -> {}
            }
        again.values().removeIf(Blocks::isEmpty);
        return again.isEmpty() ? "" : " AND NOT " + Chunk.of(again).condition();
    }

    private static void minus(Map<String, Blocks> all, Map<String, Blocks> gone) {
        gone.forEach((p, b) -> all.computeIfPresent(p, (_, have) -> have.minus(b)));
    }

    /// Says again what came last, of each key of which an older row stands behind it.
    ///
    /// @throws Trouble.Refused where the live table's merges were not held, so that no order is left
    public void settle() {
        var live = session.source();
        if (!live.foldsByOrder()) return;
        var wait = SHORTEST;
        for (int tries = 0; tries < TRIES; tries++) {
            long begun = System.nanoTime();
            if (!again(live)) return;
            var took = Duration.ofNanos(System.nanoTime() - begun);
            wait = shorter(longer(wait.multipliedBy(2), took), LONGEST);
            session.progress().note("rows that ran through the exchange are put into their order");
            session.control().sleep(wait.toMillis());
        }
        throw new Trouble.Failed("Rows that came into " + live.name()
                + " since the exchange keep coming after those that were said again: run resume again.");
    }

    /// NULLs in a key are equal.
    private static Map<String, String> read() {
        var all = new HashMap<>(Copier.READ);
        all.put("transform_null_in", "1");
        return Map.copyOf(all);
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /// The parts of the live table since the exchange, of partitions into which rows came late.
    ///
    /// @param late  those that were carried behind it
    /// @param came  those that it got by itself
    /// @param again those that were said once more
    private record Fresh(Set<String> late, Set<String> came, Set<String> again) {
        Set<String> all() {
            var out = new TreeSet<>(late);
            out.addAll(came);
            out.addAll(again);
            return out;
        }

        String late(String sql) {
            return "_part IN " + Sql.list(late) + sql;
        }

        String came(String sql) {
            return "_part IN " + Sql.list(came) + sql;
        }
    }

    /// The live table's parts as they are named now.
    private Fresh fresh(Table live) {
        var journal = session.journal().entries();
        var from = session.catalog().uuid(displaced).orElse("");
        var late = new TreeMap<String, Blocks>();
        var again = new TreeMap<String, Blocks>();
        for (var e : journal) {
            if (e.detail() instanceof Detail.Exchanging) {
                late.clear();
                again.clear();
            }
            if (e.detail() instanceof Detail.Attached a && a.between(from, live.uuid()))
                a.own().forEach((p, b) -> (again(a) ? again : late).merge(p, b, Blocks::plus));
        }
        if (late.isEmpty()) return new Fresh(Set.of(), Set.of(), Set.of());
        var parts = session.catalog().parts(live.name(), late.keySet());
        var marks = Marks.read(journal, live.uuid(), from);
        var came = marks.pending(live, parts, Long.MAX_VALUE);
        if (came.isEmpty()) return new Fresh(Set.of(), Set.of(), Set.of());
        if (!UnmergedParts.merged(
                        journal,
                        fromDisplaced(live).reversed(),
                        session.catalog().parts(live.name()))
                .isEmpty()) {
            mustBeTold(journal, live);
            return new Fresh(Set.of(), Set.of(), Set.of());
        }
        return new Fresh(
                Chunk.of(late).partNames(parts),
                Chunk.join(came).parts(),
                Chunk.of(again).partNames(parts));
    }

    /// @throws Trouble.Refused once
    private void mustBeTold(List<Entry> journal, Table live) {
        var told = journal.stream()
                .filter(e -> e.detail() instanceof Detail.Exchanging
                        || e.step().equals(UNTOLD) && e.detail() instanceof Detail.ByHand)
                .reduce((a, b) -> b);
        if (told.filter(e -> e.step().equals(UNTOLD)).isPresent()) return;
        var what = "Parts of " + live.name() + " were merged before all of " + displaced
                + " was carried, so which of two rows of a key came first can't be told. "
                + displaced + " and " + live.name() + " have every row: compare their keys, and INSERT into "
                + live.name() + " what is to be the last. Then run again: this is said once.";
        session.journal().append(UNTOLD, new Detail.ByHand(what));
        throw new Trouble.Refused(what);
    }

    /// Looks, and says again what is needed.
    ///
    /// @return false where all is in its order
    private boolean again(Table live) {
        var fresh = fresh(live);
        if (fresh.came().isEmpty() || stands(live, fresh) && none(live, fresh)) return false;
        var direction = fromDisplaced(live);
        var staging = session.rewrite()
                .staging(session.journal().runner() + "_" + session.statements().incrementAndGet());
        for (var sql : Ddl.identified(
                Ddl.staging(live, staging, live.keys()),
                staging,
                MadeTables.uuid(session.journal().runner(), staging)))
            session.server().execute(sql, session.queryId("staging"), Ddl.creating(live));
        var settings = new HashMap<>(READ);
        settings.putAll(Copier.copying(live));
        // what is read from here on came behind these: taken for one that was to take it, such a DELETE had the rows
        // dropped again each time, and neither a run nor a rollback came to its end
        long deletes = ended(live);
        // the table was made meanwhile, and the later the look the fewer rows come between it and the attach
        var now = fresh(live);
        for (var select : selects(live, now))
            session.server()
                    .execute(
                            "INSERT INTO " + staging.sql() + " (" + live.columnList() + ") " + select,
                            session.queryId("order"),
                            settings);
        var sum = Checksum.of(session.server()
                .query(
                        "SELECT " + Checksum.columns(live) + " FROM " + staging.sql(),
                        session.queryId("order"),
                        Copier.READ)
                .getFirst());
        session.control().fence();
        // a mutation gives parts other names, and then some were not read
        if (sum.rows() > 0 && stands(live, now))
            new Attachment(session, direction)
                    .attach(
                            new NewerRows.Sifted(staging, sum, sum, Map.of(), deletes),
                            Map.of(),
                            0,
                            List.of(),
                            Map.of());
        session.execute("drop-staging", Ddl.droppingThere(staging, false));
        return true;
    }

    /// The last of the live table's mutations up to which all have ended.
    private long ended(Table live) {
        return session.catalog().mutations(live.name()).stream()
                .sorted(Comparator.comparingLong(Mutation::number))
                .takeWhile(Mutation::done)
                .mapToLong(Mutation::number)
                .reduce(0, Math::max);
    }

    private boolean none(Table live, Fresh fresh) {
        return selects(live, fresh).stream()
                .allMatch(sql -> session.server()
                                .query("SELECT count() AS n FROM (" + sql + ")", session.queryId("order"), READ)
                                .getFirst()
                                .number("n")
                        == 0);
    }

    private boolean stands(Table live, Fresh fresh) {
        return session.catalog().parts(live.name()).stream()
                .map(Part::name)
                .collect(Collectors.toSet())
                .containsAll(fresh.all());
    }

    /// The SELECTs of what is to be said again; no rows where all is in its order.
    private static List<String> selects(Table live, Fresh fresh) {
        return live.coalescing() ? coalescing(live, fresh) : collapsing(live, fresh);
    }

    /// The last state that came by itself, or else the last that there is: cancelled and set where a state came last
    /// of all that came by itself, else set and cancelled. So the last state is that, and so is what stands last.
    private static List<String> collapsing(Table live, Fresh fresh) {
        var sign = TableName.quote(live.signColumn());
        var came = fresh.came(" AND " + sign + " = 1");
        var state = "if(countIf(" + came + ") > 0, argMaxIf(%1$s, " + ORDER + ", " + came + "), argMaxIf(%1$s, " + ORDER
                + ", " + sign + " = 1))";
        var last = "argMaxIf(" + sign + ", " + ORDER + ", " + fresh.came("") + ")";
        return List.of(-1, 1).stream()
                .map(first -> "SELECT "
                        + live.storedColumns().stream()
                                .map(c -> c.name().equals(live.signColumn()) ? "CAST(rekey_sign, 'Int8')" : c.sql())
                                .collect(Collectors.joining(", "))
                        + " FROM " + live.name().sql() + " ARRAY JOIN [" + first + ", " + -first
                        + "] AS rekey_sign WHERE " + of(fresh) + " AND tuple(_part, _part_offset) IN (SELECT "
                        + state.formatted("tuple(_part, _part_offset)") + " FROM " + lateKeys(live, fresh)
                        + " HAVING " + both(fresh) + " AND countIf(" + sign + " = 1) > 0 AND " + last + " = " + -first
                        + " AND (argMaxIf(" + hash(live) + ", " + ORDER + ", " + sign + " = 1) != "
                        + state.formatted(hash(live)) + " OR argMax(" + sign + ", " + ORDER + ") != " + last + "))")
                .toList();
    }

    /// All rows of such a key that came by themselves, in their order, where the last value of a column
    /// is not theirs.
    private static List<String> coalescing(Table live, Fresh fresh) {
        var other = live.storedColumns().stream()
                .filter(live::folded)
                .map(c -> {
                    var hash = Checksum.hash(List.of(Checksum.value(c)));
                    var there = "isNotNull(" + c.sql() + ")";
                    var came = fresh.came(" AND " + there);
                    return "countIf(" + came + ") > 0 AND argMaxIf(" + hash + ", " + ORDER + ", " + there
                            + ") != argMaxIf(" + hash + ", " + ORDER + ", " + came + ")";
                })
                .collect(Collectors.joining(" OR "));
        if (other.isEmpty()) return List.of();
        return List.of(
                "SELECT " + live.columnList() + " FROM " + live.name().sql() + " WHERE " + fresh.came("") + " AND "
                        + key(live) + " IN (SELECT " + key(live) + " FROM " + lateKeys(live, fresh) + " HAVING "
                        + both(fresh) + " AND (" + other + ")) ORDER BY _block_number, _part_offset");
    }

    private static String both(Fresh fresh) {
        return "countIf(" + fresh.late("") + ") > 0 AND countIf(" + fresh.came("") + ") > 0";
    }

    private static String of(Fresh fresh) {
        return "_part IN " + Sql.list(fresh.all());
    }

    /// By the table's own key first, so that little is read of each part.
    private static String lateKeys(Table live, Fresh fresh) {
        var key = KeyText.undirectedAll(live.keys().orderBy());
        return live.name().sql() + " WHERE " + of(fresh)
                + (key.isEmpty()
                        ? ""
                        : " AND tuple(" + key + ") IN (SELECT tuple(" + key + ") FROM "
                                + live.name().sql() + " WHERE " + fresh.late("") + ")")
                + " GROUP BY " + key(live);
    }

    private Direction fromDisplaced(Table live) {
        var table = session.catalog().table(displaced);
        return new Direction(table, live, Direction.behind(session, table));
    }

    private static String key(Table live) {
        var key = KeyText.undirectedAll(live.keys().orderBy());
        return "tuple(_partition_id" + (key.isEmpty() ? "" : ", " + key) + ")";
    }

    private static String hash(Table live) {
        return Checksum.hash(live.storedColumns().stream().map(Checksum::value).toList());
    }
}
