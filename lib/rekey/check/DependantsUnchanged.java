package rekey.check;

import java.util.List;
import rekey.model.TableName;
import rekey.session.Session;

/// The views that are told of the table's inserts are those from before the migration. On 26.7 a rename in two steps
/// disconnects them in silence, so this is looked at before the swap and after it.
public record DependantsUnchanged() implements Check {
    @Override public String name() { return "dependants"; }

    @Override public When when() { return When.AT_SWAP; }

    @Override public Verdict look(Session session) {
        var source = session.rewrite().source();
        var before = Begun.of(session).map(b -> b.original().dependants()).orElse(List.of());
        var now = session.catalog().dependants(source).stream().map(TableName::sql).toList();
        var needs = before.isEmpty() ? "none" : Amount.some(before);
        var gone = before.stream().filter(d -> !now.contains(d)).toList();
        var come = now.stream().filter(d -> !before.contains(d)).toList();
        if (!gone.isEmpty()) return Verdict.refusal(this, "gone: " + Amount.some(gone), needs,
                "If that was meant, roll back and begin anew; else create the view again, or DETACH and ATTACH it, and run again.");
        if (!come.isEmpty()) return Verdict.warning(this, "new: " + Amount.some(come), needs, "Nothing need be done: it follows the table's name.");
        return Verdict.ok(this, now.isEmpty() ? "none" : Amount.some(now), needs);
    }
}
