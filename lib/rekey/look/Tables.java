package rekey.look;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import rekey.clickhouse.Catalog;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Row;
import rekey.clickhouse.Sql;
import rekey.model.Ingestion;
import rekey.model.TableName;
import rekey.sheet.Grid;
import rekey.sheet.OptionalAnswers;
import rekey.sheet.Sheet;

/// What tables there are, how large they are, and what each is there for.
public record Tables(ClickHouse server) {

    /// Those of a database; what was detached is among them, for a view that is detached by hand shows nowhere else.
    public Sheet sheet(String database) {
        var notes = notes(database);
        var rows = new ArrayList<List<Object>>();
        for (var r : server.query("""
            SELECT name, engine, engine_full, total_rows, total_bytes, if(engine LIKE '%%MergeTree', active_parts,
              NULL) AS parts
            FROM system.tables WHERE database = %s AND NOT is_temporary ORDER BY name\
            """.formatted(Sql.text(database)))) {
            var name = new TableName(database, r.string("name"));
            rows.add(row(
                    r,
                    notes.getOrDefault(
                            name,
                            r.string("engine").equals("Distributed")
                                    ? r.string("engine_full").replaceFirst("^Distributed", "over ")
                                    : "")));
        }
        for (var r : OptionalAnswers.orNone(
                server,
                "SELECT table AS name, is_permanently FROM system.detached_tables WHERE database = "
                        + Sql.text(database) + " ORDER BY 1"))
            rows.add(row(
                    r.string("name"),
                    "(detached)",
                    null,
                    null,
                    null,
                    r.flag("is_permanently") ? "for good" : "comes back with a restart"));
        return Sheet.of(
                "There is no table in database " + database + ", or this user may see none.",
                Grid.of("", "table", "engine", "rows#", "size:bytes", "parts#", "what:prose")
                        .with(rows));
    }

    private static List<Object> row(Row r, String note) {
        return row(
                r.string("name"),
                r.string("engine"),
                number(r, "total_rows"),
                number(r, "total_bytes"),
                number(r, "parts"),
                note);
    }

    private static List<Object> row(Object... values) {
        return java.util.Arrays.asList(values);
    }

    private static Long number(Row r, String column) {
        return r.isNull(column) ? null : (Long) r.number(column);
    }

    /// What a table is in a migration; where a view writes to; what a Kafka table reads.
    private Map<TableName, String> notes(String database) {
        var catalog = new Catalog(server);
        var out = new HashMap<TableName, String>();
        catalog.viewTargets().forEach((view, target) -> out.put(view, "to " + within(database, target)));
        for (var k : catalog.kafkaTables()) out.put(k.name(), kafka(k));
        for (var known : KnownMigration.of(server))
            known.roles(catalog).forEach((t, role) -> out.merge(t, role, (a, b) -> b.isEmpty() ? a : b));
        return out;
    }

    private static String kafka(Ingestion.KafkaTable k) {
        return "topic " + String.join(", ", k.topics()) + (k.views().isEmpty() ? ", read by no view" : "");
    }

    /// A name without its database where that is understood.
    static String within(String database, TableName t) {
        return t.database().equals(database) ? t.table() : t.toString();
    }

    static String names(String database, List<TableName> tables) {
        return tables.stream().map(t -> within(database, t)).collect(Collectors.joining(", "));
    }

    /// All databases with what is in them.
    public Sheet databases() {
        return Sheet.of(
                "This user may see no database.",
                Grid.of("", "database", "engine", "tables#", "rows#", "size:bytes")
                        .from(server.query("""
                            SELECT d.name, any(d.engine), countIf(t.name != ''), sum(ifNull(t.total_rows, 0)),
                              sum(ifNull(t.total_bytes, 0))
                            FROM system.databases AS d LEFT JOIN system.tables AS t ON t.database = d.name
                            WHERE d.name NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema') GROUP BY
                              d.name ORDER BY d.name\
                            """)));
    }
}
