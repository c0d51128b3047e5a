package rekey.check;

import java.util.Set;
import rekey.model.Table;
import rekey.session.Session;

/// For the table's engine rekey can tell exactly what came between two rounds: by block numbers, which
/// rows of MergeTree and ReplacingMergeTree keep through merges, or by parts whose merges are held,
/// where merges fold rows. The new engine is of the same kind, or rows would be folded where the copy
/// and the way back count them.
public record TableEngine() implements Check {
    private static final Set<String> EXACT =
            Set.of("MergeTree", "ReplacingMergeTree", "ReplicatedMergeTree", "ReplicatedReplacingMergeTree");

    /// Those that fold rows and were shown to go there, back, and there again beside writers that never pause, with
    /// runners that die at each moment of it.
    private static final Set<String> FOLDING = Set.of(
            "SummingMergeTree",
            "AggregatingMergeTree",
            "CollapsingMergeTree",
            "VersionedCollapsingMergeTree",
            "CoalescingMergeTree",
            "ReplicatedSummingMergeTree",
            "ReplicatedAggregatingMergeTree",
            "ReplicatedVersionedCollapsingMergeTree");

    @Override
    public String name() {
        return "table engine";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        var source = session.source();
        var needs = "MergeTree, ReplacingMergeTree, SummingMergeTree, AggregatingMergeTree,"
                + " VersionedCollapsingMergeTree, replicated or not; CollapsingMergeTree, CoalescingMergeTree, not"
                + " replicated";
        if (source.name().table().startsWith(".inner"))
            return Verdict.refusal(
                    this,
                    source.name() + " is the hidden table of a materialized view",
                    needs,
                    "Give the view a table of its own (CREATE MATERIALIZED VIEW ... TO), then rewrite that table.");
        if (FOLDING.contains(source.engine()))
            return folding(source, session.rewrite().engine(), needs);
        if (!EXACT.contains(source.engine())) return Verdict.refusal(this, source.engine(), needs, why(source));
        var wanted = session.rewrite().engine();
        if (!wanted.isEmpty() && session.rewrite().engineName().startsWith("Replicated") && !source.replicated())
            return Verdict.refusal(
                    this,
                    "--engine " + wanted + " for the new table",
                    needs,
                    "Name one that is not replicated, or leave it out to keep " + source.engineClause()
                            + ": to make a table replicated is another migration.");
        if (wanted.isEmpty()) return Verdict.ok(this, source.engineClause(), needs);
        if (EXACT.contains(session.rewrite().engineName()))
            return Verdict.ok(this, source.engineClause() + ", to be " + wanted, needs);
        return Verdict.refusal(
                this,
                "--engine " + wanted + " for the new table",
                needs,
                "Name MergeTree or ReplacingMergeTree with --engine, or leave it out to keep " + source.engineClause()
                        + ": rekey makes no other engine of this one.");
    }

    /// Under another engine, or other arguments, merges would fold other rows, and the way back would not give the
    /// old ones again.
    private Verdict folding(Table source, String wanted, String needs) {
        return wanted.isEmpty() || plain(wanted).equals(plain(source.engineClause()))
                ? Verdict.ok(this, source.engineClause(), needs)
                : Verdict.refusal(
                        this,
                        "--engine " + wanted + " for the new table",
                        needs,
                        "Leave it out to keep " + source.engineClause()
                                + ": rows that merges have folded can't be told apart again on the way back.");
    }

    private static String plain(String clause) {
        return clause.replaceAll("[`\\s]|\\(\\)", "");
    }

    private static String why(Table source) {
        var engine = source.engine();
        if (!source.mergeTree())
            return "Nothing can be done here: only tables of the MergeTree family have keys of their own.";
        if (engine.startsWith("Shared")) return "Wait for a later version: rekey does not write to a Shared table yet.";
        if (engine.equals("ReplicatedCollapsingMergeTree") || engine.equals("ReplicatedCoalescingMergeTree"))
            return byOrder(source);
        if (engine.endsWith("GraphiteMergeTree")) return byAge(source);
        return "Wait for a later version: a merged row of this engine keeps an older block number, so rows that come"
                + " during the copy could be missed.";
    }

    /// A round would also carry a block before a lower one that comes later. While writers rest the order tells
    /// nothing any more: with FINAL a key is read as merges would leave it.
    private static String byOrder(Table source) {
        return "Of this engine the order of INSERTs decides. The hosts' tables are exchanged one after the other,"
                + " so for a moment rows of one key come into both tables, and nothing tells which came later. "
                + (source.engine().contains("Collapsing")
                        ? "A ReplicatedVersionedCollapsingMergeTree has a version for it, and rekey rewrites that."
                        : "A ReplicatedAggregatingMergeTree with argMaxState by a version does not depend on it,"
                                + " and rekey rewrites that.")
                + " Or rewrite this one by hand while its writers rest: SYSTEM SYNC REPLICA "
                + source.name().sql()
                + " on each host; CREATE TABLE " + other(source) + " on each, with a path of its own, the same"
                + " partition key and the columns of the sorting key in another order; on one host "
                + filling(source, " FINAL", "max_threads = 1, max_insert_threads = 1") + "; SYSTEM SYNC REPLICA "
                + other(source) + " on each; compare the two with FINAL; EXCHANGE TABLES on each; and only then let the"
                + " writers go on.";
    }

    /// Of rows of a metric, time and version the last INSERT stays, too. A plain INSERT SELECT rolls up what it
    /// inserts, so no comparison of it with what it was read from finds them equal.
    private static String byAge(Table source) {
        return "What its merges keep of a metric depends on how old it is when it is merged, and on a section of"
                + " the server's config. After the swap the two tables would be rolled up at different times, and"
                + " nothing could tell a lost row from a rolled-up one. Rewrite it by hand while its writers rest:"
                + " CREATE TABLE " + other(source) + onEach(source, ", with a path of its own,")
                + " with the new keys, in ORDER BY the metric in front of its time;"
                + " SYSTEM STOP MERGES of both" + onEach(source, "") + "; "
                + filling(source, "", "optimize_on_insert = 0, max_threads = 1, max_insert_threads = 1")
                + (source.replicated() ? " on one; SYSTEM SYNC REPLICA of both on each" : "")
                + "; compare; EXCHANGE TABLES" + onEach(source, "") + "; SYSTEM START MERGES of both"
                + onEach(source, "") + ".";
    }

    private static String onEach(Table source, String how) {
        return source.replicated() ? " on each host" + how : "";
    }

    private static String filling(Table source, String last, String settings) {
        return "INSERT INTO " + other(source) + " (" + source.columnList()
                + ") SETTINGS insert_allow_materialized_columns = 1, " + settings + " SELECT " + source.columnList()
                + " FROM " + source.name().sql() + last;
    }

    private static String other(Table source) {
        return source.name().sibling(source.name().table() + "_new").sql();
    }
}
