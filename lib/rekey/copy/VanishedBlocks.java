package rekey.copy;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import rekey.clickhouse.MisplacedPartitions;
import rekey.clickhouse.Row;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.model.Blocks;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;

/// What becomes of rows that were carried when their blocks vanish from the table that is read.
///
/// - All that was carried of a partition is gone, and both tables have the same partition key and the same rows
///   under it: someone dropped the partition (retention by DROP PARTITION, REPLACE PARTITION). It is dropped in the
///   other table too: that holds nothing of this partition but what was carried.
/// - The table has a TTL that deletes rows: its merges drop parts that have expired. The other table has their rows
///   until it gets the TTL after the swap; comparisons leave out what has expired. So a part counts as expired where
///   the server still knows that all its rows had, or where what it was carried with has no other rows on both
///   sides, and else all rows are compared: a part that somebody dropped
///   behind the comparison was once taken for expired, and its rows came back with the swap.
/// - A DELETE that left nothing of a part: the server drops an empty part, and its numbers with it. The DELETE was
///   made on the other table too, so the two compare equal, and nothing is to be done.
/// - Anything else, a DROP PART or a DETACH, can't be told by partition: the migration stops. What lies aside was
///   not dropped, and what the server has lost was not either: see [LostParts].
/// - Into the live table a displaced one is emptied, and what becomes of that is nobody's loss. In the moment of the
///   EXCHANGE a partition may have been dropped or replaced there that was meant for the live table: then a person
///   is told, once.
///
/// Numbers that are gone no longer count as carried, for after a restart the server may give them again (rule 3.4).
///
/// @param equal whether the two tables hold the same of what was carried between them; empty where there is no time
///              to ask
public record VanishedBlocks(Session session, Direction direction, Optional<Predicate<Direction>> equal) {
    /// So many seconds before an exchange a DELETE may have been made that runs through it.
    private static final long LONGEST = 3600;
    /// So many rows are read where there is no time.
    private static final long SOON = 1_000_000;

    /// @param gone    blocks that were carried and are gone, by partition
    /// @param carried all that was carried, by partition
    /// @param active  all that is there, by partition
    /// @throws Trouble.Refused when it can't be told what the other table must lose
    /// @throws Trouble.PutOff  when it can be told and there is no time for it now
    void settle(Map<String, Blocks> gone, Map<String, Blocks> carried, Map<String, Blocks> active) {
        if (fillsLive()) {
            var whole = gone.keySet().stream()
                    .filter(p -> gone.get(p).equals(carried.get(p)) && (active.containsKey(p) || isExchanging()))
                    .filter(p -> !isDeleted(p, gone.get(p)))
                    .toList();
            // told first: killed in between, a person is told twice, and not never
            var told = whole.isEmpty() ? Optional.<Trouble>empty() : Optional.of(refusedOnce(whole));
            gone.forEach((partition, blocks) -> journal(partition, blocks, Blocks.NONE, "displaced"));
            if (told.isPresent()) throw told.get();
            return;
        }
        var lost = new LostParts(session, direction);
        lost.mustNotBeAside(gone);
        var untold = new TreeMap<String, Blocks>();
        gone.forEach((partition, blocks) -> {
            if (blocks.equals(carried.get(partition)) && samePartitions() && !misplaced())
                drop(lost, partition, blocks);
            else if (expires(direction.from()) && (hasExpired(partition, blocks) || haveNothingElse(partition, blocks)))
                journal(partition, blocks, Blocks.NONE, "expired");
            else untold.put(partition, blocks);
        });
        if (untold.isEmpty()) return;
        if (equal.isEmpty())
            throw putOff("Parts of " + direction.from().name()
                    + " that were carried are gone from it in this moment (partition " + untold.firstKey() + ")");
        if (!equal.get().test(direction))
            throw stop(untold.firstKey(), untold.firstEntry().getValue());
        untold.forEach((partition, blocks) -> journal(partition, blocks, Blocks.NONE, "emptied"));
    }

    /// The live table's owner, or its merges, took them: where the server lost them the other table has the only
    /// copy.
    ///
    /// @throws Trouble.Refused where it can't be told
    void mustNotBeLost(Map<String, Blocks> gone) {
        var lost = new LostParts(session, direction);
        lost.mustNotBeAside(gone);
        gone.forEach(lost::mustHaveBeenDropped);
    }

    private boolean samePartitions() {
        return direction.samePartitions()
                && !direction.from().keys().partitionBy().isEmpty();
    }

