package rekey.run;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Ddl;
import rekey.clickhouse.KeyText;
import rekey.clickhouse.KeyTrialSample;
import rekey.clickhouse.QueryPlace;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.Sql;
import rekey.model.Column;
import rekey.model.Keys;
import rekey.model.Rewrite;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;

/// Queries measured on a sample of a table under several sorting keys side by side: today's, and each that is
/// thought of. The only tables that it makes are scratch ones beside the table, and it drops them again,
/// whatever happens.
///
/// @param table   that was sampled
/// @param rows    of the sample, from one partition
/// @param sizes   one for each key, today's first
/// @param queries each with one figure for each key, in the same order
public record KeyComparison(String table, long rows, List<Size> sizes, List<Measured> queries) {
    private static final int TIMES = 3;

    /// A key, and what the sample takes under it.
    ///
    /// @param orderBy    as the server formats it
    /// @param compressed bytes of its columns
    public record Size(String orderBy, long compressed, long uncompressed) {}

    /// A query and what it costs under each key.
    ///
    /// @param ran  how often the query log has it; 0 where a person named it
    /// @param said why it could not be measured; empty when it was
    public record Measured(String query, long ran, List<Cost> costs, String said) {
        /// Whether a key makes the server read more of the sample for it than today's.
        public boolean slower(int key) {
            return said.isEmpty() && costs.get(key).rows() > costs.getFirst().rows();
        }

        public boolean faster(int key) {
            return said.isEmpty() && costs.get(key).rows() < costs.getFirst().rows();
        }
    }

    /// @param rows  read
    /// @param bytes read, uncompressed
    /// @param ms    the shortest of three runs
    public record Cost(long rows, long bytes, double ms) {}

    /// A query that is to be measured.
    public record Asked(String sql, long ran) {}

    /// @param orderBys the candidates, as typed
    /// @param most     rows of the sample, about
    /// @param say      is told what is done
    public static KeyComparison of(
            ClickHouse server,
            TableName name,
            List<String> orderBys,
            List<Asked> queries,
            long most,
            Consumer<String> say) {
        var source = new Catalog(server).table(name);
        var today = source.keys();
        var all = new ArrayList<>(List.of(new Keys(today.partitionBy(), today.primaryKey(), today.orderBy(), "")));
        for (var orderBy : orderBys) all.add(keys(server, source, orderBy));
        for (var own : queries) if (own.ran() == 0) QueryPlace.placed(own.sql(), name);
        var id = UUID.randomUUID().toString().substring(0, 8);
        var scratch = new LinkedHashMap<TableName, Keys>();
        for (int n = 0; n < all.size(); n++) scratch.put(name.sibling("rekey_keys_" + id + "_" + n), all.get(n));
        try {
            fill(server, source, scratch, most, say);
            var names = List.copyOf(scratch.keySet());
            var sizes = names.stream().map(t -> size(server, t, scratch.get(t))).toList();
            var measured =
                    queries.stream().map(q -> measured(server, name, names, q)).toList();
            return new KeyComparison(
                    name.toString(), new Catalog(server).table(names.getFirst()).rows(), sizes, measured);
        } finally {
            for (var t : scratch.keySet()) server.execute("DROP TABLE IF EXISTS " + t.sql() + " SYNC");
        }
    }

    private static Keys keys(ClickHouse server, Table source, String orderBy) {
        var rewrite = new Rewrite("keys", source.name(), source.keys().partitionBy(), "", orderBy, "", "");
        return new KeyText(server).keys(rewrite, source);
    }

    private static void fill(
            ClickHouse server, Table source, Map<TableName, Keys> scratch, long most, Consumer<String> say) {
        var columns = source.columns().stream()
                .filter(c -> c.stored() && !c.kind().equals("MATERIALIZED"))
                .map(Column::sql)
                .collect(Collectors.joining(", "));
        TableName first = null;
        for (var made : scratch.entrySet()) {
            for (var sql : Ddl.target(source, made.getKey(), made.getValue(), plain(source)))
                server.execute(sql, UUID.randomUUID().toString(), Ddl.creating(source));
            say.accept("ORDER BY (" + made.getValue().orderBy() + ") in " + made.getKey());
            server.execute("INSERT INTO " + made.getKey().sql() + " (" + columns + ") "
                    + (first == null
                            ? KeyTrialSample.select(server, source, columns, most)
                            : "SELECT " + columns + " FROM " + first.sql()));
            if (first == null) first = made.getKey();
            server.execute("OPTIMIZE TABLE " + made.getKey().sql() + " FINAL");
        }
    }

