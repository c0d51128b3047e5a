package rekey.step;

import java.util.List;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Entry;
import rekey.session.Session;

/// Detached parts of a table lie in the table's own folder, and go with it when the table is dropped.
/// They were never carried, so that is their only copy. A part that the server has put aside as broken
/// may be the only copy, too.
final class DetachedRows {
    private DetachedRows() {}

    /// Asked before a table is dropped that was live at some time.
    ///
    /// @throws Trouble.Refused when parts of it are detached
    static void refuse(Session s, TableName table) {
        // in each host's own folder: a host that was made anew has none of them
        for (var host : s.hosts())
            refuse(
                    s,
                    table,
                    s.catalog(host).aside(table),
                    s.peers().isEmpty() ? "" : " on host " + host.endpoint().host());
    }

    private static void refuse(Session s, TableName table, List<Catalog.Aside> aside, String where) {
        // before a swap a broken part of the target is a copy, and its rows are in the source
        boolean live = s.journal().last(e -> e.is("swap", Entry.Event.INTENT)).isPresent();
        aside.stream().filter(part -> live && part.broken()).findFirst().ifPresent(part -> {
            throw new Trouble.Refused(table + " is not dropped: the server detached part " + part.name()
                    + " as broken" + where
                    + ", and its rows may be nowhere else. Look which are missing; when it may go run"
                    + " ALTER TABLE "
                    + table.sql() + " DROP DETACHED PART " + Sql.text(part.name())
                    + " SETTINGS allow_drop_detached = 1; then run again.");
        });
        var partitions = aside.stream()
                .filter(part -> !part.broken())
                .map(Catalog.Aside::partition)
                .distinct()
                .toList();
        if (partitions.isEmpty()) return;
        var first = " PARTITION ID " + Sql.text(partitions.getFirst());
        throw new Trouble.Refused(table + " is not dropped: "
                + (partitions.size() == 1
                        ? "parts of one partition are"
                        : "parts of " + partitions.size() + " partitions are")
                + " detached and lie in its folder ("
                + String.join(", ", partitions.subList(0, Math.min(3, partitions.size())))
                + (partitions.size() > 3 ? ", ..." : "")
                + ")" + where + ", and no other table has them. To keep them run ALTER TABLE " + table.sql()
                + " ATTACH" + first + ", and INSERT their rows into "
                + s.rewrite().source().sql() + "; or let them go with ALTER TABLE " + table.sql() + " DROP DETACHED"
                + first + " SETTINGS allow_drop_detached = 1; then run again.");
    }
}