    /// Of a table that was created in another time zone the dropped partition's rows are in two of the other
    /// table's, beside rows that are still there. Such chunks became blocks of a partition that they did not come
    /// from; of those that took several at one go only the tables tell.
    private boolean misplaced() {
        String from = direction.from().uuid(), to = direction.to().uuid();
        if (!session.journal()
                .entries(e -> e.detail() instanceof Detail.Attached a
                        && (a.between(from, to) || a.between(to, from))
                        && !a.chunk().slices().keySet().containsAll(a.own().keySet()))
                .isEmpty()) return true;
        var suspects = Stream.of(direction.from(), direction.to())
                .map(table -> new MisplacedPartitions(session.server(), table))
                .filter(MisplacedPartitions::suspected)
                .toList();
        if (!suspects.isEmpty() && equal.isEmpty())
            throw putOff(
                    "Partitions of " + direction.from().name() + " that were carried are gone from it in this moment");
        return suspects.stream().anyMatch(m -> m.found(session.queryId("count"), Copier.READ));
    }

    /// By the key's own expression the server goes by the partitions' values, and passes over the very rows that lie
    /// in another one: by `toYYYYMM(at) = 202602` a DELETE took March's first hours and left February's
    /// (ran on 26.7).
    private String hidden() {
        return " Of " + direction.to().name()
                + " they are not one partition, for one of the two tables was partitioned in another time zone: name"
                + " the server's time zone in a DELETE by them, as in toYYYYMM(at, serverTimeZone()), or it goes by"
                + " the partitions.";
    }

    private Trouble putOff(String why) {
        return new Trouble.PutOff(why
                + ", so nothing was swapped. What became of them is looked at by backfill, or by migrate or"
                + " rollback, which do it all.");
    }

    /// The live table has rows that came in by themselves.
    private boolean fillsLive() {
        return direction.intoLive();
    }

    /// Whether the last EXCHANGE has not come to its end: what writes by the name that the table had may still do
    /// so.
    private boolean isExchanging() {
        return session.journal()
                .last(e -> e.detail() instanceof Detail.Exchanging || e.detail() instanceof Detail.Exchanged)
                .filter(e -> e.detail() instanceof Detail.Exchanging)
                .isPresent();
    }

    private Trouble refusedOnce(List<String> partitions) {
        var live = direction.to().name();
        var what =
                "Somebody dropped or replaced partitions of " + direction.from().name() + ", which is no longer live: "
                        + String.join(", ", partitions) + ". If they meant " + live
                        + ", do the same there: it still has the old"
                        + " rows, and gets the new ones beside them.";
        session.journal().append("", new Detail.ByHand(what));
        return new Trouble.Refused(what + " Then run again: this message comes once.");
    }

    /// Whether a DELETE that ran through the EXCHANGE has emptied a partition of the displaced table. It is made on
    /// the live one too, so nothing is left of it there that was carried. Where that can't be shown a person is
    /// told: any other DELETE of that hour would hide that somebody dropped the partition.
    private boolean isDeleted(String partition, Blocks gone) {
        long swapped = session.journal()
                .last(e -> e.detail() instanceof Detail.Exchanging)
                .map(e -> e.at().getEpochSecond() - LONGEST)
                .orElse(0L);
        var conditions = OpenDeletes.conditions(
                session.catalog().mutations(direction.from().name()).stream()
                        .filter(m -> m.done() && m.second() >= swapped && m.reaches(partition, gone.max()))
                        .toList());
        if (conditions.isEmpty()) return false;
        var own = own(partition);
        if (!samePartitions() || direction.folds() || own.isEmpty()) return false;
        return read("SELECT count() AS rekey_rows FROM " + direction.to().name().sql() + " WHERE _partition_id = "
                        + Sql.text(partition) + " AND " + own.condition("_block_number") + " AND "
                        + OpenDeletes.spared(conditions))
                .filter(r -> r.getFirst().number("rekey_rows") == 0)
                .isPresent();
    }

    /// By what the server keeps of a part for some minutes behind its end.
    private boolean hasExpired(String partition, Blocks blocks) {
        var from = direction.from().name();
        var expired = Blocks.NONE;
        for (var r : session.server()
                .query("SELECT min_block_number AS a, max_block_number AS b FROM system.parts WHERE NOT active AND"
                        + " database = " + Sql.text(from.database()) + " AND table = " + Sql.text(from.table())
                        + " AND partition_id = " + Sql.text(partition)
                        + " AND delete_ttl_info_max > toDateTime(0) AND delete_ttl_info_max <= now()"))
            expired = expired.plus(Blocks.of(r.number("a"), r.number("b")));
        return blocks.minus(expired).isEmpty();
    }

