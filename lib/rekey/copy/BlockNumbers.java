package rekey.copy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.Peer;
import rekey.clickhouse.Sql;
import rekey.model.Blocks;
import rekey.model.Part;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Session;

/// Makes `_block_number` exact on a table and watches that it stays so: each row keeps the number of the block it
/// came in, through merges and mutations. The conditions are those of rule 3, each seen to fail on a real server.
public record BlockNumbers(Session session) implements Arrivals {

    /// The statement that switches it on, and has the server know every mutation from then on.
    public static String enable(Table table) {
        return Ddl.setting(table.name(), Ddl.BLOCK_NUMBERS + " = 1", Ddl.MUTATIONS_KEPT + " = 0");
    }

    /// The same where it is not on yet.
    public static List<String> enabling(Table table) {
        return enabled(table) && "0".equals(table.settings().get(Ddl.MUTATIONS_KEPT))
                ? List.of()
                : List.of(enable(table));
    }

    public static boolean enabled(Table table) {
        return "1".equals(table.settings().get(Ddl.BLOCK_NUMBERS));
    }

    /// The same on another host, asked in each round: in one question.
    static boolean enabled(Peer host, TableName table) {
        return host
                .query("SELECT match(engine_full, '[ ,]" + Ddl.BLOCK_NUMBERS + " = (1|true)\\\\b') AS yes FROM"
                        + " system.tables WHERE database = "
                        + Sql.text(table.database()) + " AND name = " + Sql.text(table.table()))
                .stream()
                .anyMatch(r -> r.flag("yes"));
    }

    /// Switches it on and waits until every merge and mutation that began before has ended: such a one writes parts
    /// without the column, and a row in them reads as the part's lowest block.
    @Override
    public void enable() {
        for (var host : session.hosts().reversed()) {
            var sql = enabling(new Catalog(host).table(session.rewrite().source()));
            if (!sql.isEmpty()) MergeHold.room(session);
            sql.forEach(one -> host.execute(one, session.queryId("block-numbers"), Ddl.CREATING));
        }
        for (var host : session.hosts()) awaitOlder(host);
        session.progress().note("");
    }

    void awaitOlder(ClickHouse host) {
        var source = new Catalog(host).table(session.rewrite().source());
        awaitMerges(host, source);
        if (source.replicated()) awaitQueue(host, source);
        while (host.one(unfinishedMutations(source)).number("n") > 0) {
            session.progress().note("waiting for unfinished mutations of " + source.name() + on(host));
            session.control().sleep(200);
        }
    }

    /// Those that run by now.
    void awaitMerges(ClickHouse host, Table source) {
        var since = host.one("SELECT toUnixTimestamp64Micro(now64(6)) AS us").number("us");
        while (host.one(olderMerges(source, "" + since)).number("n") > 0) {
            session.progress()
                    .note("waiting for merges that began before "
                            + (source.folds() ? "they were held" : "block numbers were on") + on(host));
            session.control().sleep(200);
        }
    }

    /// Merges and mutations that stand in the replication log from before: such a one took the numbers of two blocks
    /// away when nothing was merging any more (seen on 26.7). What is in the queue once the log was read
    /// is waited for.
    void awaitQueue(ClickHouse host, Table source) {
        host.execute("SYSTEM SYNC REPLICA " + source.name().sql() + " PULL");
        for (var before = queued(host, source); !Collections.disjoint(before, queued(host, source)); ) {
            session.progress()
                    .note("waiting for merges in the replication queue from before block numbers were on" + on(host)
                            + postponed(host, source));
            session.control().sleep(200);
        }
    }

    private Set<String> queued(ClickHouse host, Table source) {
        return host
                .query("SELECT node_name AS n FROM system.replication_queue WHERE type IN ('MERGE_PARTS',"
                        + " 'MUTATE_PART') AND database = "
                        + Sql.text(source.name().database()) + " AND table = "
                        + Sql.text(source.name().table()))
                .stream()
                .map(r -> r.string("n"))
                .collect(Collectors.toSet());
    }

    private String on(ClickHouse host) {
        return session.peers().isEmpty() ? "" : " on host " + host.endpoint().host();
    }

    /// Why the server does not make them: where somebody has stopped merges on one host it never will.
    private static String postponed(ClickHouse host, Table source) {
        return host
                .query("SELECT anyIf(postpone_reason, postpone_reason != '') AS why FROM system.replication_queue WHERE"
                        + " type IN ('MERGE_PARTS', 'MUTATE_PART') AND database = "
                        + Sql.text(source.name().database()) + " AND table = "
                        + Sql.text(source.name().table()))
                .stream()
                .map(r -> r.string("why"))
                .filter(why -> !why.isEmpty())
                .map(why -> ": " + why)
                .findFirst()
                .orElse("");
    }

    /// How many merges still run that began before a moment.
    ///
    /// @param since an expression for that moment of the server's clock, in microseconds
    public static String olderMerges(Table table, String since) {
        return """
            SELECT countIf(toUnixTimestamp64Micro(now64(6)) - elapsed * 1e6 <= %s) AS n FROM system.merges
            WHERE database = %s AND table = %s\
            """.formatted(
                since, Sql.text(table.name().database()), Sql.text(table.name().table()));
    }

    /// How many mutations are not done.
    public static String unfinishedMutations(Table table) {
        return "SELECT count() AS n FROM system.mutations WHERE NOT is_done AND database = %s AND table = %s"
                .formatted(
                        Sql.text(table.name().database()), Sql.text(table.name().table()));
    }

    @Override
    public Map<String, Blocks> vanished(
            Table table, boolean swapped, Map<String, Blocks> carried, Map<String, Blocks> active) {
        if (!enabled(table))
            throw new Trouble.Refused(Ddl.BLOCK_NUMBERS + " was switched off on " + table.name()
                    + (swapped
                            ? " since the swap, so new rows can't be told from carried ones where they were"
                                    + " merged. Nothing more was carried. Switch it on: "
                                    + enable(table)
                                    + "; wait until the merges that run have ended: SELECT count() FROM"
                                    + " system.merges WHERE table = "
                                    + Sql.text(table.name().table())
                                    + "; then roll back again: both tables are compared, and what can't be"
                                    + " told is named."
                            : " during the migration, so new rows can't be told from carried ones. Roll back"
                                    + " and begin anew."));
        Arrivals.mustHaveNoPatches(
                table,
                active,
                swapped
                        ? "Make the same change on " + session.rewrite().backup()
                                + " by ALTER TABLE ... UPDATE, have the patches applied by OPTIMIZE TABLE "
                                + table.name().sql()
                                + " FINAL, and wait until there are none: SELECT count() FROM system.parts WHERE"
                                + " active AND table = "
                                + Sql.text(table.name().table())
                                + " AND startsWith(partition_id, 'patch-'). Then roll back again: both are"
                                + " compared."
                        : "Roll back, and begin anew when the patch parts have been applied.");
        return Arrivals.missing(carried, active);
    }

    /// A merge leaves each row its number.
    @Override
    public Set<String> merged(Direction direction, List<Part> parts) {
        return Set.of();
    }
}
