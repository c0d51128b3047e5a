package rekey.model;

import java.util.Arrays;
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
public record Table(
        TableName name,
        String uuid,
        String engine,
        String engineClause,
        Keys keys,
        String ttl,
        Map<String, String> settings,
        List<Column> columns,
        String storagePolicy,
        long rows,
        long bytes,
        String definition) {
    /// The settings by which merges of a ReplacingMergeTree may remove deleted rows for good.
    public static final List<String> CLEANUP = List.of(
            "allow_experimental_replacing_merge_with_cleanup",
            "enable_replacing_merge_with_cleanup_for_min_age_to_force_merge");

    /// The same under another name.
    public Table named(TableName other) {
        return new Table(
                other,
                uuid,
                engine,
                engineClause,
                keys,
                ttl,
                settings,
                columns,
                storagePolicy,
                rows,
                bytes,
                definition);
    }

    /// Engines whose merges drop or fold rows, so that a raw row count is no property of the data.
    public boolean collapses() {
        return !engine.replaceFirst("^(Replicated|Shared)", "").equals("MergeTree");
    }

    /// Only the newest version of a row is kept: the one collapsing engine whose rows keep their own block number.
    public boolean replacing() {
        return engine.replaceFirst("^(Replicated|Shared)", "").equals("ReplacingMergeTree");
    }

    /// A merge makes one row of several, which keeps the lowest of their block numbers: what came since can't be
    /// told by these.
    public boolean folds() {
        return mergeTree() && collapses() && !replacing();
    }

    /// Whether it folds rows by the order of their insertion: a CoalescingMergeTree keeps the last value, and a
    /// CollapsingMergeTree the last state where there is one more of those than of their cancellations. Sums, and
    /// states that are merged, are the same in any order; so is what a VersionedCollapsingMergeTree keeps.
    public boolean foldsByOrder() {
        return coalescing() || !signColumn().isEmpty();
    }

    public boolean coalescing() {
        return engine.endsWith("CoalescingMergeTree");
    }

    /// Whether a column of a CoalescingMergeTree keeps its last value, one of a SummingMergeTree is added up where
    /// its type can be: each that is in no key, or those that the engine names. Of any other the first value stays.
    public boolean folded(Column column) {
        var named = engineArguments().stream()
                .map(a -> a.replaceAll("[()`\\s]", ""))
                .filter(a -> !a.isEmpty())
                .toList();
        return named.isEmpty() ? !inKey(column) : named.contains(column.name());
    }

    /// Whether the sorting key or the partition key names a column.
    public boolean inKey(Column column) {
        return Pattern.compile("(?<![A-Za-z0-9_])" + Pattern.quote(column.name()) + "(?![A-Za-z0-9_])")
                .matcher(keys.orderBy() + " " + keys.partitionBy())
                .find();
    }

    /// The column whose rows with 1 and -1 cancel out, empty of an engine that has none.
    public String sign() {
        return engine.endsWith("CollapsingMergeTree")
                ? engineArguments().getFirst().replace("`", "")
                : "";
    }

    /// The column of a VersionedCollapsingMergeTree by which rows are one besides the key, empty of any other.
    public String foldedVersion() {
        return engine.endsWith("VersionedCollapsingMergeTree")
                ? engineArguments().get(1).replace("`", "")
                : "";
    }

    /// The sign of a CollapsingMergeTree, empty of any other.
    public String signColumn() {
        return engine.replaceFirst("^(Replicated|Shared)", "").equals("CollapsingMergeTree")
                ? engineArguments().getFirst().replace("`", "")
                : "";
    }

    /// Whether its parts are on several hosts, or could be: its block numbers are then given for each partition by
    /// itself, and a lower one may come after a higher one.
    public boolean replicated() {
        return engine.startsWith("Replicated");
    }

    public boolean mergeTree() {
        return engine.endsWith("MergeTree");
    }

    /// Whether a condition may tell rows apart that merges take for one: it names a column that is no element of the
    /// sorting key. Which of them is there depends on what was merged so far, so by it a DELETE may leave an older
    /// row in one table and none in another.
    public boolean tellsVersionsApart(String condition) {
        if (!replacing()) return false;
        var text = Mutation.withoutText(condition);
        var key = keys.orderBy();
        for (var before = ""; !before.equals(key); ) {
            before = key;
            key = key.replaceAll("\\([^()]*\\)", "()");
        }
        var elements = Arrays.stream(key.split(","))
                .map(e -> e.strip().replaceFirst("\\s+(ASC|DESC)$", "").replace("`", ""))
                .toList();
        return columns.stream()
                .map(Column::name)
                .filter(c -> !elements.contains(c))
                .anyMatch(c -> Pattern.compile("(?<![A-Za-z0-9_])" + Pattern.quote(c) + "(?![A-Za-z0-9_])")
                        .matcher(text)
                        .find());
    }

    /// The columns stored in parts, those computed on insert among them.
    public List<Column> storedColumns() {
        return columns.stream().filter(Column::stored).toList();
    }

    /// The stored columns as a list for a statement.
    public String columnList() {
        return storedColumns().stream().map(Column::sql).collect(Collectors.joining(", "));
    }

    /// The stored columns whose expression may yield something else each time that it is computed, as
    /// `now64()` does.
    public List<Column> varyingColumns() {
        return storedColumns().stream().filter(this::varies).toList();
    }

    /// Whether an expression varies by itself, or through a column that is stored nowhere. A column that
    /// merely has the name of such a function does not count.
    private boolean varies(Column column) {
        var text = Mutation.withoutText(column.expression());
        for (var other : columns) {
            if (!text.contains(other.name()) && !text.contains(other.sql()) || other.equals(column)) continue;
            var rest = text.replaceAll(
                    "(?<![\\w`])(?:" + Pattern.quote(other.sql()) + "|" + Pattern.quote(other.name()) + ")(?![\\w`(])",
                    "");
            if (!rest.equals(text) && !other.stored() && varies(other)) return true;
            text = rest;
        }
        return Mutation.varies(text);
    }

    /// The version column of a ReplacingMergeTree, empty when it was made without one.
    public String versionColumn() {
        return arguments().stream().findFirst().orElse("");
    }

    /// The column that says of a ReplacingMergeTree's row that its key is deleted, where merges may remove such rows
    /// for good; else empty.
    public String cleanedColumn() {
        return arguments().size() < 2
                        || CLEANUP.stream()
                                .noneMatch(s -> "1".equals(settings.get(s)) || "true".equals(settings.get(s)))
                ? ""
                : arguments().get(1);
    }

    /// Whether a ReplacingMergeTree has a column that says of a row that its key is deleted: FINAL then shows no row
    /// of that key.
    public boolean marksDeleted() {
        return arguments().size() > 1;
    }

    private List<String> arguments() {
        return replacing() ? engineArguments() : List.of();
    }

    /// The engine's arguments but for a path and a name in Keeper.
    public List<String> engineArguments() {
        if (!engineClause.endsWith(")")) return List.of();
        var args = engineClause.substring(engineClause.indexOf('(') + 1, engineClause.length() - 1);
        return java.util.Arrays.stream(args.split(","))
                .map(String::strip)
                .filter(a -> !a.startsWith("'") && !a.isEmpty())
                .toList();
    }
}
