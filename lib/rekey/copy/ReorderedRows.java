package rekey.copy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.KeyText;
import rekey.model.Blocks;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.MadeTables;
import rekey.session.Session;

/// The order of rows that ran through an exchange, in a live table that folds rows by their order.
///
/// A writer whose INSERT ran through the EXCHANGE, and who sent the next when it was answered, has the older row in
/// the displaced table and the newer one in the live table. Carried, the older one stands last, and a
/// CollapsingMergeTree keeps it as the state of its key, a CoalescingMergeTree its values. None may stay out: then
/// the live table's sums would lack it.
///
/// So what came last by itself is said once more behind it: of a CollapsingMergeTree the last state of such a key,
/// cancelled and set again, which sums to nothing; of a CoalescingMergeTree the key's rows since the exchange, which
/// change nothing where they stood already. The live table's merges are held meanwhile, so each row still lies in
/// the part that it came in. These rows are rekey's own: they are counted in no comparison and not carried back.
///
/// Whether it is needed is told by the rows alone, so one who is killed in it, or before it, does what is left.
public record ReorderedRows(Session session, TableName displaced) {
    private static final int TRIES = 20;
    private static final String ORDER = "tuple(_block_number, _part_offset)";

    /// Whether a line tells of rows that were said once more: they are of no block of the table that was read.
    public static boolean again(Detail.Attached a) {
        return a.chunk().slices().isEmpty() && !a.own().isEmpty();
    }

    /// How many rows of a table were said once more.
    public static long rows(List<Entry> journal, String displaced, String live) {
        return Entry.all(journal, Detail.Attached.class)
                .filter(a -> again(a) && a.between(displaced, live))
                .mapToLong(a -> a.chunk().rows())
                .sum();
    }

    /// Says again what came last, of each key of which an older row stands behind it.
    public void settle() {
        var live = session.source();
        if (!live.foldsByOrder()) return;
        for (int tries = 0; tries < TRIES; tries++) {
            var needed = needed(live);
            if (needed.isEmpty()) return;
            attach(live, needed);
        }
        throw new Trouble.Failed("Rows that came into " + live.name()
                + " since the exchange keep coming behind those that were said again: run resume again.");
    }

    /// The SELECTs of what is to be said again; none where all is in its order.
    private List<String> needed(Table live) {
        var journal = session.journal().entries();
        var from = session.catalog().uuid(displaced).orElse("");
        var late = new TreeMap<String, Blocks>();
        var again = new TreeMap<String, Blocks>();
        for (var e : journal) {
            if (e.detail() instanceof Detail.Exchanging) late.clear();
            if (e.detail() instanceof Detail.Attached a && a.between(from, live.uuid()))
                a.own().forEach((p, b) -> (again(a) ? again : late).merge(p, b, Blocks::plus));
        }
        if (late.isEmpty()) return List.of();
        var parts = session.catalog().parts(live.name());
        var came = Marks.read(journal, live.uuid(), from).pending(live, parts, Long.MAX_VALUE);
        if (came.isEmpty()) return List.of();
        if (!UnmergedParts.merged(journal, fromDisplaced(live).reversed(), parts)
                .isEmpty())
            throw new Trouble.Refused("Parts of " + live.name() + " were merged before all of " + displaced
                    + " was carried, so which of two rows of a key came first can't be told. "
                    + displaced + " and " + live.name() + " have every row: compare their keys, and INSERT into "
                    + live.name() + " what is to be the last.");
        var own = Chunk.join(came).condition();
        var cond = live.coalescing()
                ? coalescing(live, own, Chunk.of(late).condition(), again)
                : collapsing(live, own, Chunk.of(late).condition());
        return cond.stream()
                .filter(sql -> session.server()
                                .query("SELECT count() AS n FROM (" + sql + ")", session.queryId("order"), Copier.READ)
                                .getFirst()
                                .number("n")
                        > 0)
                .toList();
    }

