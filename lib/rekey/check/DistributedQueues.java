package rekey.check;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import rekey.clickhouse.Sql;
import rekey.model.Amounts;
import rekey.model.TableName;
import rekey.session.IngestionHosts;
import rekey.session.Session;

/// Rows that wait in the queue of a Distributed table over the source are sent on. A pause waits for those that come
/// from Kafka; a queue that does not drain would put the swap off again and again, after the whole copy. What
/// writers left in one goes by the table's name when it is sent, into whichever table has it then.
public record DistributedQueues() implements Check {
    @Override
    public String name() {
        return "distributed queues";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        var needs = "none that does not drain";
        Verdict worst = null;
        boolean any = false;
        for (var server : session.hosts()) {
            var host = IngestionHosts.of(session, server);
            var fed = host.distributed();
            var over = new TreeSet<>(fed);
            over.addAll(session.catalog(server)
                    .spreading(session.rewrite().source())
                    .keySet());
            if (over.isEmpty()) continue;
            any = true;
            for (var r : host.server().query("""
                SELECT database, table, sum(data_files) AS waiting, sum(broken_data_files) AS broken,
                       max(is_blocked) AS blocked, anyIf(last_exception, data_files > 0 AND error_count > 0) AS why
                FROM system.distribution_queue WHERE (database, table) IN (%s) GROUP BY database, table
                HAVING broken > 0 OR blocked OR why != '' ORDER BY 1, 2\
                """.formatted(pairs(over)))) {
                var table = new TableName(r.string("database"), r.string("table"));
                boolean stands = r.flag("blocked") || !r.string("why").isEmpty();
                var saw = "on host " + host.server().endpoint().host() + " " + table + " has "
                        + Amounts.count(r.number("waiting"), "file") + " waiting"
                        + (r.number("broken") > 0 ? " and " + r.number("broken") + " broken" : "")
                        + (r.flag("blocked") ? ", and its sends are stopped" : "")
                        + (r.string("why").isEmpty() ? "" : ": " + firstLine(r.string("why")));
                var said = stands && fed.contains(table)
                        ? Verdict.refusal(
                                this,
                                saw,
                                needs,
                                "See to it that it is sent (SYSTEM START DISTRIBUTED SENDS " + table.sql()
                                        + "; SYSTEM FLUSH DISTRIBUTED " + table.sql() + "), then run again.")
                        : Verdict.warning(
                                this,
                                saw,
                                needs,
                                stands
                                        ? "Its rows go into the table that has the name when they are sent: look why"
                                                + " they are not."
                                        : "Rows of a broken file are in no table: look into its folder.");
                if (worst == null || said.verdict().compareTo(worst.verdict()) > 0) worst = said;
            }
        }
        return worst == null ? Verdict.ok(this, any ? "all of them drain" : "none", needs) : worst;
    }

    private static String pairs(Iterable<TableName> tables) {
        return java.util.stream.StreamSupport.stream(tables.spliterator(), false)
                .map(t -> "(" + Sql.text(t.database()) + ", " + Sql.text(t.table()) + ")")
                .collect(Collectors.joining(", "));
    }

    private static String firstLine(String text) {
        return List.of(text.split("\n", 2)).getFirst();
    }
}
