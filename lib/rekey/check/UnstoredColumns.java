package rekey.check;

import rekey.clickhouse.UnstoredDefault;
import rekey.model.Amounts;
import rekey.session.Session;

/// Each column's values are the same at every read. Where a column was added with a DEFAULT such as now64() and
/// older parts have not got it, a copy would differ from its source for ever.
public record UnstoredColumns() implements Check {
    @Override
    public String name() {
        return "unstored columns";
    }

    @Override
    public When when() {
        return When.BEFORE;
    }

    @Override
    public Verdict look(Session session) {
        var source = session.source();
        var needs = "none that are computed anew at each read";
        var unstored = UnstoredDefault.of(session.server(), source);
        return unstored.isEmpty()
                ? Verdict.ok(this, "none", needs)
                : Verdict.refusal(
                        this,
                        Amounts.some(unstored),
                        needs,
                        "Their values are others at each read: have those of now stored, then run again. "
                                + String.join("; ", UnstoredDefault.storing(source, unstored)) + ";");
    }
}
