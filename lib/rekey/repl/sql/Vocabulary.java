package rekey.repl.sql;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.Sql;
import rekey.model.TableName;
import rekey.model.Trouble;

/// The words that a server knows: its keywords, functions, settings, formats, and the names of what is on it. Read
/// when first needed and kept for a while; what can't be read is no word.
public final class Vocabulary {
    private static final Duration FIXED = Duration.ofHours(1), NAMES = Duration.ofSeconds(15);
    /// Known before the server has told its own.
    private static final Set<String> COMMON = Set.of(
            "SELECT",
            "FROM",
            "WHERE",
            "PREWHERE",
            "GROUP",
            "ORDER",
            "BY",
            "HAVING",
            "LIMIT",
            "OFFSET",
            "FORMAT",
            "SETTINGS",
            "WITH",
            "AS",
            "AND",
            "OR",
            "NOT",
            "IN",
            "IS",
            "NULL",
            "LIKE",
            "ILIKE",
            "BETWEEN",
            "DISTINCT",
            "JOIN",
            "LEFT",
            "RIGHT",
            "INNER",
            "FULL",
            "CROSS",
            "ANY",
            "ALL",
            "ASOF",
            "ON",
            "USING",
            "UNION",
            "INSERT",
            "INTO",
            "VALUES",
            "CREATE",
            "TABLE",
            "VIEW",
            "MATERIALIZED",
            "DATABASE",
            "DICTIONARY",
            "ALTER",
            "DROP",
            "TRUNCATE",
            "OPTIMIZE",
            "FINAL",
            "RENAME",
            "EXCHANGE",
            "TO",
            "DETACH",
            "ATTACH",
            "SHOW",
            "TABLES",
            "DATABASES",
            "DESCRIBE",
            "EXPLAIN",
            "SYSTEM",
            "KILL",
            "QUERY",
            "MUTATION",
            "PARTITION",
            "SAMPLE",
            "ENGINE",
            "PRIMARY",
            "KEY",
            "TTL",
            "COLUMN",
            "ADD",
            "MODIFY",
            "DELETE",
            "UPDATE",
            "SET",
            "USE",
            "IF",
            "EXISTS",
            "CASE",
            "WHEN",
            "THEN",
            "ELSE",
            "END",
            "DESC",
            "ASC",
            "INTERVAL",
            "ARRAY",
            "OVER",
            "WINDOW",
            "GRANT",
            "REVOKE",
            "SYNC",
            "PROCESSLIST",
            "CHECK",
            "OUTFILE");

    private final Supplier<ClickHouse> server;
    private final Map<String, Kept> kept = new ConcurrentHashMap<>();
    private final Set<String> loading = ConcurrentHashMap.newKeySet();

    private record Kept(List<String> words, Set<String> set, Instant until) {}

    /// @param server the one of the moment
    public Vocabulary(Supplier<ClickHouse> server) {
        this.server = server;
    }

    public List<String> keywords() {
        var all = completions("keyword");
        return all.isEmpty() ? COMMON.stream().sorted().toList() : all;
    }

    public List<String> functions() {
        return completions("function");
    }

    public List<String> tableFunctions() {
        return completions("table function");
    }

    public List<String> settings() {
        return completions("setting");
    }

    public List<String> formats() {
        return completions("format");
    }

    public List<String> types() {
        return completions("data type");
    }

    public List<String> engines() {
        return completions("table engine");
    }

    /// Of that kind in `system.completions` (from 25.8 on).
    private List<String> completions(String context) {
        return words(
                context,
                FIXED,
                "SELECT DISTINCT word AS w FROM system.completions WHERE context = " + Sql.text(context)
                        + " ORDER BY w");
    }

    public List<String> databases() {
        return words("databases", NAMES, "SELECT name AS w FROM system.databases ORDER BY w");
    }

    public List<String> tables(String database) {
        return words(
                "tables of " + database,
                NAMES,
                "SELECT name AS w FROM system.tables WHERE database = " + Sql.text(database) + " ORDER BY w");
    }

    public List<String> columns(TableName table) {
        return words(
                "columns of " + table.sql(),
                NAMES,
                "SELECT name AS w FROM system.columns WHERE database = %s AND table = %s ORDER BY position"
                        .formatted(Sql.text(table.database()), Sql.text(table.table())));
    }

    /// The ids of a table's partitions.
    public List<String> partitions(TableName table) {
        return words(
                "partitions of " + table.sql(),
                NAMES,
                ("SELECT DISTINCT partition_id AS w FROM system.parts WHERE active AND database = %s AND "
                                + "table = %s ORDER BY w")
                        .formatted(Sql.text(table.database()), Sql.text(table.table())));
    }

    /// The ids of the queries that run.
    public List<String> queries() {
        return words(
                "queries",
                Duration.ofSeconds(1),
                "SELECT query_id AS w FROM system.processes WHERE query_id != queryID() ORDER BY elapsed DESC");
    }

    /// Whether it is a keyword, as far as is known without waiting.
    boolean keyword(String word) {
        var upper = word.toUpperCase(Locale.ROOT);
        return COMMON.contains(upper) || atHand("keyword").contains(upper);
    }

    /// Whether it is a function, as far as is known without waiting.
    boolean function(String word) {
        return atHand("function").contains(word);
    }

    /// Without waiting; what is not there is read meanwhile.
    private Set<String> atHand(String context) {
        var there = kept.get(context);
        if (there != null) return there.set;
        if (loading.add(context)) Thread.startVirtualThread(() -> completions(context));
        return Set.of();
    }

    private List<String> words(String key, Duration life, String sql) {
        var there = kept.get(key);
        if (there != null && Instant.now().isBefore(there.until)) return there.words;
        try {
            var words = server.get().query(sql).stream().map(r -> r.string("w")).toList();
            kept.put(key, new Kept(words, new HashSet<>(words), Instant.now().plus(life)));
            return words;
        } catch (Trouble e) {
            return there == null ? List.of() : there.words; // completion is no place to complain
        }
    }

    /// Another server has other words.
    public void forget() {
        kept.clear();
        loading.clear();
    }
}
