package rekey.preview;

import java.util.ArrayList;
import java.util.List;
import rekey.compare.ComparedShare;
import rekey.compare.Comparison;
import rekey.copy.Direction;
import rekey.copy.MergeHold;
import rekey.session.Session;
import rekey.step.Backfill;
import rekey.step.Position;
import rekey.step.Step;
import rekey.step.Verify;

/// The whole comparison, told.
public record VerifyPreview(Verify step) implements Preview {
    @Override
    public Description describe(Session s) {
        var forward = BackfillPreview.forward(s);
        var sql = new ArrayList<>(new RoundsPreview(s, forward, false)
                .further("one round more, so that no DELETE is taken for a difference", false));
        if (forward.collapses())
            sql.addAll(again(
                    s,
                    forward,
                    "a partition differs at first: merges are held while it is compared once more, after a round"));
        return described(sql);
    }

    private static Description described(List<String> sql) {
        return new Description(
                "Compare what was carried with what is there: count, sum and xor of row hashes.", sql, List.of());
    }

    /// What is done before some partitions are compared once more, and behind it.
    static List<String> again(Session s, Direction direction, String where) {
        var out = new ArrayList<>(List.of(
                RoundsPreview.ONLY_WHERE + where,
                MergeHold.sql(direction.from().name()),
                MergeHold.sql(direction.to().name())));
        out.addAll(HoldsPreview.releasing(s, direction.to(), direction.to().name()));
        out.addAll(HoldsPreview.releasing(s, direction.from(), direction.from().name()));
        return out;
    }

    /// The statements that compare what has been carried by now.
    @Override
    public Description left(Session s) {
        if (step.state(s).phase() == Step.Phase.DONE || !(Position.of(s) instanceof Position.Created created))
            return Preview.super.left(s);
        var round = new RoundsPreview(
                s, BackfillPreview.forward(s), MergeHold.held(s.catalog().table(created.target())));
        var sql = new ArrayList<>(round.open());
        sql.addAll(round.now(Backfill.nextRound(s), false));
        sql.addAll(describe(s).sql());
        sql.add("-- both are counted, partition by partition");
        sql.addAll(comparing(s, ComparedShare.ALL));
        return described(sql);
    }

    /// The statements that compare the tables as they stand now, two for each partition.
    public static List<String> comparing(Session session, ComparedShare sample) {
        var direction = Verify.twoTables(session);
        if (direction == null) return List.of();
        var comparison = new Comparison(session.looking(), direction, sample);
        return comparison.units().stream()
                .flatMap(unit -> comparison.readings(unit).stream())
                .toList();
    }
}
