package rekey.copy;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Stream;
import rekey.clickhouse.Row;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;

/// What this migration's replicated tables have in the replication log and not yet in their parts, and
/// what they have lost on all replicas. Tables that are not replicated have neither.
public record Replication(Session session) {
    /// How long an entry, or a table that is read-only, is waited for.
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /// Waits until each attach whose outcome is unknown has come to its end: the statement may have failed and its
    /// entry stand in the log (999 says so). Then the server takes the parts from the staging table, which is to be
    /// there: with it gone the parts would be lost on all replicas.
    ///
    /// @throws Trouble.OutcomeUnknown where Keeper stays away
    public void awaitAttached() {
        for (var until = Instant.now().plus(PATIENCE); ; session.control().sleep(200)) {
            var open = replicas().stream()
                    .filter(r -> r.flag("closed") || attaching(r) > 0)
                    .toList();
            if (open.isEmpty()) {
                session.progress().note("");
                return;
            }
            var first = open.getFirst();
            var what = first.string("t")
                    + (first.flag("closed")
                            ? " is read-only: its Keeper does not answer"
                            : " has an attach in its replication queue that is not done"
                                    + (first.string("why").isEmpty() ? "" : " (" + first.string("why") + ")"));
            if (Instant.now().isAfter(until))
                throw new Trouble.OutcomeUnknown("What was attached can't be told, for " + what
                        + ". Look with: SELECT * FROM system.replicas WHERE table = " + Sql.text(first.string("t"))
                        + "; and SELECT * FROM system.replication_queue WHERE table = " + Sql.text(first.string("t"))
                        + ". Run again when that is over.");
            session.progress().note("waiting: " + what);
        }
    }

    /// Entries that were written a moment ago are in the queue only once the log was read.
    private long attaching(Row replica) {
        var table = new TableName(session.rewrite().source().database(), replica.string("t"));
        try {
            session.server().execute("SYSTEM SYNC REPLICA " + table.sql() + " PULL");
        } catch (ServerError e) {
            if (e.code() != ServerError.UNKNOWN_TABLE) return 1; // Keeper went away in this moment
        }
        return session.server()
                .one("SELECT count() AS n FROM system.replication_queue WHERE type = 'REPLACE_RANGE' AND database = "
                        + Sql.text(table.database()) + " AND table = " + Sql.text(table.table()))
                .number("n");
    }

    private List<Row> replicas() {
        var rewrite = session.rewrite();
        return session.server().query("""
            SELECT table AS t, is_readonly AS closed, last_queue_update_exception AS why FROM system.replicas
            WHERE database = %s AND (table IN (%s, %s) OR startsWith(table, %s)) ORDER BY t\
            """.formatted(
                        Sql.text(rewrite.source().database()),
                        Sql.text(rewrite.source().table()),
                        Sql.text(rewrite.backup().table()),
                        Sql.text(rewrite.target().table())));
    }

    /// A part that no replica has any more is replaced by an empty one of its blocks, on all of them: what the parts
    /// cover then is more than was carried, and rows are missing that nobody deleted (seen on 26.7).
    ///
    /// @throws Trouble.Refused where that has happened since the migration began
    public void mustHaveLostNothing(Direction direction) {
        var replicated = Stream.of(direction.from(), direction.to())
                .filter(Table::replicated)
                .toList();
        if (replicated.isEmpty()) return;
        var lost = new HashMap<String, Long>();
        for (var r : session.server()
                .query("SELECT table AS t, lost_part_count AS n FROM system.replicas WHERE database = "
                        + Sql.text(session.rewrite().source().database()) + " AND table IN "
                        + Sql.list(
                                replicated.stream().map(t -> t.name().table()).toList())))
            lost.put(r.string("t"), r.number("n"));
        for (var table : replicated)
            mustHaveLostNothing(table, lost.getOrDefault(table.name().table(), 0L));
    }

    private void mustHaveLostNothing(Table table, long lost) {
        long before = Entry.all(session.journal().entries(), Detail.Creating.class)
                .filter(c -> c.uuid().equals(table.uuid()))
                .reduce((a, b) -> b)
                .flatMap(Detail.Creating::lostParts)
                .orElse(0L);
        if (lost > before)
            throw new Trouble.Refused(table.name() + " has lost " + (lost - before)
                    + " parts on all replicas since the migration began (system.replicas: lost_part_count " + lost
                    + "): the server put empty ones in their place, so what was carried can't be told from what is"
                    + " there. Nothing more was carried. The other table of the migration may have the rows: compare"
                    + " the two by hand, then roll back and begin anew.");
    }

    /// How many the server says that it has lost for good; 0 of a table that is not replicated.
    public long lostParts(TableName table) {
        return session
                .server()
                .query("SELECT lost_part_count AS n FROM system.replicas WHERE database = " + Sql.text(table.database())
                        + " AND table = " + Sql.text(table.table()))
                .stream()
                .mapToLong(r -> r.number("n"))
                .sum();
    }
}
