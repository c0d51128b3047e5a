package rekey.preview;

import java.util.ArrayList;
import java.util.List;
import rekey.copy.MergeHold;
import rekey.session.Session;
import rekey.step.Backfill;
import rekey.step.Position;
import rekey.step.Remaining;

/// Operation 4, told.
record RemainingPreview(Remaining step) implements Preview {
    static final String LAST = "with --hold-writers, until a round finds nothing new";

    @Override
    public Description describe(Session s) {
        // merges are held in a pause
        return described(new RoundsPreview(s, BackfillPreview.forward(s), true).further(LAST, true));
    }

    private static Description described(List<String> sql) {
        return new Description("Carry what came between the last round and the pause, and check it.", sql, List.of());
    }

    @Override
    public Description left(Session s) {
        var position = Position.of(s);
        if (!(position instanceof Position.Created c))
            return position instanceof Position.NotBegun ? describe(s) : Preview.super.left(s);
        var rounds = new RoundsPreview(
                s, BackfillPreview.forward(s), MergeHold.held(s.catalog().table(c.target())));
        var sql = new ArrayList<>(rounds.open());
        sql.addAll(rounds.now(Backfill.nextRound(s), true));
        sql.addAll(rounds.further(LAST, true));
        return described(sql);
    }
}
