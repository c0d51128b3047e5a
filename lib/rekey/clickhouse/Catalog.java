package rekey.clickhouse;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import rekey.model.Blocks;
import rekey.model.Column;
import rekey.model.Ingestion;
import rekey.model.Keys;
import rekey.model.Mutation;
import rekey.model.Part;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;

/// Reads what is on the server, changes nothing.
///
/// @param seen answers that are not asked for again, by the question; null where each call asks anew
public record Catalog(ClickHouse server, Map<String, List<?>> seen) {

    /// Nothing is remembered.
    public Catalog(ClickHouse server) {
        this(server, null);
    }

    /// For one look that changes nothing, a plan say, whose parts are all to see the same: each question is asked
    /// once. A plan asked 90 times for the same table and 44 times for the ways of the rows.
    public static Catalog once(ClickHouse server) {
        return new Catalog(server, new ConcurrentHashMap<>());
    }

    /// Any other question, of which a look is told once as well.
    public List<Row> ask(String sql) {
        return ask(sql, row -> row);
    }

    /// A question is always asked for the same kind of answer.
    @SuppressWarnings("unchecked")
    private <T> List<T> ask(String sql, Function<Row, T> as) {
        if (seen == null) return server.query(sql, as);
        var known = (List<T>) seen.get(sql);
        if (known != null) return known;
        var asked = server.query(sql, as);
        seen.put(sql, List.copyOf(asked));
        return asked;
    }

    /// @throws Trouble.Failed when there is no such table
    public Table table(TableName name) {
        return find(name)
                .orElseThrow(() -> new Trouble.Failed("There is no table " + name + " on "
                        + server.endpoint().host() + ": check --table and --database."));
    }

    public Optional<Table> find(TableName name) {
        var rows = ask("""
            SELECT toString(uuid) AS id, engine, engine_full, partition_key, primary_key, sorting_key, sampling_key,
                   storage_policy, create_table_query,
                   toUInt64(ifNull(total_rows, 0)) AS rows, toUInt64(ifNull(total_bytes, 0)) AS bytes
            FROM system.tables WHERE %s\
            """.formatted(is(name, "name")));
        if (rows.isEmpty()) return Optional.empty();
        var r = rows.getFirst();
        var clauses = Clauses.of(r.string("engine_full"));
        var orderBy = sorting(clauses.getOrDefault("ORDER BY", ""), r.string("sorting_key"));
        var keys = new Keys(
                Clauses.unwrapped(r.string("partition_key")),
                KeyText.primary(r.string("primary_key"), r.string("sorting_key"), orderBy),
                orderBy,
                r.string("sampling_key"));
        return Optional.of(new Table(
                name,
                r.string("id"),
                r.string("engine"),
                clauses.get("ENGINE"),
                keys,
                clauses.getOrDefault("TTL", ""),
                Clauses.settings(clauses.getOrDefault("SETTINGS", "")),
                seen == null ? DescribedColumns.of(server, r, () -> described(name)) : described(name),
                r.string("storage_policy"),
                r.number("rows"),
                r.number("bytes"),
                r.string("create_table_query")));
    }

    /// The column `sorting_key` has no directions (seen on 26.7), and a VersionedCollapsingMergeTree's version.
    private static String sorting(String written, String key) {
        var text = Clauses.untupled(written);
        return KeyText.undirectedAll(text).equals(text) && !key.startsWith(text + ", ") ? key : text;
    }

    /// The table's identity, which stays with its data through EXCHANGE and RENAME; empty when there is no such
    /// table.
    public Optional<String> uuid(TableName name) {
        return ask("SELECT toString(uuid) AS id FROM system.tables WHERE " + is(name, "name")).stream()
                .map(r -> r.string("id"))
                .findFirst();
    }

    public boolean exists(TableName name) {
        return uuid(name).isPresent();
    }

    private List<Column> described(TableName name) {
        return ask("DESCRIBE TABLE " + name.sql()).stream()
                .map(r -> new Column(
                        r.string("name"),
                        r.string("type"),
                        r.string("default_type"),
                        r.string("default_expression"),
                        r.string("ttl_expression")))
                .toList();
    }

