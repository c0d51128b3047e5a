package rekey.copy;

import java.util.stream.Collectors;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Sql;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Session;

/// Rows whose block numbers are not their part's. They were merged, and then detached and attached
/// again, or came from a table with numbers of its own. Such rows can't be carried or compared by their
/// numbers: a number above all that the table has given counts as not there yet.
public record ForeignBlockNumbers(Session session, TableName from) {
    /// A part's name has its lowest and highest block, so it does not matter what merges meanwhile.
    private static final String OUTSIDE =
            "min(_block_number) < toUInt64(splitByChar('_', toString(_part))[2]) OR max(_block_number) >"
                    + " toUInt64(splitByChar('_', toString(_part))[3])";

    /// @throws Trouble.Refused where a partition has such rows
    void refuse(String partition) {
        where("_partition_id = " + Sql.text(partition));
    }

    /// @throws Trouble.Refused where the table has such rows anywhere
    public void refuse() {
        where("1");
    }

    private void where(String where) {
        var parts = session.server()
                .query(
                        "SELECT toString(_part) AS rekey_part, any(_partition_id) AS rekey_partition FROM " + from.sql()
                                + " WHERE " + where + " GROUP BY _part HAVING " + OUTSIDE
                                + " ORDER BY rekey_partition, rekey_part",
                        session.queryId("count"),
                        Copier.READ);
        if (parts.isEmpty()) return;
        var partition = parts.getFirst().string("rekey_partition");
        var foreign = parts.stream()
                .filter(r -> r.string("rekey_partition").equals(partition))
                .map(r -> r.string("rekey_part"))
                .toList();
        var aside = aside(from);
        // neither fires a view nor touches a row that comes meanwhile
        throw new Trouble.Refused("Partition " + partition + " of " + from
                + " has parts whose rows have foreign block numbers: they were detached and attached again, or came"
                + " from another table. Nothing more was carried. Give the rows numbers of their own: SYSTEM STOP"
                + " MERGES " + from.sql() + "; "
                + filling(session.catalog().table(from), aside) + from.sql() + " WHERE _part IN "
                + Sql.list(foreign) + "; "
                + foreign.stream()
                        .map(p -> "ALTER TABLE " + from.sql() + " DROP PART " + Sql.text(p) + "; ")
                        .collect(Collectors.joining())
                + "ALTER TABLE " + from.sql() + " ATTACH PARTITION ID "
                + Sql.text(partition) + " FROM " + aside + "; DROP TABLE " + aside + "; SYSTEM START MERGES "
                + from.sql() + "; then run again.");
    }

    static String aside(TableName table) {
        return table.sibling(table.table() + "_aside").sql();
    }

    /// The statements that make a table like another and fill it, up to the name of the table that its rows are
    /// taken from. What is stored stays as it is stored, and is not computed anew; and what the table merges gets
    /// no numbers that the rows would keep.
    static String filling(Table like, String aside) {
        return "CREATE TABLE " + aside + " AS " + like.name().sql() + "; ALTER TABLE " + aside + " MODIFY SETTING "
                + Ddl.BLOCK_NUMBERS + " = 0; INSERT INTO " + aside + " (" + like.columnList()
                + ") SETTINGS insert_allow_materialized_columns = 1, insert_deduplicate = 0 SELECT " + like.columnList()
                + " FROM ";
    }
}
