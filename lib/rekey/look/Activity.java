package rekey.look;

import java.util.List;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.sheet.Grid;
import rekey.sheet.OptionalAnswers;
import rekey.sheet.Sheet;
import rekey.sheet.TextWidth;

/// What the server is doing now: merges, mutations, queries.
public record Activity(ClickHouse server) {

    /// Merges that run, the longest first, and tables of a database whose merges are held by a setting of their own.
    public Sheet merges(String database) {
        var running = Grid.of(
                        "merges",
                        "table",
                        "part",
                        "elapsed:seconds",
                        "done:percent",
                        "left:seconds",
                        "parts#",
                        "size:bytes",
                        "memory:bytes",
                        "kind")
                .from(server.query("""
                    SELECT concat(database, '.', table), result_part_name, elapsed, floor(progress * 100),
                      if(progress > 0, elapsed * (1 - progress) / progress, NULL),
                           num_parts, total_size_bytes_compressed, memory_usage, if(is_mutation, 'mutation',
                             lower(merge_type)) FROM system.merges ORDER BY elapsed DESC\
                    """));
        var held = Grid.of("merges held by a setting", "table", "parts#")
                .from(server.query("""
                    SELECT name, active_parts FROM system.tables
                    WHERE database = %s AND match(engine_full,
                      'max_bytes_to_merge_at_max_space_in_pool = [01]\\\\b') ORDER BY name\
                    """.formatted(Sql.text(database))));
        var pool = OptionalAnswers.orNone(
                server, "SELECT value FROM system.metrics WHERE metric = 'BackgroundMergesAndMutationsPoolTask'");
        var size = OptionalAnswers.orNone(
                server, "SELECT value FROM system.metrics WHERE metric = 'BackgroundMergesAndMutationsPoolSize'");
        if (!pool.isEmpty() && !size.isEmpty() && !running.isEmpty())
            running = running.noting(pool.getFirst().number("value") + " of "
                    + size.getFirst().number("value") + " places for merges are taken.");
        return Sheet.of("No merge runs.", running, held);
    }

    /// Mutations that are not done, and those of the last day that failed.
    public Sheet mutations() {
        var grid = Grid.of(
                        "",
                        "table",
                        "mutation",
                        "command:prose",
                        "since:seconds",
                        "parts to do#",
                        "running#",
                        "last failure:prose")
                .from(server.query("""
                    SELECT concat(database, '.', table), mutation_id, command, dateDiff('second', create_time,
                      now()), parts_to_do, length(parts_in_progress_names),
                           if(latest_fail_reason = '', '', concat(toString(latest_fail_time), ' ',
                             replaceRegexpOne(latest_fail_reason, '\\\\s*\\\\(version [^)]*\\\\).*', '')))
                    FROM system.mutations WHERE NOT is_done ORDER BY create_time\
                    """));
        return Sheet.of(
                "No mutation is unfinished.",
                grid.rows().stream().anyMatch(r -> !r.getLast().equals(""))
                        ? grid.noting("A mutation that fails is tried again for ever, and blocks those after it: end it"
                                + " with KILL MUTATION WHERE mutation_id = '...';")
                        : grid);
    }

    /// Queries that run, the longest first; this one left out.
    public Sheet queries() {
        return Sheet.of(
                "No query runs but this one.",
                Grid.of(
                                "",
                                "id:id",
                                "user",
                                "elapsed:seconds",
                                "read#",
                                "written#",
                                "memory:bytes",
                                "whose",
                                "query:prose")
                        .from(server.query("""
                            SELECT query_id, user, elapsed, read_rows, written_rows, greatest(memory_usage, 0),
                                   multiIf(startsWith(query_id, 'rekey-lock:'), 'rekey: lock', startsWith(query_id,
                                     'rekey:'), concat('rekey: ', splitByChar(':', query_id)[-1]), client_name),
                                   trimBoth(replaceRegexpAll(query, '\\\\s+', ' ')) AS q
                            FROM system.processes WHERE position(query, 'not of those that are looked for') = 0
                              ORDER BY elapsed DESC\
                            """)));
    }

    /// A query that runs.
    ///
    /// @param rekeys whether it is one of a migration, or its lock
    public record Query(String id, String user, String text, boolean rekeys) {
        /// Its text in one line, the end cut off.
        public String brief() {
            return TextWidth.cut(
                    TextWidth.printable(text.replaceAll("\\s+", " ").strip()), 100);
        }
    }

    /// The one query whose id begins so.
    ///
    /// @throws Trouble.Failed when none does, or several do
    public Query query(String idBegins) {
        var found = server
                .query(("SELECT query_id, user, query FROM system.processes WHERE startsWith(query_id, %s) "
                                + "AND query_id != queryID() ORDER BY query_id")
                        .formatted(Sql.text(idBegins)))
                .stream()
                .map(r -> new Query(
                        r.string("query_id"),
                        r.string("user"),
                        r.string("query"),
                        r.string("query_id").startsWith("rekey")))
                .toList();
        var exact = found.stream().filter(q -> q.id().equals(idBegins)).findFirst();
        if (exact.isPresent()) return exact.get();
        if (found.isEmpty())
            throw new Trouble.Failed("No running query's id begins with '" + idBegins + "': look with queries.");
        if (found.size() > 1)
            throw new Trouble.Failed(
                    found.size() + " running queries have ids that begin with '" + idBegins + "': give more of it.");
        return found.getFirst();
    }

    /// Ends it and waits until it has ended.
    public void kill(Query query) {
        server.kill(query.id());
    }

    /// The slowest of the last minutes, and the slowest of those that failed, from the query log; who uses a table.
    ///
    /// @param table null for all
    public Sheet slow(TableName table, int minutes) {
        var of = table == null ? "" : " AND has(tables, " + Sql.text(table.database() + "." + table.table()) + ")";
        var rows = OptionalAnswers.rows(server, """
            SELECT any(query_id), user, count() AS n, max(query_duration_ms), sum(read_rows), max(memory_usage),
              nullIf(countIf(exception_code != 0), 0),
                   trimBoth(replaceRegexpAll(any(query), '\\\\s+', ' ')) FROM system.query_log
            WHERE event_date >= today() - 1 AND event_time > now() - %d AND type != 'QueryStart' AND
              is_initial_query AND NOT startsWith(query_id, 'rekey')%s
            GROUP BY normalized_query_hash, user ORDER BY sum(query_duration_ms) DESC LIMIT 20 BY
              max(exception_code != 0)\
            """.formatted(minutes * 60, of));
        var grid = Grid.of(
                "", "id:id", "user", "times#", "longest:millis", "read#", "memory:bytes", "failed#", "query:prose");
        return Sheet.of(
                rows.isEmpty()
                        ? "The query log is switched off, or this user may not read it."
                        : "No query in the last " + minutes + " minutes.",
                grid.from(rows.orElse(List.of())));
    }
}
