package rekey.clickhouse;

import rekey.model.Table;
import rekey.model.Trouble;

/// A sample of a table on which keys are tried: of the largest partition, all rows of some values of the old key's
/// first columns, so that these lie as densely as in the table. The rest of the table may be otherwise.
public final class KeyTrialSample {
    /// The largest group of rows that are in the sample together is no more than one in so many of it.
    private static final int GROUPS = 20;

    private KeyTrialSample() {}

    /// The SELECT of about so many rows.
    ///
    /// @throws Trouble.Refused where the table has none
    public static String select(ClickHouse server, Table source, String names, long most) {
        var largest =
                server.query("SELECT partition_id AS p, sum(rows) AS n FROM system.parts WHERE active AND database = "
                        + Sql.text(source.name().database()) + " AND table = "
                        + Sql.text(source.name().table()) + " GROUP BY p ORDER BY n DESC LIMIT 1");
        if (largest.isEmpty())
            throw new Trouble.Refused(source.name() + " has no rows, so there is nothing to try new keys on.");
        var partition = " WHERE _partition_id = " + Sql.text(largest.getFirst().string("p"));
        long share = Math.max(1, largest.getFirst().number("n") / most);
        return "SELECT " + names + " FROM " + source.name().sql() + partition
                + (share == 1
                        ? ""
                        : " AND cityHash64(" + grouping(server, source, partition, most) + ") % " + share + " = 0")
                + " LIMIT " + 2 * most;
    }

    /// As few of the old key's first columns as make groups small enough that no single one decides what the sample
    /// is like.
    private static String grouping(ClickHouse server, Table source, String partition, long most) {
        var keys = KeyText.expressions(source.keys().orderBy());
        for (int n = 1; n < keys.size(); n++) {
            var columns = String.join(", ", keys.subList(0, n));
            var largest = server.one(
                    "SELECT toInt64(top[1].2) - toInt64(top[1].3) AS n FROM (SELECT approx_top_k(1, 1000)(tuple("
                            + columns + ")) AS top FROM " + source.name().sql() + partition + ")");
            if (largest.number("n") <= most / GROUPS) return columns;
        }
        return keys.isEmpty() ? "rowNumberInAllBlocks()" : String.join(", ", keys);
    }
}
