package rekey.maintainer.fault;

import java.util.List;
import rekey.clickhouse.ClickHouse;
import rekey.model.Rewrite;
import rekey.model.TableName;

/// What stands around the table: an Alias of it, by which a writer sends its rows, and tables of others whose names
/// begin as rekey's own do. A migration once dropped such tables without a word, and rows that came by an Alias were
/// stranded.
record SurroundingTables(ClickHouse server, TableName events, Rewrite rewrite) {

    TableName alias() {
        return events.sibling("events_alias");
    }

    List<TableName> strangers() {
        return List.of(
                events.sibling(rewrite.stagingPrefix() + "precious"), events.sibling(rewrite.gatePrefix() + "_notes"));
    }

    void gather() {
        server.execute("CREATE TABLE " + alias().sql() + " ENGINE = Alias('" + events.table() + "')");
        for (var stranger : strangers()) {
            server.execute("CREATE TABLE " + stranger.sql() + " (n UInt64) ENGINE = MergeTree ORDER BY n");
            server.execute("INSERT INTO " + stranger.sql() + " SELECT number FROM numbers(7)");
        }
    }

    /// Which of them is no longer as it was, in words.
    List<String> gone() {
        return strangers().stream()
                .filter(stranger -> !new rekey.clickhouse.Catalog(server).exists(stranger)
                        || server.one("SELECT count() AS n FROM " + stranger.sql())
                                        .number("n")
                                != 7)
                .map(stranger -> stranger + " of somebody else is gone")
                .toList();
    }
}
