package rekey.check;

import java.util.ArrayList;
import java.util.List;
import rekey.clickhouse.KeyText;
import rekey.model.Amounts;
import rekey.model.Column;
import rekey.model.Keys;
import rekey.model.Table;
import rekey.session.Session;

/// The new keys merge the same rows as the old ones do, where the engine merges rows. It does so among rows of one
/// partition whose sorting keys are equal: so the partition key and the sorting key count together.
public record Deduplication() implements Check {
    @Override
    public String name() {
        return "deduplication";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        var source = session.source();
        var needs = "new keys that merge the same rows as the old ones";
        boolean merges = mergesAfter(session, source);
        if (!source.collapses())
            return merges
                    ? coarser(
                            session,
                            source.engine() + " keeps every row, "
                                    + session.rewrite().engine() + " would merge those with equal keys",
                            needs)
                    : Verdict.ok(this, source.engine() + " keeps every row", needs);
        if (!merges)
            return finer(
                    "rows that " + source.engine() + " merges stay apart in "
                            + session.rewrite().engine(),
                    needs);
        return compared(session, source, needs);
    }

    private static boolean mergesAfter(Session session, Table source) {
        var engine = session.rewrite().engineName();
        return engine.isEmpty() ? source.collapses() : !engine.equals("MergeTree");
    }

    private Verdict compared(Session session, Table source, String needs) {
        var before = expressions(session, source.keys());
        var after = expressions(session, session.keys(source));
        var summed = summed(source, after);
        if (!summed.isEmpty())
            return Verdict.refusal(
                    this,
                    Amounts.some(summed) + (summed.size() == 1 ? " is" : " are")
                            + " in no key any more, and a SummingMergeTree adds up what is in none",
                    needs,
                    "Keep " + Amounts.some(summed) + " in the new key, as it is.");
        var keyed = keyed(source, before, after);
        if (!keyed.isEmpty())
            return Verdict.refusal(
                    this,
                    "merges fold " + Amounts.some(keyed)
                            + " now. In the new key they could not: of two rows with equal values one would be lost",
                    needs,
                    "Take " + Amounts.some(keyed) + " out of the new key.");
        var lost = before.stream().filter(e -> !e.determinedBy(after)).toList();
        var gained = after.stream().filter(e -> !e.determinedBy(before)).toList();
        if (!lost.isEmpty())
            return coarser(
                    session,
                    "rows that differ only in " + Amounts.some(lost)
                            + " are kept apart now and would be merged under the new keys",
                    needs);
        if (!gained.isEmpty())
            return finer(
                    "rows that differ only in " + Amounts.some(gained)
                            + " are merged now and will stay apart under the new keys",
                    needs);
        return Verdict.ok(this, "the new keys merge the same rows", needs);
    }

    /// The columns of the old keys that a SummingMergeTree would add up under the new ones. Which are summed is told
    /// by the engine's argument, or else by the columns' being numbers and in no key.
    private static List<String> summed(Table source, List<KeyTree> after) {
        if (!source.engine().endsWith("SummingMergeTree")
                || !source.engineArguments().isEmpty()) return List.of();
        var old = source.keys().orderBy() + " " + source.keys().partitionBy();
        return source.storedColumns().stream()
                .filter(c -> c.type().matches("(U?Int|Float|Decimal).*"))
                .map(Column::name)
                .filter(name -> old.matches("(?s).*(?<!\\w)" + java.util.regex.Pattern.quote(name) + "(?!\\w).*"))
                .filter(name -> after.stream().noneMatch(tree -> tree.has(name)))
                .toList();
    }

    /// Columns that merges add up, or fold in another way, and that would be in a key: of two rows with 5 each one
    /// would be left, and what was 10 would be 5, in the backup too after a rollback.
    private static List<String> keyed(Table source, List<KeyTree> before, List<KeyTree> after) {
        if (!source.folds()) return List.of();
        return source.storedColumns().stream()
                .filter(c -> c.type().contains("AggregateFunction(")
                        || source.engine().endsWith("SummingMergeTree")
                                && source.folded(c)
                                && c.type().matches("(Nullable\\()?(U?Int|Float|Decimal).*"))
                .map(Column::name)
                .filter(name -> after.stream().anyMatch(tree -> tree.has(name)))
                .filter(name -> before.stream().noneMatch(tree -> tree.has(name)))
                .toList();
    }

    /// Whether rows that are one by some keys are so by others, too.
    public static boolean determines(Session session, Keys some, Keys others) {
        var by = expressions(session, some);
        return expressions(session, others).stream().allMatch(e -> e.determinedBy(by));
    }

    private static List<KeyTree> expressions(Session session, Keys keys) {
        var all = new ArrayList<>(KeyTree.parse(session.server(), keys.partitionBy()));
        all.addAll(KeyTree.parse(session.server(), KeyText.undirectedAll(keys.orderBy())));
        return all;
    }

    private Verdict finer(String saw, String needs) {
        return Verdict.warning(
                this, saw, needs, "Nothing is lost, but a query that counts on the old merging may see more rows.");
    }

    private Verdict coarser(Session session, String saw, String needs) {
        // on the way back a partition in which merges have folded rows is copied whole into the old table
        if (session.source().folds())
            return Verdict.refusal(
                    this,
                    saw,
                    needs,
                    "Add what is missing to the new key. --coarser does not serve a "
                            + session.source().engine() + ": a rollback could not tell such rows apart again.");
        return session.limits().coarser()
                ? Verdict.warning(
                        this, saw, needs, "This was accepted: such rows are gone for good once the backup is dropped.")
                : Verdict.refusal(
                        this,
                        saw,
                        needs,
                        "Add what is missing to the new key, or, if such rows may go, say so with --coarser.");
    }
}
