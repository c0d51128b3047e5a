package rekey.maintainer.table;

import java.util.List;

/// An engine that a table is drawn with. To let one in, say here what it keeps, and how two tables of it that hold
/// the same may be read so that they show the same.
enum DrawnEngine {
    PLAIN("MergeTree", "", false, true),
    REPLACING("ReplacingMergeTree", " FINAL", true, false),
    REPLACING_BY_VERSION("ReplacingMergeTree(ver)", " FINAL", true, true),
    REPLACING_DELETED("ReplacingMergeTree(ver, gone)", " FINAL", true, true),
    SUMMING("SummingMergeTree", " FINAL", true, true),
    SUMMING_SOME("SummingMergeTree((amount, hits))", " FINAL", true, true),
    AGGREGATING("AggregatingMergeTree", " FINAL", true, true),
    COLLAPSING("CollapsingMergeTree(sign)", " FINAL", true, false),
    VERSIONED("VersionedCollapsingMergeTree(sign, ver)", " FINAL", true, true),
    COALESCING("CoalescingMergeTree", " FINAL", true, false);

    /// A key comes in so many rows of those that a table is filled with. Odd where signs take turns: else each row
    /// would be cancelled.
    private static final int TURNS = 4, SIGNED_TURNS = 5;

    /// As it stands in a CREATE.
    final String clause;
    /// What a SELECT needs so that merges which have not happened yet show, too.
    final String asMerged;
    /// Whether rows of one key become one.
    final boolean merges;
    /// Whether the order in which rows came tells nothing.
    final boolean anyOrder;

    DrawnEngine(String clause, String asMerged, boolean merges, boolean anyOrder) {
        this.clause = clause;
        this.asMerged = asMerged;
        this.merges = merges;
        this.anyOrder = anyOrder;
    }

    /// Whether merges make one row of several, which is none of them. All columns but the engine's own then follow
    /// from the key: of others such an engine keeps any value, and no two tables show the same.
    boolean folds() {
        return switch (this) {
            case PLAIN, REPLACING, REPLACING_BY_VERSION, REPLACING_DELETED -> false;
            case SUMMING, SUMMING_SOME, AGGREGATING, COLLAPSING, VERSIONED, COALESCING -> true;
        };
    }

    /// Whether what merges make of rows depends on their order: then the keys must fold the same rows.
    boolean foldsByOrder() {
        return this == COLLAPSING || this == COALESCING;
    }

    /// Whether the order in which rows came decides what a key shows: no replicated table does that reliably, and
    /// rekey refuses it.
    boolean goesByOrder() {
        return this == REPLACING || foldsByOrder();
    }

    /// As it stands in the CREATE of a replicated table.
    String replicated() {
        var arguments = clause.contains("(") ? clause.substring(clause.indexOf('(') + 1, clause.length() - 1) : "";
        return "Replicated" + clause.replaceFirst("\\(.*", "") + "('/{database}/{table}', '{replica}'"
                + (arguments.isEmpty() ? "" : ", " + arguments) + ")";
    }

    /// How many keys the rows of a table have that is filled with so many.
    int keys(int filled) {
        return filled / (this == COLLAPSING || this == VERSIONED ? SIGNED_TURNS : TURNS);
    }

    /// Whether a column of that type shows the same in two tables of it, whose merges came at other times.
    boolean takes(ColumnType type) {
        boolean state = type.type().contains("AggregateFunction(");
        return switch (this) {
            case SUMMING -> !type.oneOf("Float32", "Float64");
            case COALESCING -> !state;
            default -> true;
        };
    }

    /// Columns that it needs itself. `n` is the row's number, `turn` how often its key came before.
    List<DrawnColumn> columns() {
        return switch (this) {
            case SUMMING ->
                List.of(
                        DrawnColumn.own("amount", "Int64 CODEC(T64, LZ4)", "toInt64(n % 100) + 1"),
                        DrawnColumn.own("price", "Decimal(18, 4)", "toDecimal64(n % 1000 / 16, 4)"),
                        DrawnColumn.own("hits", "UInt8", "toUInt8(n % 90 + 1)"));
            case SUMMING_SOME ->
                List.of(
                        DrawnColumn.own("amount", "Int64", "toInt64(n % 100) + 1"),
                        DrawnColumn.own("hits", "Nullable(UInt32)", "if(n % 5 = 0, NULL, toUInt32(n % 3))"));
            case AGGREGATING ->
                List.of(
                        new DrawnColumn(
                                "total",
                                "AggregateFunction(sum, UInt64)",
                                "initializeAggregation('sumState', n)",
                                "finalizeAggregation({})",
                                null),
                        new DrawnColumn(
                                "people",
                                "AggregateFunction(uniqExact, UInt64) CODEC(ZSTD(3))",
                                "initializeAggregation('uniqExactState', toUInt64(n % 1000))",
                                "finalizeAggregation({})",
                                null),
                        DrawnColumn.own("biggest", "SimpleAggregateFunction(max, UInt64)", "n"),
                        DrawnColumn.own(
                                        "seen",
                                        "SimpleAggregateFunction(groupUniqArrayArray, Array(UInt8))",
                                        "[toUInt8(n % 5)]")
                                .shownAs("arraySort({})"));
            case COLLAPSING -> List.of(SIGN, STATED);
            case VERSIONED -> List.of(SIGN, STATED, DrawnColumn.own("ver", "UInt32", "toUInt32(intDiv(turn, 2))"));
            case COALESCING ->
                List.of(
                        DrawnColumn.own("latest", "Nullable(UInt64)", "if(n % 3 = 0, NULL, n)"),
                        DrawnColumn.own("word", "LowCardinality(Nullable(String))", "if(n % 2, NULL, toString(n))"));
            case PLAIN, REPLACING -> List.of();
            case REPLACING_BY_VERSION -> List.of(DrawnColumn.own("ver", "UInt64 CODEC(Delta, ZSTD(1))", "i"));
            case REPLACING_DELETED ->
                List.of(DrawnColumn.own("ver", "UInt64", "i"), DrawnColumn.own("gone", "UInt8", "i % 13 = 0"));
        };
    }

    /// A state is set, cancelled, and the next one is set.
    private static final DrawnColumn SIGN = DrawnColumn.own("sign", "Int8", "if(turn % 2, -1, 1)"),
            STATED = DrawnColumn.own("amount", "Int64", "toInt64(intDiv(turn, 2) * 10 + k % 7)");

    /// Whether a key under which more rows stay apart can be told from a wrong one: the newest row of an old key is
    /// then the same in both tables.
    boolean toldUnderFinerKeys() {
        return this == REPLACING_BY_VERSION;
    }
}
