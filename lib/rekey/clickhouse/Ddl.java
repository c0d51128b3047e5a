package rekey.clickhouse;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import rekey.model.Column;
import rekey.model.Keys;
import rekey.model.Table;
import rekey.model.TableName;

/// The statements that make rekey's tables. The columns, codecs, comments, indices, constraints and projections are
/// taken from the source's own CREATE statement as text, for `CREATE TABLE ... AS` drops TTL and SETTINGS and takes
/// over the old SAMPLE BY (seen on 26.7).
public final class Ddl {
    /// Merges in the table's own definition, so that a restart of the server does not start them again. A user's
    /// OPTIMIZE still merges.
    public static final String HOLD_MERGES = "max_bytes_to_merge_at_max_space_in_pool";
    /// Where it is set, parts of that age are merged whatever [#HOLD_MERGES] says (ClickHouse's docs of the
    /// setting).
    public static final String FORCED_MERGES = "min_age_to_force_merge_seconds";
    public static final String BLOCK_NUMBERS = "enable_block_number_column";
    /// Of how many mutations that are done the server still knows: by default the last 100, and of an older one
    /// nobody could tell any more that it is to be made on the other table too. 0 keeps all (ClickHouse's docs of
    /// the setting).
    public static final String MUTATIONS_KEPT = "finished_mutations_to_keep";
    /// MATERIALIZE TTL then reads the columns of the TTLs alone and writes when each part is due, instead of writing
    /// all columns anew (seen on 26.7: 12 of 104 bytes a row).
    public static final String DUE_ONLY = "materialize_ttl_recalculate_only";

    /// A definition that the server has made once is made again as it is written, whatever this user's profile says,
    /// and with what its maker had allowed.
    public static final Map<String, String> CREATING = Map.ofEntries(
            Map.entry("flatten_nested", "0"),
            Map.entry("data_type_default_nullable", "0"),
            Map.entry("allow_suspicious_low_cardinality_types", "1"),
            Map.entry("allow_suspicious_fixed_string_types", "1"),
            Map.entry("allow_suspicious_codecs", "1"),
            Map.entry("allow_suspicious_indices", "1"),
            Map.entry("allow_suspicious_primary_key", "1"),
            Map.entry("allow_suspicious_ttl_expressions", "1"),
            Map.entry("allow_suspicious_types_in_order_by", "1"),
            Map.entry("allow_suspicious_variant_types", "1"),
            Map.entry("allow_experimental_codecs", "1"));

    private static final String HOWEVER_LARGE = " SETTINGS max_table_size_to_drop = 0",
            BEGINNING_EXCHANGE = "EXCHANGE TABLES ";

    private Ddl() {}

    /// The settings with which a table of such a definition is made; those that only newer servers know where it
    /// needs them.
    public static Map<String, String> creating(Table like) {
        if (!like.definition().contains("Nullable(Tuple(")) return CREATING;
        var out = new LinkedHashMap<>(CREATING);
        out.put("enable_nullable_tuple_type", "1");
        return out;
    }

    /// The target: the source's definition under the new keys, with block numbers on, so that what comes after the
    /// swap can be told from what was copied; without the table's TTL, which would drop or change rows while it is
    /// filled.
    public static List<String> target(Table source, TableName target, Keys keys, String engine) {
        var out = new ArrayList<String>();
        out.add(create(
                source,
                target,
                Clauses.columns(source.definition()),
                engine.isEmpty() ? source.engineClause() : engine,
                keys,
                counted(source)));
        out.addAll(withoutColumnTtl(source, target));
        return List.copyOf(out);
    }

    private static Map<String, String> counted(Table source) {
        var settings = new LinkedHashMap<>(source.settings());
        settings.remove(HOLD_MERGES);
        // where merges fold rows a row's number tells nothing, and the column would only take space
        if (!source.folds()) settings.put(BLOCK_NUMBERS, "1");
        settings.put(MUTATIONS_KEPT, "0");
        if (!ttl(source, source.name()).isEmpty()) settings.put(DUE_ONLY, "1");
        return settings;
    }

    /// The same statements, the first of which, a CREATE, names the table's UUID: so the table is known by it from
    /// its first moment on.
    public static List<String> identified(List<String> statements, TableName table, String uuid) {
        var out = new ArrayList<>(statements);
        var create = "CREATE TABLE " + table.sql();
        out.set(0, create + " UUID '" + uuid + "'" + statements.getFirst().substring(create.length()));
        return List.copyOf(out);
    }

    /// The target as it will be, for what is said of it before it is there.
    public static Table filled(Table source, TableName target, Keys keys, String engine) {
        var written = Clauses.columns(source.definition());
        var columns = Clauses.split(written).stream()
                .map(piece -> source.columns().stream()
                        .filter(c -> !c.ttl().isEmpty() && piece.startsWith(c.sql() + " "))
                        .findFirst()
                        .map(c -> piece.replace(" TTL " + c.ttl(), ""))
                        .orElse(piece))
                .collect(Collectors.joining(", "));
        var clause = engine.isEmpty() ? source.engineClause() : engine;
        return new Table(
                target,
                "",
                clause.replaceFirst("\\(.*", "").strip(),
                clause,
                keys,
                "",
                counted(source),
                source.columns().stream()
                        .map(c -> new Column(c.name(), c.type(), c.kind(), c.expression(), ""))
                        .toList(),
                source.storagePolicy(),
                0,
                0,
                source.definition().replace(written, columns));
    }

