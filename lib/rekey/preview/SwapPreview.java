package rekey.preview;

import java.util.ArrayList;
import java.util.List;
import rekey.clickhouse.Ddl;
import rekey.copy.Way;
import rekey.session.Session;
import rekey.step.Position;
import rekey.step.Swap;

/// Operation 5, told.
record SwapPreview(Swap step) implements Preview {
    @Override
    public Description describe(Session s) {
        var r = s.rewrite();
        var sql = new ArrayList<>(
                Swap.exchanging(r.target(), Position.swapName(r, RoundsPreview.RUNNER), r.source(), r.backup()));
        sql.addAll(new RoundsPreview(
                        s, Foreseen.named(BackfillPreview.forward(s), Way.BEHIND_SWAP, r.backup(), r.source()), true)
                .further("by others than Kafka, in the moment of the exchange", true));
        return new Description(
                "Exchange " + r.source() + " and " + r.target() + "; the old table becomes " + r.backup() + ".",
                sql,
                undoing(s, Foreseen.swapped(s)));
    }

    @Override
    public Description left(Session s) {
        return Position.of(s) instanceof Position.Exchanged e
                ? new Description(
                        "Give the old table its backup name.",
                        List.of(Ddl.renaming(e.displaced(), s.rewrite().backup())),
                        undoing(s, Foreseen.swapped(s)))
                : Preview.super.left(s);
    }

    @Override
    public List<String> undoing(Session s, Position at) {
        return SwapBackPreview.statements(s, at);
    }
}
