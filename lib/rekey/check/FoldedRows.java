package rekey.check;

import java.util.List;
import java.util.regex.Pattern;
import rekey.clickhouse.Sql;
import rekey.model.Amounts;
import rekey.model.Column;
import rekey.model.Keys;
import rekey.model.Table;
import rekey.session.Session;

/// Where merges fold rows, they fold the same ones under the new keys, and nothing else decides what they make of
/// them: not the order in which rows of different keys came, nor how old they are.
public record FoldedRows() implements Check {
    /// Functions whose value depends on the order in which rows came. Rows that run through the EXCHANGE come behind
    /// newer ones.
    private static final Pattern LAST = Pattern.compile("AggregateFunction\\((?:\\d+, )?(?:anyLast|any_last|last_value"
            + "|groupArrayLast|groupArray\\(|deltaSum\\b)");

    /// Functions to which a row may be said twice.
    private static final Pattern IDEMPOTENT =
            Pattern.compile("AggregateFunction\\((?:\\d+, )?(?:min|max|any|groupBitAnd|groupBitOr|arg(?:Min|Max)"
                    + "|(?:min|max)Map|uniq\\w*|groupUniqArray(?:Array)?)\\b");

    private static final String DIMENSIONS = "allow_dimensions_outside_sorting_key";

    @Override
    public String name() {
        return "folded rows";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        var source = session.source();
        var needs = "keys by which merges fold the same rows, and values that depend on no order";
        if (!source.folds()) return Verdict.ok(this, source.engine() + " folds no rows", needs);
        if (!source.ttl().isEmpty()
                || source.columns().stream().anyMatch(c -> !c.ttl().isEmpty()))
            return Verdict.refusal(
                    this,
                    "a TTL, whose merges drop or change rows of a " + source.engine() + " while its merges are held",
                    needs,
                    "Take the TTL off for the migration (ALTER TABLE "
                            + source.name().sql() + " REMOVE TTL), and give it back when the new table is live.");
        var last = source.storedColumns().stream()
                .filter(c -> LAST.matcher(c.type()).find())
                .map(Column::name)
                .toList();
        if (!last.isEmpty())
            return Verdict.refusal(
                    this,
                    Amounts.some(last) + (last.size() == 1 ? " depends" : " depend")
                            + " on what came first or last, and rows that are written in the moment of the swap may"
                            + " come in another order",
                    needs,
                    "Wait for a later version: such a column can't be put right after the swap.");
        var states = source.coalescing()
                ? source.storedColumns().stream()
                        .filter(c -> c.type().contains("AggregateFunction(")
                                && !IDEMPOTENT.matcher(c.type()).find())
                        .map(Column::name)
                        .toList()
                : List.<String>of();
        if (!states.isEmpty())
            return Verdict.refusal(
                    this,
                    source.engine() + " adds up " + Amounts.some(states)
                            + ", and keeps the last value of other columns."
                            + " rekey inserts some rows again after the swap, and they would count twice",
                    needs,
                    "Wait for a later version, or keep such columns in an AggregatingMergeTree.");
        var plain = dimensions(source);
        if (!plain.isEmpty()
                && !source.settings().containsKey(DIMENSIONS)
                && !session.server()
                        .query("SELECT 1 AS n FROM system.merge_tree_settings WHERE name = " + Sql.text(DIMENSIONS))
                        .isEmpty())
            return Verdict.refusal(
                    this,
                    Amounts.some(plain) + (plain.size() == 1 ? " is" : " are")
                            + " no aggregate and in no key, and this server makes no such table any more",
                    needs,
                    "ALTER TABLE " + source.name().sql() + " MODIFY SETTING " + DIMENSIONS
                            + " = 1, which says that it is meant so.");
        var now = source.keys();
        var then = session.keys(source);
        if (source.foldsByOrder() && !same(session, now, then))
            return Verdict.refusal(
                    this,
                    "the new keys fold other rows than the old ones, and of a " + source.engine()
                            + " the order of rows decides, which is kept within a key alone",
                    needs,
                    "Keep the partition key and the columns of the sorting key, in whatever order: (" + now.orderBy()
                            + ").");
        return Verdict.ok(this, "merges fold the same rows, or fewer", needs);
    }

    /// Of an AggregatingMergeTree: a merge keeps any value of them.
    private static List<String> dimensions(Table source) {
        return source.storedColumns().stream()
                .filter(c -> source.engine().endsWith("AggregatingMergeTree")
                        && !c.type().contains("AggregateFunction(")
                        && !source.inKey(c))
                .map(Column::name)
                .toList();
    }

    private static boolean same(Session session, Keys now, Keys then) {
        return now.partitionBy().equals(then.partitionBy())
                && Deduplication.determines(session, now, then)
                && Deduplication.determines(session, then, now);
    }
}
