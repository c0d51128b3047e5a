package rekey.look;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.model.Amounts;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.sheet.Grid;
import rekey.sheet.OptionalAnswers;
import rekey.sheet.Secrets;
import rekey.sheet.Sheet;
import rekey.sheet.SingleRow;

/// One table: its keys, its size, who feeds it and who reads from it.
public record Description(ClickHouse server) {

    /// @throws rekey.model.Trouble.Failed when there is no such table
    public Sheet sheet(TableName name) {
        var table = new Catalog(server).table(name);
        var grids = new ArrayList<Grid>();
        grids.add(facts(table));
        grids.add(columns(table));
        grids.add(more(table));
        grids.add(feeders(table));
        grids.add(readers(table));
        return new Sheet(grids, "");
    }

    private Grid facts(Table t) {
        var r = server.one(
                """
                SELECT engine_full, toString(metadata_modification_time) AS altered, comment, target_database,
                  target_table, as_select,
                       total_bytes_uncompressed AS plain, active_parts, lifetime_rows
                FROM system.tables WHERE database = %s AND name = %s\
                """.formatted(Sql.text(t.name().database()), Sql.text(t.name().table())));
        var grid = new SingleRow();
        grid.add("table", t.name().toString());
        grid.add(
                "engine",
                t.mergeTree()
                        ? t.engineClause()
                        : Secrets.hidden(r.string("engine_full").isEmpty() ? t.engine() : r.string("engine_full")));
        if (!r.string("target_table").isEmpty())
            grid.add("writes to", r.string("target_database") + "." + r.string("target_table"));
        grid.add("select", r.string("as_select"));
        grid.add("sorting key", t.keys().orderBy());
        if (!t.keys().primaryKey().equals(t.keys().orderBy()))
            grid.add("primary key", t.keys().primaryKey());
        grid.add(
                "sampling key",
                t.keys().sampleBy().isEmpty() && t.mergeTree()
                        ? "(none)"
                        : t.keys().sampleBy());
        grid.add(
                "partition key",
                t.keys().partitionBy().isEmpty() && t.mergeTree()
                        ? "(none)"
                        : t.keys().partitionBy());
        grid.add("TTL", t.ttl());
        if (t.mergeTree()) grid.add("settings", settings(t.settings()));
        grid.add(
                "disks",
                t.storagePolicy().equals("default") || t.storagePolicy().isEmpty()
                        ? ""
                        : "storage policy " + t.storagePolicy());
        if (t.mergeTree()) {
            grid.add("rows", Amounts.rows(t.rows()));
            grid.add(
                    "size",
                    Amounts.bytes(t.bytes()) + " on disk"
                            + (r.isNull("plain") || t.bytes() == 0
                                    ? ""
                                    : ", " + Amounts.bytes(r.number("plain")) + " without compression"));
            grid.add("parts", parts(t.name()));
        }
        grid.add("altered", r.string("altered") + (t.uuid().startsWith("00000000") ? "" : "   uuid " + t.uuid()));
        grid.add("comment", r.string("comment"));
        for (var known : KnownMigration.of(server)) {
            var role = known.roles(new Catalog(server)).getOrDefault(t.name(), "");
            if (!role.isEmpty()) grid.add("rekey", role + (known.open() ? ", which is under way" : ""));
        }
        return grid.grid("");
    }

    private static String settings(Map<String, String> settings) {
        return String.join(
                ", ",
                settings.entrySet().stream()
                        .map(e -> e.getKey() + " = " + e.getValue())
                        .toList());
    }

    private String parts(TableName name) {
        var r = server.one(
                "SELECT count() AS n, uniqExact(partition_id) AS p, max(c) AS most FROM (SELECT partition_id, count()"
                        + " OVER (PARTITION BY partition_id) AS c FROM system.parts WHERE active AND "
                        + Parts.is(name) + ")");
        return Amounts.rows(r.number("n")) + " in " + Amounts.count(r.number("p"), "partition") + ", at most "
                + Amounts.rows(r.number("most")) + " in one";
    }

    private Grid columns(Table t) {
        return Grid.of("columns", "column", "type", "default:prose", "codec", "key", "size:bytes", "ratio")
                .from(server.query("""
                    SELECT name, type, concat(default_kind, if(default_kind = '', '', ' '), default_expression),
                      replaceRegexpOne(compression_codec, '^CODEC\\\\((.*)\\\\)$', '\\\\1'),
                           arrayStringConcat(arrayFilter(k -> k != '', [if(is_in_partition_key, 'part', ''),
                             if(is_in_sorting_key, 'sort', ''), if(is_in_sampling_key, 'sample', '')]), ' '),
                           if(data_compressed_bytes = 0, NULL, data_compressed_bytes), if(data_compressed_bytes =
                             0, '', toString(round(data_uncompressed_bytes / data_compressed_bytes, 1)))
                    FROM system.columns WHERE %s ORDER BY position\
                    """.formatted(Parts.is(t.name()))));
    }

