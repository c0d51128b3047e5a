package rekey.copy;

import java.time.Instant;
import java.util.Map;
import rekey.clickhouse.Sql;
import rekey.model.Blocks;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Entry;
import rekey.session.Session;

/// What becomes of rows that were carried when their blocks vanish from the table that is read.
///
/// - All that was carried of a partition is gone, and both tables have the same partition key: someone dropped the
///   partition (retention by DROP PARTITION, REPLACE PARTITION). It is dropped in the other table too: that holds nothing
///   of this partition but what was carried.
/// - The table has a TTL that deletes rows: its merges drop parts that have expired. The other table has their rows until
///   it gets the TTL after the swap; comparisons leave out what has expired, so a part that was dropped for another reason
///   is found by them.
/// - Anything else, a DROP PART or a DETACH, can't be told by partition: the migration stops.
///
/// Numbers that are gone no longer count as carried, for after a restart the server may give them again (DESIGN: exactness 6d).
record Gone(Session session, Direction direction) {

    /// @param gone    blocks that were carried and are gone, by partition
    /// @param carried all that was carried, by partition
    /// @throws Trouble.Refused when it can't be told what the other table must lose
    void settle(Map<String, Blocks> gone, Map<String, Blocks> carried) {
        gone.forEach((partition, blocks) -> {
            if (blocks.equals(carried.get(partition)) && samePartitions() && !fillsLive()) drop(partition, blocks);
            else if (expires(direction.from()) || expires(direction.to())) journal(partition, blocks, Blocks.NONE, "expired");
            else throw stop(partition, blocks);
        });
    }

    private boolean samePartitions() {
        return direction.from().keys().partitionBy().equals(direction.to().keys().partitionBy()) && !direction.from().keys().partitionBy().isEmpty();
    }

    /// The live table has rows that came in by themselves.
    private boolean fillsLive() {
        return direction.to().name().equals(session.rewrite().source());
    }

    private static boolean expires(Table table) {
        return !Expiry.of(table, 0).condition().equals("1");
    }

    /// Killed before the line is written, it is done again: until then nothing new of the partition is carried.
    private void drop(String partition, Blocks blocks) {
        TableName to = direction.to().name();
        session.execute("drop-partition", "ALTER TABLE " + to.sql() + " DROP PARTITION ID " + Sql.text(partition) + " SETTINGS max_partition_size_to_drop = 0");
        var own = Marks.read(session.journal().entries(), direction.to().uuid(), direction.from().uuid()).carried().getOrDefault(partition, Blocks.NONE);
        journal(partition, blocks, own, "dropped");
    }

    private void journal(String partition, Blocks blocks, Blocks own, String why) {
        session.journal().append("round", Entry.Event.DROPPED, Map.of("from", direction.from().uuid(), "to", direction.to().uuid(), "why", why,
                "slices", Marks.encode(Map.of(partition, blocks)), "own", own.isEmpty() ? "" : Marks.encode(Map.of(partition, own))));
    }

    private Trouble stop(String partition, Blocks blocks) {
        return new Trouble.Refused("Blocks " + blocks + " of partition " + partition + " of " + direction.from().name()
                + " were carried and are gone from it: a part of it was dropped, detached or replaced there since (seen " + Instant.now()
                + "). Look with: SELECT * FROM system.part_log WHERE table = " + Sql.text(direction.from().name().table())
                + " AND event_type = 'RemovePart' ORDER BY event_time DESC; then roll back and begin anew.");
    }
}