    /// The last state that came by itself, where another state stands behind it. Behind a cancellation it is said
    /// the other way round.
    private List<String> collapsing(Table live, String came, String late) {
        var sign = TableName.quote(live.signColumn());
        return List.of("[-1, 1]", "[1, -1]").stream()
                .map(pair -> "SELECT "
                        + live.storedColumns().stream()
                                .map(c -> c.name().equals(live.signColumn()) ? "CAST(rekey_sign, 'Int8')" : c.sql())
                                .collect(Collectors.joining(", "))
                        + " FROM " + live.name().sql() + " ARRAY JOIN " + pair
                        + " AS rekey_sign WHERE tuple(_part, _part_offset) IN (SELECT argMaxIf(tuple(_part,"
                        + " _part_offset), " + ORDER + ", " + came + " AND " + sign + " = 1) FROM "
                        + live.name().sql() + " WHERE " + key(live) + " IN (SELECT " + key(live) + " FROM "
                        + live.name().sql() + " WHERE " + late + ") GROUP BY " + key(live) + " HAVING countIf(" + came
                        + " AND " + sign + " = 1) > 0 AND argMaxIf(" + hash(live) + ", " + ORDER + ", " + sign
                        + " = 1) != argMaxIf(" + hash(live) + ", " + ORDER + ", " + came + " AND " + sign
                        + " = 1) AND argMaxIf(" + sign + ", " + ORDER + ", " + came + ") = "
                        + (pair.endsWith("-1]") ? "-1" : "1") + ")")
                .toList();
    }

    /// All rows of such a key that came by themselves, in their order.
    private List<String> coalescing(Table live, String came, String late, Map<String, Blocks> again) {
        var said = again.isEmpty() ? "0" : Chunk.of(again).condition();
        return List.of("SELECT " + live.columnList() + " FROM " + live.name().sql() + " WHERE " + came + " AND "
                + key(live) + " IN (SELECT " + key(live) + " FROM "
                + live.name().sql() + " WHERE " + key(live)
                + " IN (SELECT " + key(live) + " FROM " + live.name().sql() + " WHERE " + late + ") GROUP BY "
                + key(live) + " HAVING countIf(" + came + ") > 0 AND minIf(" + ORDER + ", " + came + ") < maxIf("
                + ORDER
                + ", " + late + " OR " + said + ") AND NOT (argMax(" + hash(live) + ", " + ORDER + ") = argMaxIf("
                + hash(live) + ", " + ORDER + ", " + came + ") AND maxIf(" + ORDER + ", " + said + ") > maxIf(" + ORDER
                + ", " + late + ")))");
    }

    private Direction fromDisplaced(Table live) {
        var table = session.catalog().table(displaced);
        return new Direction(table, live, Direction.behind(session, table));
    }

    private void attach(Table live, List<String> selects) {
        var direction = fromDisplaced(live);
        var staging = session.rewrite()
                .staging(session.journal().runner() + "_" + session.statements().incrementAndGet());
        for (var sql : Ddl.identified(
                Ddl.staging(live, staging, live.keys()),
                staging,
                MadeTables.uuid(session.journal().runner(), staging)))
            session.server().execute(sql, session.queryId("staging"), Ddl.creating(live));
        var settings = new HashMap<>(Copier.READ);
        settings.putAll(Copier.copying(live));
        for (var select : selects)
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
        new Attachment(session, direction)
                .attach(new NewerRows.Sifted(staging, sum, sum, Map.of(), 0), Map.of(), 0, List.of(), Map.of());
        session.execute("drop-staging", Copier.dropping(staging, true));
    }

    private static String key(Table live) {
        var key = KeyText.undirectedAll(live.keys().orderBy());
        return "tuple(_partition_id" + (key.isEmpty() ? "" : ", " + key) + ")";
    }

    private static String hash(Table live) {
        return Checksum.hash(live.storedColumns().stream().map(Checksum::value).toList());
    }
}