    /// The pieces of a list as the server formats it, between its top-level commas.
    public static List<String> listed(String text) {
        return Clauses.split(text);
    }

    /// One rule of a table's TTL by its words; when it is due under `AT`.
    public static Map<String, String> rule(String ttl) {
        return Clauses.of(
                ttl, "AT", List.of("DELETE", "WHERE", "GROUP BY", "SET", "TO DISK", "TO VOLUME", "RECOMPRESS"));
    }

    /// Active parts in the order of their blocks.
    public List<Part> parts(TableName name) {
        return listed(name, "");
    }

    /// The same of some partitions. They are named where they are few: a statement may have 256 KiB by default,
    /// which is some 7,500 of them.
    public List<Part> parts(TableName name, Collection<String> partitions) {
        if (partitions.size() <= 1000) return listed(name, " AND partition_id IN " + Sql.list(partitions));
        var wanted = Set.copyOf(partitions);
        return parts(name).stream().filter(p -> wanted.contains(p.partition())).toList();
    }

    private List<Part> listed(TableName name, String more) {
        var ids = new HashMap<String, String>(); // one text for each partition's id, not one for each part
        return ask(
                """
                SELECT name, partition_id, min_block_number, max_block_number, level, rows, bytes_on_disk,
                  hash_of_all_files, has_lightweight_delete
                FROM system.parts WHERE active AND %s%s ORDER BY partition_id, min_block_number\
                """.formatted(is(name, "table"), more),
                r -> new Part(
                        r.string("name"),
                        ids.computeIfAbsent(r.string("partition_id"), id -> id),
                        r.number("min_block_number"),
                        r.number("max_block_number"),
                        r.number("level"),
                        r.number("rows"),
                        r.number("bytes_on_disk"),
                        r.string("hash_of_all_files"),
                        r.flag("has_lightweight_delete")));
    }

    /// The blocks of the active parts, by partition.
    public Map<String, Blocks> blocks(TableName name) {
        return blocks(parts(name));
    }

    public static Map<String, Blocks> blocks(List<Part> parts) {
        var intervals = new TreeMap<String, List<Blocks.Interval>>();
        for (var p : parts)
            intervals
                    .computeIfAbsent(p.partition(), k -> new ArrayList<>())
                    .add(new Blocks.Interval(p.minBlock(), p.maxBlock()));
        var out = new TreeMap<String, Blocks>();
        intervals.forEach((partition, list) -> out.put(partition, Blocks.union(list)));
        return out;
    }

    /// The mutations the server still knows of a table, in their order. On a replicated table a mutation has a block
    /// number for each partition, and its own place among the mutations in its name.
    public List<Mutation> mutations(TableName name) {
        return ask("""
            SELECT if(match(mutation_id, '^[0-9]+$'), toInt64OrZero(mutation_id) + 1,
                arrayMax(block_numbers.number)) AS number, command, is_done, latest_fail_reason,
              toString(create_time) AS at, toUnixTimestamp(create_time) AS second,
              arrayMap((p, n) -> p || ':' || toString(n), block_numbers.partition_id, block_numbers.number) AS numbers
            FROM system.mutations WHERE %s ORDER BY number\
            """.formatted(is(name, "table"))).stream()
                .map(r -> new Mutation(
                        r.number("number"),
                        Mutation.numbers(r.strings("numbers")),
                        r.string("command"),
                        r.flag("is_done"),
                        r.string("latest_fail_reason"),
                        r.string("at"),
                        r.number("second")))
                .toList();
    }

    /// A part in the table's folder that is none of the table's now.
    ///
    /// @param broken whether the server itself has put it aside, for it could not read it; else somebody has
    ///               detached it
    public record Aside(String name, String partition, Blocks blocks, boolean broken) {}

    /// The parts that somebody has detached, or that the server found broken, and that were not attached or dropped
    /// since.
    public List<Aside> aside(TableName name) {
        return ask("""
            SELECT name, partition_id AS p, min_block_number AS a, max_block_number AS b, ifNull(reason, '') != ''
              AS broken FROM system.detached_parts
            WHERE %s AND (ifNull(reason, '') = '' OR reason LIKE '%%broken%%') AND partition_id IS NOT NULL ORDER
              BY name\
            """.formatted(is(name, "table"))).stream()
                .map(r -> new Aside(
                        r.string("name"), r.string("p"), Blocks.of(r.number("a"), r.number("b")), r.flag("broken")))
                .toList();
    }