    /// Whether the chunks that the blocks came in have the same rows on both sides but for expired ones. The
    /// server forgets a part after eight minutes, and the whole of both tables was compared for each that had
    /// expired since the round before: of a large table hours, in which the next one expired.
    private boolean haveNothingElse(String partition, Blocks blocks) {
        if (direction.folds() || !BlockNumbers.enabled(direction.to())) return false;
        Map<String, Blocks> came = new TreeMap<>(), own = new TreeMap<>();
        long rows = 0;
        for (var a : Entry.all(session.journal().entries(), Detail.Attached.class)
                .filter(a -> a.between(direction.from().uuid(), direction.to().uuid()))
                .filter(a -> !a.chunk()
                        .slices()
                        .getOrDefault(partition, Blocks.NONE)
                        .intersect(blocks)
                        .isEmpty())
                .toList()) {
            rows += a.chunk().rows();
            a.chunk().slices().forEach((p, b) -> came.merge(p, b, Blocks::plus));
            a.own().forEach((p, b) -> own.merge(p, b, Blocks::plus));
        }
        if (own.isEmpty() || equal.isEmpty() && rows > SOON) return false;
        var expiry = Expiry.ofStatement(direction.from());
        return read(unexpired(expiry, direction.from(), came) + " UNION ALL " + unexpired(expiry, direction.to(), own))
                .filter(sides -> Checksum.of(sides.getFirst()).equals(Checksum.of(sides.getLast())))
                .isPresent();
    }

    /// Empty where there is no time, and it takes some.
    private Optional<List<Row>> read(String sql) {
        var settings = new HashMap<>(Copier.READ);
        if (equal.isEmpty()) settings.putAll(Map.of("max_execution_time", "1", "timeout_overflow_mode", "throw"));
        try {
            return Optional.of(session.server().query(sql, session.queryId("count"), settings));
        } catch (ServerError e) {
            if (e.code() != ServerError.TIMEOUT) throw e;
            return Optional.empty();
        }
    }

    private String unexpired(Expiry expiry, Table table, Map<String, Blocks> of) {
        var values =
                direction.from().storedColumns().stream().map(expiry::value).toList();
        return "SELECT " + Checksum.columns(Checksum.hash(values)) + " FROM "
                + table.name().sql() + " WHERE " + Chunk.of(of).condition() + " AND " + expiry.condition();
    }

    private static boolean expires(Table table) {
        return !Expiry.of(table, 0).condition().equals("1");
    }

    /// Killed before the line is written, it is done again: until then nothing new of the partition is carried.
    private void drop(LostParts lost, String partition, Blocks blocks) {
        TableName to = direction.to().name();
        new ForeignBlockNumbers(session, direction.from().name()).refuse(partition);
        new Peers(session).awaitFetched(to); // what another host has acknowledged would be dropped with it
        boolean there =
                session.catalog().parts(to).stream().anyMatch(p -> p.partition().equals(partition));
        if (there) lost.mustHaveBeenDropped(partition, blocks);
        if (there) session.execute("drop-partition", dropping(to, partition));
        journal(partition, blocks, own(partition), "dropped");
    }

    /// Blocks of the table that is filled which came from the other one.
    private Blocks own(String partition) {
        return Marks.read(
                        session.journal().entries(),
                        direction.to().uuid(),
                        direction.from().uuid())
                .carried()
                .getOrDefault(partition, Blocks.NONE);
    }

    public static String dropping(TableName to, String partition) {
        return "ALTER TABLE " + to.sql() + " DROP PARTITION ID " + Sql.text(partition)
                + " SETTINGS max_partition_size_to_drop = 0";
    }

    private void journal(String partition, Blocks blocks, Blocks own, String why) {
        session.journal()
                .append(
                        "round",
                        new Detail.Dropped(
                                direction.from().uuid(),
                                direction.to().uuid(),
                                why,
                                Map.of(partition, blocks),
                                own.isEmpty() ? Map.of() : Map.of(partition, own)));
    }

    private Trouble stop(String partition, Blocks blocks) {
        return new Trouble.Refused("Blocks " + blocks + " of partition " + partition + " of "
                + direction.from().name()
                + " were carried and are gone from it: a part of it was dropped, detached or replaced there since"
                + " (seen "
                + Instant.now()
                + "). Look with: SELECT * FROM system.part_log WHERE table = "
                + Sql.text(direction.from().name().table())
                + " AND event_type = 'RemovePart' ORDER BY event_time DESC; then "
                + (direction.way() == Way.BACK
                        ? "take the same rows from " + direction.to().name()
                                + " by a DELETE, and roll back again: where both tables hold the same it goes on."
                        : "roll back and begin anew.")
                + (samePartitions() && misplaced() ? hidden() : ""));
    }
}
