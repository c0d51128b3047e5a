package rekey.check;

import java.util.List;
import rekey.model.Amounts;
import rekey.model.Mutation;
import rekey.session.ReplayedMutations;
import rekey.session.Session;

/// Nobody has changed rows of the old table since the migration began in a way that can't be made again on rows that
/// were already carried. DELETEs are made again, with the next round.
public record NewMutations() implements Check {
    @Override
    public String name() {
        return "mutations";
    }

    @Override
    public When when() {
        return When.DURING;
    }

    @Override
    public Verdict look(Session session) {
        var begun = AttemptUnderWay.of(session);
        var needs = "none but DELETEs since the migration began";
        if (begun.isEmpty()) return Verdict.ok(this, "not begun", needs);
        if (!begun.get().beforeSwap(session)) return Verdict.ok(this, "swapped: the live table may be changed", needs);
        var source = session.rewrite().source();
        var upTo = ReplayedMutations.upTo(
                session.journal().entries(),
                begun.get().original().uuid(),
                session.catalog().uuid(session.rewrite().target()).orElse(""));
        if (upTo.isEmpty()) return Verdict.ok(this, "nothing has been carried yet", needs);
        var fresh = session.catalog().mutations(source).stream()
                // those that an earlier rollback made are rekey's own
                .filter(m -> m.number() > upTo.getAsLong() && !m.isOurs())
                .toList();
        if (fresh.isEmpty()) return Verdict.ok(this, "none to be made again", needs);
        var bad = fresh.stream()
                .filter(m -> !m.harmless() && m.deletes().isEmpty())
                .toList();
        if (bad.isEmpty())
            return Verdict.ok(
                    this, Amounts.rows(fresh.size()) + " to be made again with the next round: " + some(fresh), needs);
        return Verdict.refusal(
                this,
                Amounts.rows(bad.size()) + " on " + source + ": " + some(bad),
                needs,
                "Undo the backfill and migrate again, or roll back: rows that were already carried do not have this"
                        + " change.");
    }

    private static String some(List<Mutation> mutations) {
        return Amounts.some(mutations.stream().map(Mutation::toString).limit(3).toList());
    }
}
