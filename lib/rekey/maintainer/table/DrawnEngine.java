package rekey.maintainer.table;

import java.util.List;

/// An engine that a table is drawn with. To let one in, say here what it keeps, and how two tables of it that hold
/// the same may be read so that they show the same.
enum DrawnEngine {
    PLAIN("MergeTree", "", false, true),
    REPLACING("ReplacingMergeTree", " FINAL", true, false),
    REPLACING_BY_VERSION("ReplacingMergeTree(ver)", " FINAL", true, true),
    REPLACING_DELETED("ReplacingMergeTree(ver, gone)", " FINAL", true, true);

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

    /// Columns that it needs itself.
    List<DrawnColumn> columns() {
        return switch (this) {
            case PLAIN, REPLACING -> List.of();
            case REPLACING_BY_VERSION -> List.of(DrawnColumn.own("ver", "UInt64 CODEC(Delta, ZSTD(1))", "i"));
            case REPLACING_DELETED ->
                List.of(DrawnColumn.own("ver", "UInt64", "i"), DrawnColumn.own("gone", "UInt8", "i % 13 = 0"));
        };
    }

    /// Whether a key under which more rows stay apart can be told from a wrong one: the newest row of an old key is
    /// then the same in both tables.
    boolean toldUnderFinerKeys() {
        return this == REPLACING_BY_VERSION;
    }
}
