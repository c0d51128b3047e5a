package rekey.copy;

import rekey.model.Trouble;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.session.Session;

/// From which table to which rows are carried, as the server has them now: forward from the source to the target, after
/// the EXCHANGE from the backup to the live table (what an INSERT that was running left there), on a rollback from the
/// live table to the backup. The journal knows both by UUID, for names are exchanged.
public record Direction(Table from, Table to) {

    public static Direction of(Session session, TableName from, TableName to) {
        var catalog = session.catalog();
        var direction = new Direction(catalog.table(from), catalog.table(to));
        direction.sameColumns();
        return direction;
    }

    private void sameColumns() {
        if (!shape(from).equals(shape(to))) throw new Trouble.Refused("The columns of " + from.name() + " and " + to.name()
                + " are no longer the same: " + from.name() + " was altered during the migration. Roll back, and begin anew with the new columns.");
    }

    private static java.util.List<String> shape(Table t) {
        return t.storedColumns().stream().map(c -> c.name() + " " + c.type()).sorted().toList();
    }
}
