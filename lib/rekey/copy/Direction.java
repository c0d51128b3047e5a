package rekey.copy;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import rekey.model.Column;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Session;

/// From which table to which rows are carried, as the server has them now: forward from the source to the target, after
/// the EXCHANGE from the backup to the live table (what an INSERT that was running left there), on a rollback from the
/// live table to the backup. The journal knows both by UUID, for names are exchanged.
public record Direction(Table from, Table to) {

    public static Direction of(Session session, TableName from, TableName to) {
        var catalog = session.catalog();
        var direction = new Direction(catalog.table(from), catalog.table(to));
        var differing = Stream.of(only(direction.from, direction.to), only(direction.to, direction.from)).filter(s -> !s.isEmpty()).collect(Collectors.joining("; "));
        if (!differing.isEmpty()) throw new Trouble.Refused("The columns of " + from + " and " + to + " are no longer the same (" + differing + "). Nothing more was carried. "
                + (backup(session, from, to) ? session.rewrite().source() + " was altered since the swap: give " + session.rewrite().backup() + " the same columns by the same ALTER TABLE, then run again."
                : from + " was altered during the migration: roll back, and begin anew with the new columns."));
        return direction;
    }

    private static boolean backup(Session session, TableName from, TableName to) {
        return from.equals(session.rewrite().backup()) || to.equals(session.rewrite().backup());
    }

    /// Whether one of the two merges rows by its keys.
    public boolean collapses() {
        return from.collapses() || to.collapses();
    }

    /// The same tables under other names.
    public Direction named(TableName from, TableName to) {
        return new Direction(this.from.named(from), this.to.named(to));
    }

    /// The one that does, where one does.
    Table collapsing() {
        return from.collapses() ? from : to;
    }

    /// Whether rows of one partition of the one are of one partition of the other, under the same id.
    boolean samePartitions() {
        return from.keys().partitionBy().equals(to.keys().partitionBy());
    }

    /// What one has and the other has not, in a phrase.
    private static String only(Table one, Table other) {
        var there = other.storedColumns().stream().map(Direction::shape).toList();
        var only = one.storedColumns().stream().map(Direction::shape).filter(c -> !there.contains(c)).collect(Collectors.joining(", "));
        return only.isEmpty() ? "" : "only " + one.name() + " has " + only;
    }

    private static String shape(Column c) {
        return c.sql() + " " + c.type();
    }
}
