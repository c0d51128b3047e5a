package rekey.copy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.model.Blocks;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;

/// Tells parts that somebody dropped from parts that are merely missing: detached, put aside by the
/// server because it could not read them, on a broken disk, or gone with a server that went down. Of
/// missing parts the other table has the only copy, and nobody may drop it.
record LostParts(Session session, Direction direction) {
    private static final int NO_SUCH_COLUMN = 47;

    /// @throws Trouble.Refused where blocks that are gone lie aside, or may lie on a disk that can't be read
    void mustNotBeAside(Map<String, Blocks> gone) {
        for (var part : session.catalog().aside(direction.from().name()))
            if (gone.containsKey(part.partition())
                    && !part.blocks().intersect(gone.get(part.partition())).isEmpty())
                throw part.broken() ? broken(part) : detached(part.partition());
        var disks =
                session.server().query("""
                    SELECT d.name AS disk FROM system.disks AS d WHERE d.is_broken AND d.name IN (SELECT
                      arrayJoin(disks) FROM system.storage_policies WHERE policy_name = %s)\
                    """.formatted(Sql.text(direction.from().storagePolicy())));
        if (!disks.isEmpty())
            throw new Trouble.Refused(
                    "Parts of " + direction.from().name() + " that were carried are gone from it (partition "
                            + gone.keySet().iterator().next() + "), and its disk "
                            + disks.getFirst().string("disk") + " is broken: they may lie there. " + kept()
                            + " Bring the disk back, then run again.");
    }

    /// Asked before a partition is dropped in the other table too. A part that was dropped is known to the server
    /// for a while, and to its part_log for longer; and as long as the server has not been started anew
    /// it has lost none.
    ///
    /// @throws Trouble.Refused where it can't be told
    void mustHaveBeenDropped(String partition, Blocks blocks) {
        long started = session.server()
                .one("SELECT toUnixTimestamp(now()) - uptime() AS started")
                .number("started");
        if (session.journal().entries(this::showsAll).stream().anyMatch(e -> begun(e).getEpochSecond() > started)
                || blocks.minus(removed(partition, started)).isEmpty()) return;
        var from = direction.from().name();
        throw new Trouble.Refused("Partition " + partition + " of " + from
                + " was carried and is gone from it, and the server was started anew since: whether somebody dropped"
                + " it or the server lost it can't be told. "
                + kept() + " If it was dropped on purpose run ALTER TABLE "
                + direction.to().name().sql() + " DROP PARTITION ID " + Sql.text(partition)
                + " SETTINGS max_partition_size_to_drop = 0; if not, put it back before: " + putBack(partition)
                + "; then run again.");
    }

    /// Whether all that was carried was there when this was begun: a round looks first, and before a swap both
    /// tables are compared in the server's same life. No single attach shows it, which may be one from before a
    /// restart that was only settled now.
    private boolean showsAll(Entry e) {
        return switch (e.detail()) {
            case Detail.Round r ->
                r.between(direction.from().uuid(), direction.to().uuid());
            case Detail.Exchanging x ->
                x.target().equals(Optional.of(direction.from().uuid()));
            default -> false;
        };
    }

    private static Instant begun(Entry e) {
        return e.detail() instanceof Detail.Round r ? e.at().minus(r.took()) : e.at();
    }

    /// Blocks of parts that the server has known since it was started, and has dropped.
    private Blocks removed(String partition, long started) {
        var from = direction.from();
        var inactive = session.server()
                .query("SELECT min_block_number AS a, max_block_number AS b FROM system.parts WHERE NOT active AND"
                        + " database = "
                        + Sql.text(from.name().database()) + " AND table = "
                        + Sql.text(from.name().table()) + " AND partition_id = " + Sql.text(partition));
        var all = Blocks.NONE;
        for (var r : inactive) all = all.plus(Blocks.of(r.number("a"), r.number("b")));
        flush();
        try {
            for (var r : session.server().query("""
                SELECT toInt64OrZero(splitByChar('_', part_name)[2]) AS a, toInt64OrZero(splitByChar('_',
                  part_name)[3]) AS b FROM system.part_log
                WHERE event_type = 'RemovePart' AND partition_id = %s AND toString(table_uuid) = %s AND event_time
                  > fromUnixTimestamp(%d)\
                """.formatted(Sql.text(partition), Sql.text(from.uuid()), started)))
                all = all.plus(Blocks.of(r.number("a"), r.number("b")));
        } catch (ServerError e) {
            if (!List.of(ServerError.UNKNOWN_TABLE, ServerError.ACCESS_DENIED, NO_SUCH_COLUMN)
                    .contains(e.code())) throw e; // this server keeps no such log, or not for this user
        }
        return all;
    }

    /// The log is written seconds late: a part that was dropped a moment before, and is forgotten, was in neither.
    private void flush() {
        try {
            session.execute("flush-log", "SYSTEM FLUSH LOGS part_log");
        } catch (ServerError e) {
            session.progress().note("the part log can't be flushed: " + e.getMessage()); // then it tells what it has
        }
    }

    private Trouble broken(Catalog.Aside part) {
        var from = direction.from().name();
        return new Trouble.Refused("The server put a part of " + from + " aside as broken (" + part.name()
                + "), whose rows had been carried. " + kept()
                + " Where all of partition " + part.partition() + " is gone put it back: " + putBack(part.partition())
                + "; and then ALTER TABLE " + direction.to().name().sql() + " DROP PARTITION ID "
                + Sql.text(part.partition())
                + " SETTINGS max_partition_size_to_drop = 0, for rekey copies it anew. Where only some parts are"
                + " gone, INSERT the missing rows into " + from + " and DELETE them from "
                + direction.to().name() + ". Then ALTER TABLE " + from.sql() + " DROP DETACHED PART "
                + Sql.text(part.name()) + " SETTINGS allow_drop_detached = 1, and run again.");
    }

    private Trouble detached(String partition) {
        var table = direction.from().name().sql();
        return new Trouble.Refused(
                "Partition " + partition + " of " + direction.from().name()
                        + ", or parts of it, were detached since they were carried: whether they come back is not"
                        + " known. Nothing more was carried."
                        + " Attach"
                        + " them"
                        + " again"
                        + " (ALTER"
                        + " TABLE"
                        + " " + table + " ATTACH PARTITION ID " + Sql.text(partition)
                        + "), or drop them for good (ALTER TABLE " + table
                        + " DROP DETACHED PARTITION ID " + Sql.text(partition)
                        + " SETTINGS allow_drop_detached = 1), then run again.");
    }

    private String kept() {
        return "Nothing more was carried, and nothing dropped: "
                + direction.to().name() + " still has the rows.";
    }

    /// Without firing a view, and with what is stored as it is stored. Where it merges aside it must give no numbers
    /// that stay.
    private String putBack(String partition) {
        var from = direction.from();
        var aside = ForeignBlockNumbers.aside(from.name());
        return ForeignBlockNumbers.filling(from, aside) + direction.to().name().sql() + " WHERE _partition_id = "
                + Sql.text(partition) + "; ALTER TABLE " + from.name().sql() + " ATTACH PARTITION ID "
                + Sql.text(partition) + " FROM " + aside + "; DROP TABLE " + aside;
    }
}
