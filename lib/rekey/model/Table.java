package rekey.model;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A table as the server describes it at one moment.
///
/// @param uuid          its identity in an Atomic database: it stays with the data through EXCHANGE and RENAME
/// @param engine        such as `ReplacingMergeTree`
/// @param engineClause  the engine with its arguments, such as `ReplacingMergeTree(_timestamp)`
/// @param ttl           the table's TTL, empty when it has none
/// @param settings      the SETTINGS in its definition, as written there
/// @param rows          rows in active parts
/// @param bytes         bytes on disk of active parts
/// @param definition    the whole CREATE statement
public record Table(TableName name, String uuid, String engine, String engineClause, Keys keys, String ttl,
                    Map<String, String> settings, List<Column> columns, String storagePolicy,
                    long rows, long bytes, String definition) {
    /// The settings by which merges of a ReplacingMergeTree may remove deleted rows for good.
    public static final List<String> CLEANUP = List.of("allow_experimental_replacing_merge_with_cleanup",
            "enable_replacing_merge_with_cleanup_for_min_age_to_force_merge");

    /// The same under another name.
    public Table named(TableName other) {
        return new Table(other, uuid, engine, engineClause, keys, ttl, settings, columns, storagePolicy, rows, bytes, definition);
    }

    /// Engines whose merges drop or fold rows, so that a raw row count is no property of the data.
    public boolean collapses() {
        return !engine.replaceFirst("^(Replicated|Shared)", "").equals("MergeTree");
    }

    /// Only the newest version of a row is kept: the one collapsing engine whose rows keep their own block number.
    public boolean replacing() {
        return engine.replaceFirst("^(Replicated|Shared)", "").equals("ReplacingMergeTree");
    }

    public boolean mergeTree() {
        return engine.endsWith("MergeTree");
    }

    /// The columns stored in parts, those computed on insert among them.
    public List<Column> storedColumns() {
        return columns.stream().filter(Column::stored).toList();
    }

    /// The stored columns as a list for a statement.
    public String columnList() {
        return storedColumns().stream().map(Column::sql).collect(Collectors.joining(", "));
    }

    /// The stored columns whose expression may yield something else each time that it is computed, as `now64()` does.
    public List<Column> varyingColumns() {
        return storedColumns().stream().filter(this::varies).toList();
    }

    /// By itself, or by a column that is stored nowhere. What only has the name of such a function is a column.
    private boolean varies(Column column) {
        var text = Mutation.withoutText(column.expression());
        for (var other : columns) {
            if (!text.contains(other.name()) && !text.contains(other.sql()) || other.equals(column)) continue;
            var rest = text.replaceAll("(?<![\\w`])(?:" + Pattern.quote(other.sql()) + "|" + Pattern.quote(other.name()) + ")(?![\\w`(])", "");
            if (!rest.equals(text) && !other.stored() && varies(other)) return true;
            text = rest;
        }
        return Mutation.varies(text);
    }

    /// The version column of a ReplacingMergeTree, empty when it was made without one.
    public String versionColumn() {
        return arguments().stream().findFirst().orElse("");
    }

    /// The column that says of a ReplacingMergeTree's row that its key is deleted, where merges may remove such rows for good; else empty.
    public String cleanedColumn() {
        return arguments().size() < 2 || CLEANUP.stream().noneMatch(s -> "1".equals(settings.get(s)) || "true".equals(settings.get(s))) ? "" : arguments().get(1);
    }

    private List<String> arguments() {
        if (!replacing() || !engineClause.endsWith(")")) return List.of();
        var args = engineClause.substring(engineClause.indexOf('(') + 1, engineClause.length() - 1);
        return java.util.Arrays.stream(args.split(",")).map(String::strip).filter(a -> !a.startsWith("'") && !a.isEmpty()).toList();
    }
}