    /// The same with each one's UUID.
    public Map<TableName, String> identities(String database, String prefix) {
        var out = new LinkedHashMap<TableName, String>();
        for (var r : ask("SELECT name, toString(uuid) AS id FROM system.tables WHERE database = " + Sql.text(database)
                + " AND startsWith(name, " + Sql.text(prefix) + ") ORDER BY name"))
            out.put(new TableName(database, r.string("name")), r.string("id"));
        return out;
    }

    /// Tables whose name begins with a text, in one database.
    public List<TableName> tablesLike(String database, String prefix) {
        return ask("SELECT name FROM system.tables WHERE database = %s AND startsWith(name, %s) ORDER BY name"
                        .formatted(Sql.text(database), Sql.text(prefix)))
                .stream()
                .map(r -> new TableName(database, r.string("name")))
                .toList();
    }

    /// The views that read from a table and are told of each insert.
    public List<TableName> dependants(TableName name) {
        return ask("""
            SELECT d.1 AS db, d.2 AS t FROM (
              SELECT arrayJoin(arrayZip(dependencies_database, dependencies_table)) AS d FROM system.tables WHERE %s)
            ORDER BY db, t\
            """.formatted(is(name, "name"))).stream()
                .map(r -> new TableName(r.string("db"), r.string("t")))
                .toList();
    }

    /// The same of all tables that have any: a server with hundreds of Kafka tables is asked once, not after each.
    private Map<TableName, List<TableName>> dependants() {
        var all = new HashMap<TableName, List<TableName>>();
        for (var r : ask("""
            SELECT database, name, d.1 AS db, d.2 AS t FROM (
              SELECT database, name, arrayJoin(arrayZip(dependencies_database, dependencies_table)) AS d FROM
                system.tables)
            ORDER BY db, t\
            """))
            all.computeIfAbsent(new TableName(r.string("database"), r.string("name")), t -> new ArrayList<>())
                    .add(new TableName(r.string("db"), r.string("t")));
        return all;
    }

    /// The materialized views of the whole server that write to a table named in them, and that table.
    public Map<TableName, TableName> viewTargets() {
        var views = ask("""
            SELECT database, name, create_table_query FROM system.tables
            WHERE engine = 'MaterializedView' AND create_table_query LIKE '% TO %' ORDER BY 1, 2\
            """);
        var targets = new LinkedHashMap<TableName, TableName>();
        for (var v : views) {
            var name = new TableName(v.string("database"), v.string("name"));
            viewTarget(v.string("create_table_query"), name).ifPresent(t -> targets.put(name, t));
        }
        return targets;
    }

    /// Where rows go on to from each table.
    public RowPaths ways() {
        return new RowPaths(this::ask, viewTargets(), dependants());
    }

    /// The Kafka tables and views that feed a table. A view between them that itself writes on, from table to table,
    /// or by a Distributed or Buffer table, is followed back to Kafka.
    public Ingestion ingestion(TableName table) {
        var ways = ways();
        return new Ingestion(kafkaTables().stream()
                .filter(k -> k.views().stream().anyMatch(v -> ways.lead(v.target(), table)))
                .toList());
    }

    /// The Distributed tables over a table, each with its cluster's name.
    public Map<TableName, String> spreading(TableName table) {
        var out = new TreeMap<TableName, String>();
        var macros = new HashMap<String, String>();
        for (var r : server.query(
                "SELECT database, name, engine, engine_full FROM system.tables WHERE engine =" + " 'Distributed'")) {
            var name = new TableName(r.string("database"), r.string("name"));
            if (!RowPaths.forwarded(name, r.string("engine"), r.string("engine_full"))
                    .equals(Optional.of(table))) continue;
            if (macros.isEmpty())
                for (var m : server.query("SELECT macro, substitution FROM system.macros"))
                    macros.put("{" + m.string("macro") + "}", m.string("substitution"));
            var cluster = RowPaths.arguments(r.string("engine_full")).getFirst();
            for (var m : macros.entrySet()) cluster = cluster.replace(m.getKey(), m.getValue());
            out.put(name, cluster);
        }
        return out;
    }