    /// What a definition has besides columns.
    private Grid more(Table t) {
        var rows = new ArrayList<List<Object>>();
        var of = Parts.is(t.name());
        for (var r : OptionalAnswers.orNone(
                server,
                "SELECT name, type_full AS what, expr, data_compressed_bytes AS b FROM system.data_skipping_indices"
                        + " WHERE "
                        + of))
            rows.add(Arrays.asList(
                    r.string("name"), "index", r.string("expr") + " TYPE " + r.string("what"), r.number("b")));
        for (var r : OptionalAnswers.orNone(server, "SELECT name, query FROM system.projections WHERE " + of))
            rows.add(Arrays.asList(r.string("name"), "projection", r.string("query"), null));
        return Grid.of("indices and projections", "name", "is", "definition:prose", "size:bytes")
                .with(rows);
    }

    private Grid feeders(Table t) {
        var rows = new ArrayList<List<Object>>();
        var catalog = new Catalog(server);
        for (var k : catalog.ingestion(t.name()).kafkaTables()) {
            rows.add(List.of(
                    within(t, k.name()), "Kafka", "topic " + String.join(", ", k.topics()) + ", group " + k.group()));
            for (var v : k.views())
                rows.add(List.of(
                        within(t, v.name()),
                        "MaterializedView",
                        "from " + within(t, k.name()) + " to " + within(t, v.target())));
        }
        var seen = rows.stream().map(r -> r.getFirst().toString()).toList();
        catalog.viewTargets().forEach((view, target) -> {
            if (target.equals(t.name()) && !seen.contains(within(t, view)))
                rows.add(List.of(within(t, view), "MaterializedView", "to " + within(t, target)));
        });
        for (var b : by("engine = 'Buffer'", t.name())) rows.add(List.of(within(t, b), "Buffer", "flushes into it"));
        return Grid.of("fed by", "name", "engine", "how:prose").with(rows);
    }

    private static String within(Table t, TableName other) {
        return Tables.within(t.name().database(), other);
    }

    private Grid readers(Table t) {
        var rows = new ArrayList<List<Object>>();
        var catalog = new Catalog(server);
        var targets = catalog.viewTargets();
        for (var v : catalog.dependants(t.name()))
            rows.add(List.of(
                    within(t, v),
                    "MaterializedView",
                    targets.containsKey(v) ? "on each insert, to " + within(t, targets.get(v)) : "on each insert"));
        for (var r : server.query(
                """
                SELECT database, name, engine FROM system.tables WHERE (database, name) IN (
                  SELECT d.1, d.2 FROM (SELECT arrayJoin(arrayZip(loading_dependent_database,
                    loading_dependent_table)) AS d
                    FROM system.tables WHERE database = %s AND name = %s)) ORDER BY 1, 2\
                """.formatted(Sql.text(t.name().database()), Sql.text(t.name().table()))))
            rows.add(List.of(
                    within(t, new TableName(r.string("database"), r.string("name"))),
                    r.string("engine"),
                    "loads from it"));
        for (var d : by("engine = 'Distributed'", t.name()))
            rows.add(List.of(within(t, d), "Distributed", "reads and writes it"));
        for (var v : by("engine IN ('View', 'Merge', 'Dictionary', 'WindowView')", t.name()))
            if (rows.stream().noneMatch(r -> r.getFirst().equals(within(t, v))))
                rows.add(List.of(within(t, v), "View", "its definition names it"));
        return Grid.of("read by", "name", "engine", "how:prose").with(rows);
    }

    /// Tables of some kind whose definition names this one, told from its text.
    private List<TableName> by(String kind, TableName t) {
        var name = Sql.text(t.table().replaceAll("[^\\w]", "."));
        return server
                .query("""
                    SELECT database, name FROM system.tables WHERE %s AND (database, name) != (%s, %s)
                    AND match(create_table_query, concat('(^|[^0-9A-Za-z_])', %s, '([^0-9A-Za-z_]|$)')) AND
                      (database = %s OR position(create_table_query, %s) > 0) ORDER BY 1, 2\
                    """.formatted(
                                kind,
                                Sql.text(t.database()),
                                Sql.text(t.table()),
                                name,
                                Sql.text(t.database()),
                                Sql.text(t.database())))
                .stream()
                .map(r -> new TableName(r.string("database"), r.string("name")))
                .toList();
    }
}
