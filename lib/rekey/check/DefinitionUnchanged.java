package rekey.check;

import rekey.model.Amounts;
import rekey.session.Session;

/// Nobody has altered the old table since the migration began: the new one was made from what it was. An ALTER that
/// stands at the swap would be lost, so the run stops as soon as one is seen.
public record DefinitionUnchanged(When when) implements Check {
    @Override
    public String name() {
        return "definition";
    }

    @Override
    public Verdict look(Session session) {
        var needs = session.rewrite().source() + " as it was when the migration began";
        var begun = AttemptUnderWay.of(session).filter(b -> b.beforeSwap(session));
        if (begun.isEmpty()) return Verdict.ok(this, "nothing to compare", needs);
        var changes = begun.get().original().changes(session.source());
        return changes.isEmpty()
                ? Verdict.ok(this, "the same", needs)
                : Verdict.refusal(
                        this,
                        Amounts.some(changes),
                        needs,
                        "Alter it back and run again, or roll back and begin anew.");
    }
}