    /// A staging table: plain MergeTree, for a ReplacingMergeTree collapses rows already on insert; merges off, no
    /// TTL and no block numbers of its own, or its rows would carry foreign numbers into the target (rule 2);
    /// computed columns as plain defaults, so that their stored values are copied and not computed
    /// anew; no constraints, for rows that were there before one was added need not satisfy it.
    public static List<String> staging(Table source, TableName staging, Keys keys) {
        var settings = new LinkedHashMap<>(source.settings());
        settings.put(BLOCK_NUMBERS, "0");
        settings.put(HOLD_MERGES, "1");
        settings.put(FORCED_MERGES, "0");
        // its merges are off and its blocks may be small: nobody else writes there, and no number of parts is too
        // many
        settings.put("parts_to_delay_insert", "1000000");
        settings.put("parts_to_throw_insert", "1000000");
        // into a replicated table a part whose content was attached before is swallowed, and its rows are lost: with
        // a UUID of its own in it no part's content is another's
        if (source.replicated()) settings.put("assign_part_uuids", "1");
        var out = new ArrayList<String>();
        var columns = Clauses.split(Clauses.columns(source.definition())).stream()
                .filter(c -> !c.startsWith("CONSTRAINT "))
                .collect(Collectors.joining(", "));
        out.add(create(source, staging, columns, "MergeTree", keys, settings));
        out.addAll(withoutColumnTtl(source, staging));
        for (var c : source.columns())
            if (c.kind().equals("MATERIALIZED"))
                out.add("ALTER TABLE " + staging.sql() + " MODIFY COLUMN " + c.sql() + " DEFAULT " + c.expression());
        return List.copyOf(out);
    }

    /// Gives a table the TTLs that it was spared while it was filled: of its definition alone, so that nobody waits
    /// for a mutation of the whole table. See [#due].
    public static List<String> ttl(Table original, TableName table) {
        var out = new ArrayList<String>();
        for (var c : original.columns())
            if (!c.ttl().isEmpty())
                out.add("ALTER TABLE " + table.sql() + " MODIFY COLUMN " + c.sql() + " " + c.type() + " TTL " + c.ttl()
                        + " SETTINGS materialize_ttl_after_modify = 0");
        if (!original.ttl().isEmpty())
            out.add("ALTER TABLE " + table.sql() + " MODIFY TTL " + original.ttl()
                    + " SETTINGS materialize_ttl_after_modify = 0");
        return List.copyOf(out);
    }

    /// Has the server find out when the parts are due that were written without a TTL: before that none of them is
    /// merged for it, and a closed month that is one part never is. In the background.
    public static List<String> due(Table original, TableName table) {
        return ttl(original, table).isEmpty()
                ? List.of()
                : List.of("ALTER TABLE " + table.sql() + " MATERIALIZE TTL SETTINGS mutations_sync = 0");
    }

    private static List<String> withoutColumnTtl(Table source, TableName table) {
        return source.columns().stream()
                .filter(c -> !c.ttl().isEmpty())
                .map(c -> "ALTER TABLE " + table.sql() + " MODIFY COLUMN " + c.sql() + " REMOVE TTL")
                .toList();
    }

    private static String create(
            Table source, TableName name, String columns, String engine, Keys keys, Map<String, String> settings) {
        var sql = new StringBuilder("CREATE TABLE ")
                .append(name.sql())
                .append(" (")
                .append(columns)
                .append(")\nENGINE = ")
                .append(engine);
        if (!keys.partitionBy().isEmpty()) sql.append("\nPARTITION BY ").append(tuple(keys.partitionBy()));
        if (!keys.primaryKey().equals(keys.orderBy()))
            sql.append("\nPRIMARY KEY ").append(tuple(keys.primaryKey()));
        sql.append("\nORDER BY ").append(tuple(keys.orderBy()));
        if (!keys.sampleBy().isEmpty()) sql.append("\nSAMPLE BY ").append(keys.sampleBy());
        sql.append("\nSETTINGS ")
                .append(settings.entrySet().stream()
                        .map(e -> e.getKey() + " = " + e.getValue())
                        .collect(Collectors.joining(", ")));
        var comment = Clauses.ofCreate(source.definition()).get("COMMENT");
        if (comment != null) sql.append("\nCOMMENT ").append(comment);
        return sql.toString();
    }

    private static String tuple(String key) {
        if (key.isEmpty()) return "tuple()";
        // without the parentheses a direction is read as an alias
        boolean list =
                Clauses.split(key).size() > 1 || !KeyText.undirectedAll(key).equals(key);
        return list ? "(" + key + ")" : key;
    }

    /// Drops one of rekey's own tables, however large it is.
    public static String dropping(TableName t) {
        return "DROP TABLE IF EXISTS " + t.sql() + " SYNC" + HOWEVER_LARGE;
    }

    /// The same of one that must be there: who finds that a staging table was dropped has been taken over.
    ///
    /// @param awaited whether until its files are gone
    public static String droppingThere(TableName staging, boolean awaited) {
        return "DROP TABLE " + staging.sql() + (awaited ? " SYNC" : "") + HOWEVER_LARGE;
    }

    public static String exchanging(TableName live, TableName other) {
        return BEGINNING_EXCHANGE + live.sql() + " AND " + other.sql();
    }

    /// Whether a statement is an exchange of a table, named first.
    public static boolean exchanges(String sql, TableName live) {
        return sql.startsWith(BEGINNING_EXCHANGE + live.sql() + " ");
    }

    public static String renaming(TableName from, TableName to) {
        return "RENAME TABLE " + from.sql() + " TO " + to.sql();
    }

    /// @param values each as `name = value`
    public static String setting(TableName table, String... values) {
        return "ALTER TABLE " + table.sql() + " MODIFY SETTING " + String.join(", ", values);
    }

    public static String resetting(TableName table, String... names) {
        return "ALTER TABLE " + table.sql() + " RESET SETTING " + String.join(", ", names);
    }
}
