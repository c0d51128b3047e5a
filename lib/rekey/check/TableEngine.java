package rekey.check;

import java.util.Set;
import rekey.session.Session;

/// The table's engine is one whose rows keep their own block number through merges, so that what came between two
/// rounds can be told exactly: MergeTree and ReplacingMergeTree. So is the new one, or rows would be folded where
/// the copy and the way back count them.
public record TableEngine() implements Check {
    private static final Set<String> EXACT =
            Set.of("MergeTree", "ReplacingMergeTree", "ReplicatedMergeTree", "ReplicatedReplacingMergeTree");

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
        var needs = "MergeTree or ReplacingMergeTree, replicated or not";
        if (source.name().table().startsWith(".inner"))
            return Verdict.refusal(
                    this,
                    source.name() + " is the hidden table of a materialized view",
                    needs,
                    "Give the view a table of its own (CREATE MATERIALIZED VIEW ... TO), then rewrite that table.");
        if (!EXACT.contains(source.engine()))
            return Verdict.refusal(this, source.engine(), needs, why(source.engine(), source.mergeTree()));
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
                "Name one of these two with --engine, or leave it out to keep " + source.engineClause()
                        + ": rekey can't follow the rows of another engine, neither forwards nor on the way back.");
    }

    private static String why(String engine, boolean mergeTree) {
        if (!mergeTree) return "Nothing can be done here: only tables of the MergeTree family have keys of their own.";
        if (engine.startsWith("Shared")) return "Wait for a later version: rekey does not write to a Shared table yet.";
        return "Wait for a later version: a merged row of this engine keeps an older block number, so rows that come"
                + " during the copy could be missed.";
    }
}