    /// A replicated table's scratch ones are not.
    private static String plain(Table source) {
        var arguments = String.join(", ", source.engineArguments());
        return source.engine().replaceFirst("^(Replicated|Shared)", "")
                + (arguments.isEmpty() ? "" : "(" + arguments + ")");
    }

    private static Size size(ClickHouse server, TableName table, Keys keys) {
        var r = server.one("SELECT sum(data_compressed_bytes) AS c, sum(data_uncompressed_bytes) AS u FROM system.parts"
                + " WHERE active AND database = " + Sql.text(table.database()) + " AND table = "
                + Sql.text(table.table()));
        return new Size(keys.orderBy(), r.number("c"), r.number("u"));
    }

    private static Measured measured(ClickHouse server, TableName live, List<TableName> names, Asked asked) {
        try {
            var placed = QueryPlace.placed(asked.sql(), live);
            var costs = names.stream()
                    .map(t -> cost(server, placed.replace("{table}", t.sql()), live.database()))
                    .toList();
            return new Measured(asked.sql(), asked.ran(), costs, "");
        } catch (ServerError e) {
            return new Measured(asked.sql(), asked.ran(), List.of(), e.getMessage());
        } catch (Trouble.Usage e) { // one of the log names the table in a way of its own
            return new Measured(asked.sql(), asked.ran(), List.of(), e.getMessage());
        }
    }

    private static Cost cost(ClickHouse server, String sql, String database) {
        Cost best = null;
        for (int i = 0; i < TIMES; i++) {
            long begun = System.nanoTime();
            try (var answer = server.ask(sql, UUID.randomUUID().toString(), "Null", database, SETTINGS)) {
                answer.text().transferTo(OutputStream.nullOutputStream());
                double ms = (System.nanoTime() - begun) / 1e6;
                if (best == null || ms < best.ms()) best = new Cost(answer.readRows(), answer.readBytes(), ms);
            } catch (IOException e) {
                throw new Trouble.Failed("The answer to '" + sql + "' broke off: " + e.getMessage() + ".", e);
            }
        }
        return best;
    }

    /// Read from the parts, and told when all has been read. A statement that writes is refused by the server: one
    /// of a person's file may be an INSERT, whose target would be the live table.
    private static final Map<String, String> SETTINGS = Map.of(
            "readonly", "2",
            "wait_end_of_query", "1",
            "use_query_cache", "0",
            "use_query_condition_cache", "0",
            "optimize_trivial_count_query", "0",
            "max_execution_time", "60");

    /// The queries that read most of the table in the last days, by the server's own log.
    ///
    /// @param most so many of them
    /// @throws Trouble.Refused where there is no log, or it has none
    public static List<Asked> heaviest(ClickHouse server, TableName table, int days, int most) {
        var name = Sql.text(table.toString());
        try {
            var rows = server.query("SELECT argMax(query, event_time) AS q, count() AS n, sum(read_bytes) AS b FROM"
                    + " system.query_log WHERE type = 'QueryFinish' AND query_kind = 'Select' AND is_initial_query AND"
                    + " event_date >= today() - " + days + " AND has(tables, " + name
                    + ") AND NOT startsWith(query_id, 'rekey') AND length(tables) = 1 AND query NOT ILIKE"
                    + " '%_block_number%' GROUP BY normalized_query_hash ORDER BY b DESC LIMIT " + most);
            if (rows.isEmpty())
                throw new Trouble.Refused("The query log has no SELECT on " + table + " in the last " + days
                        + " days: give queries of your own with --queries.");
            return rows.stream()
                    .map(r -> new Asked(r.string("q"), r.number("n")))
                    .toList();
        } catch (ServerError e) {
            throw new Trouble.Refused(
                    "The query log can't be read (" + e.getMessage() + "): give queries of your own with --queries.");
        }
    }
}
