package rekey.preview;

import java.util.ArrayList;
import java.util.List;
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
        sql.addAll(new RoundsPreview(s, BackfillPreview.forward(s).named(Way.BEHIND_SWAP, r.backup(), r.source()), true)
                .further("by others than Kafka, in the moment of the exchange", true));
        return new Description(
                "Exchange " + r.source() + " and " + r.target() + "; the old table becomes " + r.backup() + ".",
                sql,
                undoing(s, Position.swapped(s)));
    }

    @Override
    public Description left(Session s) {
        return Position.of(s) instanceof Position.Exchanged e
                ? new Description(
                        "Give the old table its backup name.",
                        List.of(Swap.rename(e.displaced(), s.rewrite().backup())),
                        undoing(s, Position.swapped(s)))
                : Preview.super.left(s);
    }

    @Override
    public List<String> undoing(Session s, Position at) {
        return SwapBackPreview.statements(s, at);
    }
}
