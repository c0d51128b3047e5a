package rekey.maintainer.fault;

import java.util.ArrayList;
import java.util.List;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.copy.MergeHold;
import rekey.ingestion.Gate;
import rekey.model.Rewrite;
import rekey.model.TableName;

/// What a case that has ended must not leave behind on a server.
final class Leftovers {
    private Leftovers() {}

    /// @param last   the command that came last
    /// @param others tables of somebody else, under names like rekey's own
    static List<String> of(ClickHouse server, Rewrite rewrite, String last, List<TableName> others) {
        boolean newKeys = !last.equals("rollback"), backup = newKeys && !last.equals("finalize");
        var catalog = new Catalog(server);
        var left = new ArrayList<String>();
        if (!new Gate(server, rewrite).standing().isEmpty()) left.add("a gate");
        var made = new ArrayList<>(
                catalog.tablesLike(rewrite.source().database(), rewrite.target().table()));
        made.removeAll(others);
        if (!made.isEmpty()) left.add(made.toString());
        var table = catalog.table(rewrite.source());
        if (MergeHold.held(table)) left.add("held merges");
        if (catalog.exists(rewrite.backup()) != backup)
            left.add((backup ? "no backup after " : "a backup after ") + last);
        var key = table.keys().orderBy();
        if (key.contains("cityHash64(distinct_id)") != newKeys) left.add("the keys " + key);
        return left;
    }
}
