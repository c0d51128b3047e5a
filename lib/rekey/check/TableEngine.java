package rekey.check;

import java.util.Set;
import rekey.session.Session;

/// The table's engine is one whose rows keep their own block number through merges, so that what came between two
/// rounds can be told exactly: MergeTree and ReplacingMergeTree.
public record TableEngine() implements Check {
    private static final Set<String> EXACT = Set.of("MergeTree", "ReplacingMergeTree");

    @Override public String name() { return "table engine"; }

    @Override public When when() { return When.BEFORE; }

    @Override public Verdict look(Session session) {
        var source = session.source();
        var needs = "MergeTree or ReplacingMergeTree";
        if (source.name().table().startsWith(".inner"))
            return Verdict.refusal(this, source.name() + " is the hidden table of a materialized view", needs,
                    "Give the view a table of its own (CREATE MATERIALIZED VIEW ... TO), then rewrite that table.");
        if (EXACT.contains(source.engine())) return Verdict.ok(this, source.engineClause(), needs);
        return Verdict.refusal(this, source.engine(), needs, why(source.engine(), source.mergeTree()));
    }

    private static String why(String engine, boolean mergeTree) {
        if (!mergeTree) return "Nothing can be done here: only tables of the MergeTree family have keys of their own.";
        if (engine.startsWith("Replicated") || engine.startsWith("Shared"))
            return "Wait for a later version: a replicated table can be planned, but rekey does not write to one yet.";
        return "Wait for a later version: a merged row of this engine keeps an older block number, so rows that come during the copy could be missed.";
    }
}