    /// The table that holds the rows: of a Distributed one the local one behind it, else itself.
    public TableName local(TableName name) {
        return server
                .query("SELECT engine, engine_full FROM system.tables WHERE engine = 'Distributed' AND "
                        + is(name, "name"))
                .stream()
                .flatMap(r -> RowPaths.forwarded(name, r.string("engine"), r.string("engine_full")).stream())
                .findFirst()
                .orElse(name);
    }

    /// Tables of other engines that bring rows by themselves, as Kafka's does, and whose views lead to a table.
    public List<TableName> otherStreams(TableName table) {
        var ways = ways();
        return ask("SELECT database, name FROM system.tables WHERE engine IN ('RabbitMQ', 'NATS', 'FileLog',"
                        + " 'S3Queue', 'AzureQueue') ORDER BY 1, 2")
                .stream()
                .map(r -> new TableName(r.string("database"), r.string("name")))
                .filter(t -> ways.lead(t, table))
                .toList();
    }

    /// All Kafka tables of the server, those too that no view reads from.
    public List<Ingestion.KafkaTable> kafkaTables() {
        return kafkaTables(viewTargets(), dependants());
    }

    private List<Ingestion.KafkaTable> kafkaTables(
            Map<TableName, TableName> targets, Map<TableName, List<TableName>> dependants) {
        return ask("SELECT database, name, engine_full FROM system.tables WHERE engine = 'Kafka' ORDER BY 1, 2")
                .stream()
                .map(k -> {
                    var name = new TableName(k.string("database"), k.string("name"));
                    return kafkaTable(
                            name,
                            k.string("engine_full"),
                            dependants.getOrDefault(name, List.of()).stream()
                                    .map(v -> new Ingestion.View(v, targets.getOrDefault(v, v)))
                                    .toList());
                })
                .toList();
    }

    private static final Pattern NAME =
            Pattern.compile("(?:`(?:[^`\\\\]|\\\\.)*`|\\w+)(?:\\.(?:`(?:[^`\\\\]|\\\\.)*`|\\w+))?");

    /// The table that a materialized view writes to, by its CREATE statement; empty where it has one of its own.
    public static Optional<TableName> viewTarget(String createQuery, TableName view) {
        var m = Pattern.compile("^CREATE MATERIALIZED VIEW " + NAME + "(?: UUID '[^']*')? TO (" + NAME + ")")
                .matcher(createQuery);
        return m.find() ? Optional.of(TableName.parse(m.group(1), view.database())) : Optional.empty();
    }

    /// A Kafka table's settings stand in its engine's arguments, `Kafka('brokers', 'topic', 'group', 'format')`, or
    /// in SETTINGS, or half in each.
    private static Ingestion.KafkaTable kafkaTable(TableName name, String engineFull, List<Ingestion.View> views) {
        var clauses = Clauses.of(engineFull);
        var settings = Clauses.settings(clauses.getOrDefault("SETTINGS", ""));
        var engine = clauses.get("ENGINE");
        var args = engine.contains("(")
                ? Clauses.split(Clauses.unwrapped(engine.substring(engine.indexOf('('))))
                : List.<String>of();
        var topics = given(settings, "kafka_topic_list", args, 1).split("\\s*,\\s*");
        return new Ingestion.KafkaTable(
                name,
                given(settings, "kafka_broker_list", args, 0),
                List.of(topics),
                given(settings, "kafka_group_name", args, 2),
                views);
    }

    private static String given(Map<String, String> settings, String key, List<String> args, int index) {
        return plain(settings.getOrDefault(key, args.size() > index ? args.get(index) : ""));
    }

    /// Without its quotes.
    private static String plain(String raw) {
        return raw.startsWith("'")
                ? raw.substring(1, raw.length() - 1).replace("\\'", "'").replace("\\\\", "\\")
                : raw;
    }

    private static String is(TableName name, String column) {
        return "database = " + Sql.text(name.database()) + " AND " + column + " = " + Sql.text(name.table());
    }
}
