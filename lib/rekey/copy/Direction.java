package rekey.copy;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import rekey.clickhouse.HostsInParallel;
import rekey.model.Column;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Original;
import rekey.session.Session;

/// The table that rows are carried from, the table that they are carried to, both as the server has them
/// now, and the way between the two. The journal knows both by UUID, for names are exchanged.
public record Direction(Table from, Table to, Way way) {

    /// Between the live table and another one, both read from the server.
    ///
    /// @throws Trouble.Refused where their columns are no longer the same
    public static Direction of(Session session, Way way, TableName other) {
        var direction = between(session, way, other);
        direction.mustHaveSameColumns(session);
        return direction;
    }

    /// The same whatever their columns are.
    public static Direction between(Session session, Way way, TableName other) {
        var both = HostsInParallel.each(List.of(session.rewrite().source(), other), session.catalog()::table);
        Table live = both.getFirst(), counterpart = both.getLast();
        return way.intoLive() ? new Direction(counterpart, live, way) : new Direction(live, counterpart, way);
    }

    /// From a displaced table into the live one: that is the old table or the target, whichever was live last.
    public static Way behind(Session session, Table displaced) {
        return displaced.uuid().equals(Original.of(session).uuid()) ? Way.BEHIND_SWAP : Way.BEHIND_SWAP_BACK;
    }

    private void mustHaveSameColumns(Session session) {
        var differing = Stream.of(only(from, to), only(to, from))
                .filter(s -> !s.isEmpty())
                .collect(Collectors.joining("; "));
        if (!differing.isEmpty())
            throw new Trouble.Refused("The columns of " + from.name() + " and " + to.name()
                    + " are no longer the same (" + differing + "). Nothing more was carried. "
                    + (way == Way.BACK || way == Way.BEHIND_SWAP
                            ? session.rewrite().source() + " was altered since the swap: give "
                                    + session.rewrite().backup()
                                    + " the same columns by the same ALTER TABLE, then run again."
                            : from.name()
                                    + " was altered during the migration: roll back, and begin anew with the"
                                    + " new columns."));
    }

    /// Whether the live table is the one that is filled.
    public boolean intoLive() {
        return way.intoLive();
    }

    /// Between the same two tables, the other way.
    public Direction reversed() {
        return new Direction(to, from, way.reversed());
    }

    /// Whether one of the two merges rows by its keys.
    public boolean collapses() {
        return from.collapses() || to.collapses();
    }

    /// Whether one of the two keeps one row a key, so that only that row can be compared. A table that folds rows is
    /// copied with its merges held, and compared row by row.
    public boolean replaces() {
        return from.replacing() || to.replacing();
    }

    /// Whether merges of either fold rows: the two have the same engine then.
    public boolean folds() {
        return from.folds() || to.folds();
    }

    /// The table that merges rows by its keys, where one does.
    public Table collapsing() {
        return from.collapses() ? from : to;
    }

    /// Whether rows of one partition of the one are of one partition of the other, under the same id.
    public boolean samePartitions() {
        return from.keys().partitionBy().equals(to.keys().partitionBy());
    }

    /// Whether the order of insertion has to be made anew from the numbers of the blocks: on the way back into a
    /// table that keeps the last row of a key. Rows that are one there may lie in several partitions of the newer
    /// table, or by another column within one part. As they lay there the older of two stood last: after a rollback
    /// that had found no difference FINAL showed it.
    public boolean reorders() {
        return (way == Way.BACK || way == Way.BEHIND_SWAP_BACK)
                && to.replacing()
                && (!from.replicated() || samePartitions())
                && !(samePartitions() && from.keys().orderBy().equals(to.keys().orderBy()));
    }

    /// What one has and the other has not, in a phrase.
    private static String only(Table one, Table other) {
        var there = other.storedColumns().stream().map(Direction::shape).toList();
        var only = one.storedColumns().stream()
                .map(Direction::shape)
                .filter(c -> !there.contains(c))
                .collect(Collectors.joining(", "));
        return only.isEmpty() ? "" : "only " + one.name() + " has " + only;
    }

    private static String shape(Column c) {
        return c.sql() + " " + c.type();
    }
}
