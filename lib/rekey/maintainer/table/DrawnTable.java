package rekey.maintainer.table;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import rekey.maintainer.table.ColumnType.Family;
import rekey.model.Keys;
import rekey.model.TableName;

/// A table as chance made it, with the keys it is to have and the way in which its rows come.
///
/// @param id       `7.3`, the third from seed 7: by it the same is made again
/// @param columns  those each table has first; `seq` tells its rows apart
/// @param pieces   indices, constraints and projections
/// @param ttl      the table's; empty for none
/// @param alive    which rows no TTL takes, a condition
/// @param settings by their names
/// @param comment  of the table; empty for none
/// @param later    a column that is added when the table has rows
/// @param earlier  statements on the filled table, `{}` being its name
record DrawnTable(
        String id,
        long seed,
        DrawnEngine engine,
        DrawnKeys keys,
        List<DrawnColumn> columns,
        List<String> pieces,
        String ttl,
        String alive,
        Map<String, String> settings,
        String comment,
        List<DrawnColumn> later,
        List<String> earlier,
        Feed feed) {
    /// Rows that it is filled with.
    static final int FILLED = 6000;

    private static final List<String> NAMES =
            List.of("c", "Value", "a name, with (all)", "größe", "it's", "`tick`", "from");
    /// Each with values that a table of this size can bear.
    private static final Map<String, List<String>> SETTINGS = Map.ofEntries(
            Map.entry("index_granularity", List.of("128", "1024", "8192")),
            Map.entry("index_granularity_bytes", List.of("0", "4096", "10485760")),
            Map.entry("min_bytes_for_wide_part", List.of("0", "100000000")),
            Map.entry("min_rows_for_wide_part", List.of("0", "1000")),
            Map.entry("ttl_only_drop_parts", List.of("1")),
            Map.entry("merge_with_ttl_timeout", List.of("7200")),
            Map.entry("non_replicated_deduplication_window", List.of("100")),
            Map.entry("ratio_of_defaults_for_sparse_serialization", List.of("0", "0.5", "1")),
            Map.entry("compress_marks", List.of("0")),
            Map.entry("compress_primary_key", List.of("0")),
            Map.entry("marks_compression_codec", List.of("'ZSTD(1)'")),
            Map.entry("max_parts_to_merge_at_once", List.of("5")),
            Map.entry("old_parts_lifetime", List.of("10")),
            Map.entry("enable_block_number_column", List.of("0", "1")),
            Map.entry("finished_mutations_to_keep", List.of("5")),
            Map.entry("max_bytes_to_merge_at_max_space_in_pool", List.of("50000000")),
            Map.entry("min_age_to_force_merge_seconds", List.of("86400")),
            Map.entry("vertical_merge_algorithm_min_rows_to_activate", List.of("1")),
            Map.entry("write_marks_for_substreams_in_compact_parts", List.of("0")),
            Map.entry("add_minmax_index_for_numeric_columns", List.of("1")),
            Map.entry("assign_part_uuids", List.of("1")),
            Map.entry("auto_statistics_types", List.of("''", "'minmax'", "'minmax, uniq'")),
            Map.entry("storage_policy", List.of("'default'")),
            Map.entry("columns_to_prewarm_mark_cache", List.of("'seq,at'")));

    static DrawnTable draw(long seed, long number) {
        var draw = Draw.of(seed, number);
        var engine = draw.oneIn(4) ? DrawnEngine.PLAIN : draw.one(List.of(DrawnEngine.values()));
        var keys = DrawnKeys.draw(draw, engine);
        var columns = new ArrayList<>(own(draw, engine));
        var types = draw.some(ColumnType.ALL.stream().filter(engine::takes).toList(), 3, 9);
        for (int n = 0; n < types.size(); n++) columns.add(column(draw, engine, types.get(n), n));
        columns.addAll(derived(draw));
        var settings = settings(draw);
        if (columns.stream()
                .anyMatch(c -> c.name().equals("kind") && c.definition().startsWith("Nullable")))
            settings.put("allow_nullable_key", "1");
        if (Stream.of(keys.before(), keys.after()).anyMatch(k -> k.orderBy().contains(" DESC")))
            settings.put("allow_experimental_reverse_key", "1");
        var pieces = new ArrayList<>(indices(draw, columns));
        if (draw.oneIn(4)) pieces.add("CONSTRAINT plausible CHECK seq < 1000000000000");
        if (draw.oneIn(3) && !"0".equals(settings.get("index_granularity_bytes"))) {
            pieces.addAll(projections(draw, engine));
            settings.put("deduplicate_merge_projection_mode", draw.one(List.of("'rebuild'", "'drop'")));
            settings.put("lightweight_mutation_projection_mode", draw.one(List.of("'rebuild'", "'drop'")));
        }
        if (engine == DrawnEngine.AGGREGATING) settings.put("allow_dimensions_outside_sorting_key", "1");
        var ttl = engine.folds()
                ? ""
                : draw.one(List.of(
                        "",
                        "",
                        "",
                        "at + toIntervalYear(30)",
                        "aged + toIntervalYear(5)",
                        "at + toIntervalYear(30) WHERE seq % 2 = 0",
                        "at + toIntervalDay(1) RECOMPRESS CODEC(ZSTD(2))"));
        // one that is added up would count by how far merges have come when it is added
        var later = draw.oneIn(4) && engine != DrawnEngine.SUMMING
                ? List.of(new DrawnColumn("later", "UInt64 DEFAULT seq * 3", "", "{}", null))
                : List.<DrawnColumn>of();
        return new DrawnTable(
                seed + "." + number,
                seed,
                engine,
                keys,
                List.copyOf(columns),
                pieces,
                ttl,
                ttl.startsWith("aged") ? "aged > '2010-01-01'" : "1",
                settings,
                draw.oneIn(4) ? "a table, 'quoted'" : "",
                later,
                earlier(draw, engine),
                feed(draw, engine));
    }

    /// By which the judge is proved: see [Spoilt].
    static DrawnTable control() {
        var number = ColumnType.ALL.stream()
                .filter(t -> t.oneOf("UInt32"))
                .findFirst()
                .orElseThrow();
        var columns = new ArrayList<>(own(Draw.of(0, 0), DrawnEngine.PLAIN));
        columns.add(new DrawnColumn("c0", number.type(), number.value(), number.shown(), number));
        return new DrawnTable(
                "control",
                0,
                DrawnEngine.PLAIN,
                new DrawnKeys(
                        new Keys("toYYYYMM(at)", "", "tenant, at", ""),
                        new Keys("", "", "at, kind, cityHash64(seq)", "cityHash64(seq)"),
                        false),
                List.copyOf(columns),
                List.of("INDEX i0 c0 TYPE minmax GRANULARITY 1"),
                "",
                "1",
                Map.of("merge_with_ttl_timeout", "7200"),
                "",
                List.of(),
                List.of(),
                Feed.ONE);
    }

    private static List<DrawnColumn> own(Draw draw, DrawnEngine engine) {
        var key = engine.merges ? "k" : "i";
        var tenant = draw.one(List.of(
                DrawnColumn.own("tenant", "UInt32", "toUInt32(" + key + " % 7)"),
                DrawnColumn.own("tenant", "Int64 CODEC(DoubleDelta, LZ4)", "toInt64(" + key + " % 7) - 3"),
                DrawnColumn.own("tenant", "LowCardinality(String)", "concat('t', toString(" + key + " % 7))")));
        var kind = draw.one(List.of(
                DrawnColumn.own("kind", "Enum8('a' = 1, 'b' = 2, 'c' = 3)", "['a', 'b', 'c'][" + key + " % 3 + 1]"),
                DrawnColumn.own("kind", "String", "['click', '', 'view'][" + key + " % 3 + 1]"),
                DrawnColumn.own("kind", "Nullable(String)", "if(" + key + " % 3 = 0, NULL, toString(" + key + " % 3))"),
                DrawnColumn.own("kind", "UInt8", "toUInt8(" + key + " % 3)")));
        var at = DrawnColumn.own(
                "at",
                draw.one(
                        List.of("DateTime('UTC')", "DateTime('UTC') CODEC(Delta(4), ZSTD(1))", "DateTime64(3, 'UTC')")),
                "toDateTime('2026-01-26 00:00:00', 'UTC') + (" + key + " * 7919) % 1000000");
        var out = new ArrayList<>(List.of(
                DrawnColumn.own("seq", engine.folds() ? "SimpleAggregateFunction(any, UInt64)" : "UInt64", "i"),
                at,
                tenant,
                kind,
                DrawnColumn.own(
                        "aged", "Date", "if(" + key + " % 11 = 0, toDate('2001-01-01'), toDate('2026-01-01'))")));
        if (engine.merges) out.add(DrawnColumn.own("key", "UInt64", "k"));
        out.addAll(engine.columns());
        return draw.shuffled(out);
    }

    private static DrawnColumn column(Draw draw, DrawnEngine engine, ColumnType type, int n) {
        var name = draw.oneIn(6) ? draw.one(NAMES) + n : "c" + n;
        var definition = type.type()
                + (draw.oneIn(12) ? " COMMENT 'it''s one, (maybe) ORDER BY nothing'" : "")
                + (draw.oneIn(3) ? " CODEC(" + draw.one(type.codecs()) + ")" : "");
        if (type.family() == Family.NUMBER && type.codecs().size() > 4 && draw.oneIn(6))
            definition += " STATISTICS(" + draw.one(List.of("minmax", "tdigest", "uniq")) + ")";
        if (draw.oneIn(10)
                && !engine.folds()
                && type.shown().equals("{}")
                && !type.type().startsWith("SimpleAggregate")) definition += " TTL at + toIntervalYear(25)";
        return new DrawnColumn(name, definition, type.value(), type.shown(), type);
    }

    /// Columns that nobody inserts.
    private static List<DrawnColumn> derived(Draw draw) {
        return draw.some(
                List.of(
                        new DrawnColumn("d_default", "String DEFAULT concat('d', toString(seq))", "", "{}", null),
                        new DrawnColumn("d_stored", "UInt64 MATERIALIZED cityHash64(tuple(seq, kind))", "", "{}", null),
                        new DrawnColumn("d_day", "Date MATERIALIZED toDate(at) CODEC(Delta, LZ4)", "", "{}", null),
                        new DrawnColumn(
                                "d_alias", "String ALIAS concat(toString(tenant), '-', toString(seq))", "", "{}", null),
                        new DrawnColumn("d_given", "UInt64 EPHEMERAL 5", "", "", null)),
                0,
                3);
    }

    private static LinkedHashMap<String, String> settings(Draw draw) {
        var out = new LinkedHashMap<String, String>();
        for (var name : draw.some(SETTINGS.keySet().stream().sorted().toList(), 0, 5))
            out.put(name, draw.one(SETTINGS.get(name)));
        return out;
    }

    private static List<String> indices(Draw draw, List<DrawnColumn> columns) {
        var out = new ArrayList<String>();
        for (var c : draw.some(columns.stream().filter(c -> c.type() != null).toList(), 0, 3)) {
            var kind =
                    switch (c.type().family()) {
                        case NUMBER, TIME -> draw.one(List.of("minmax", "set(100)", "bloom_filter(0.02)"));
                        case TEXT ->
                            c.type().oneOf("String")
                                    ? draw.one(List.of(
                                            "tokenbf_v1(1024, 2, 0)",
                                            "ngrambf_v1(3, 512, 2, 0)",
                                            "bloom_filter",
                                            "set(0)"))
                                    : "bloom_filter";
                        case OTHER ->
                            c.type()
                                            .oneOf(
                                                    "Array(UInt32)",
                                                    "Array(LowCardinality(String))",
                                                    "UUID",
                                                    "IPv4",
                                                    "Nullable(String)")
                                    ? "bloom_filter(0.01)"
                                    : "";
                    };
            if (!kind.isEmpty())
                out.add("INDEX i" + out.size() + " " + c.sql() + " TYPE " + kind + " GRANULARITY "
                        + (1 + draw.upTo(4)));
        }
        return out;
    }

    private static List<String> projections(Draw draw, DrawnEngine engine) {
        var all = new ArrayList<>(List.of(
                "PROJECTION counted (SELECT kind, count(), max(seq) GROUP BY kind)",
                "PROJECTION by_tenant (SELECT seq, tenant ORDER BY tenant)",
                "PROJECTION whole (SELECT * ORDER BY seq)"));
        if (!engine.merges) all.add("PROJECTION places (SELECT _part_offset ORDER BY tenant, seq)");
        return draw.some(all, 1, 2);
    }

    private static List<String> earlier(Draw draw, DrawnEngine engine) {
        var told = engine.merges ? "key" : "seq";
        return draw.some(
                List.of(
                        "DELETE FROM {} WHERE " + told + " % 29 = 3",
                        "ALTER TABLE {} DELETE WHERE " + told + " % 31 = 5",
                        // of rows that are folded all say the same but for what is folded
                        engine.folds()
                                ? "OPTIMIZE TABLE {}"
                                : "ALTER TABLE {} UPDATE aged = '2026-02-02' WHERE " + told
                                        + " % 37 = 1 AND aged > '2010-01-01'",
                        "OPTIMIZE TABLE {} FINAL"),
                0,
                2);
    }

    private static Feed feed(Draw draw, DrawnEngine engine) {
        var feeds = Stream.of(Feed.values())
                .filter(f -> engine.anyOrder || f.inOrder)
                .toList();
        return draw.one(feeds);
    }

    /// The same for a table that several hosts have: its rows come by INSERTs, for what else may bring them would
    /// have to be there on each host.
    /// Three writers bring a table of seven partitions more parts than a host of a lab fetches, so there is one.
    DrawnTable onReplicas() {
        var plain = Set.of(Feed.NONE, Feed.ONE, Feed.ASYNC, Feed.DELETES);
        return new DrawnTable(
                id,
                seed,
                engine,
                keys,
                columns,
                pieces,
                ttl,
                alive,
                settings,
                comment,
                later,
                earlier,
                plain.contains(feed) ? feed : Feed.ONE);
    }

    /// What makes it, under other keys.
    String create(TableName name, Keys by) {
        return create(name, by, engine.clause);
    }

    /// @param engine as it stands in it
    String create(TableName name, Keys by, String engine) {
        var body = Stream.concat(columns.stream().map(c -> c.sql() + " " + c.definition()), pieces.stream())
                .collect(Collectors.joining(",\n  "));
        return "CREATE TABLE " + name.sql() + " (\n  " + body + ")\nENGINE = " + engine
                + clause("PARTITION BY", by.partitionBy()) + clause("PRIMARY KEY", by.primaryKey())
                + (by.orderBy().isEmpty() ? "\nORDER BY tuple()" : clause("ORDER BY", by.orderBy()))
                + (by.sampleBy().isEmpty() ? "" : "\nSAMPLE BY " + by.sampleBy())
                + (ttl.isEmpty() ? "" : "\nTTL " + ttl)
                + (settings.isEmpty()
                        ? ""
                        : "\nSETTINGS "
                                + settings.entrySet().stream()
                                        .map(e -> e.getKey() + " = " + e.getValue())
                                        .collect(Collectors.joining(", ")))
                + (comment.isEmpty() ? "" : "\nCOMMENT '" + comment.replace("'", "''") + "'");
    }

    private static String clause(String word, String key) {
        return key.isEmpty() ? "" : "\n" + word + " " + (key.contains(", ") ? "(" + key + ")" : key);
    }

    String addLater(TableName name) {
        return later.stream()
                .map(c -> "ADD COLUMN " + c.sql() + " " + c.definition())
                .collect(Collectors.joining(", ", "ALTER TABLE " + name.sql() + " ", ""));
    }

    /// The columns of an INSERT.
    String inserted() {
        return columns.stream()
                .filter(DrawnColumn::inserted)
                .map(DrawnColumn::sql)
                .collect(Collectors.joining(", "));
    }

    /// What an INSERT takes from rows with a number `i`.
    String values(String from) {
        return "SELECT "
                + columns.stream()
                        .filter(DrawnColumn::inserted)
                        .map(c -> c.value() + " AS " + c.sql())
                        .collect(Collectors.joining(", "))
                + (engine.folds()
                        ? " FROM (SELECT n, k, turn, k AS i FROM (SELECT i AS n, toUInt64(i % " + keyCount()
                                + ") AS k, intDiv(i, " + keyCount() + ") AS turn FROM " + from + "))"
                        : " FROM (SELECT i, i % " + keyCount() + " AS k FROM " + from + ")");
    }

    /// How many keys its rows have where merges make one row of a key.
    int keyCount() {
        return engine.keys(FILLED);
    }

    String insert(TableName into, long first, long count) {
        return "INSERT INTO " + into.sql() + " (" + inserted() + ") "
                + values("(SELECT number AS i FROM numbers(" + first + ", " + count + "))");
    }

    /// All columns that hold something.
    List<DrawnColumn> compared() {
        return Stream.concat(columns.stream(), later.stream())
                .filter(c -> !c.shown().isEmpty())
                .toList();
    }

    /// In a few words.
    String kind() {
        return engine.clause + " of " + columns.size() + " columns, " + keys + ", fed by "
                + feed.name().toLowerCase();
    }
}
