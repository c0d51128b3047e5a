package rekey.preview;

import java.util.ArrayList;
import java.util.List;
import rekey.clickhouse.Ddl;
import rekey.copy.BlockNumbers;
import rekey.copy.Direction;
import rekey.copy.UnmergedParts;
import rekey.copy.Way;
import rekey.model.Table;
import rekey.session.Session;
import rekey.step.Backfill;
import rekey.step.Create;
import rekey.step.Position;

/// Operation 2, told.
public record BackfillPreview(Backfill step) implements Preview {
    static final String ROUNDS = "round after round, until one takes little time";

    @Override
    public Description describe(Session s) {
        var source = s.source();
        var sql = new ArrayList<>(List.of(RoundsPreview.settings()));
        sql.addAll(source.folds() ? UnmergedParts.enabling(source) : List.of(BlockNumbers.enable(source)));
        sql.addAll(new RoundsPreview(s, enabled(forward(s)), false).further(ROUNDS, false));
        return described(s, sql);
    }

    /// Where merges fold rows, those of the old table are held from the first statement on.
    private static Direction enabled(Direction forward) {
        return forward.from().folds()
                ? new Direction(HoldsPreview.held(forward.from()), forward.to(), forward.way())
                : forward;
    }

    private Description described(Session s, List<String> sql) {
        return new Description(
                "Copy " + s.rewrite().source()
                        + " chunk by chunk, each checked before it is attached, then in rounds what came since.",
                sql,
                undoing(s, Foreseen.filled(s)));
    }

    /// From the source to the target, which need not be there yet.
    static Direction forward(Session s) {
        var source = Foreseen.old(s).named(s.rewrite().source());
        var now = new Direction(
                source,
                switch (Position.of(s)) {
                    case Position.NotBegun n -> anew(s, source);
                    case Position.Created c -> s.catalog().table(c.target());
                    default -> s.source();
                },
                Way.FORWARD);
        return Foreseen.named(
                now, Way.FORWARD, s.rewrite().source(), s.rewrite().target());
    }

    private static Table anew(Session s, Table source) {
        return Ddl.filled(source, s.rewrite().target(), s.keys(source), Create.engine(s, source, RoundsPreview.UUID));
    }

    /// For each chunk that has not been carried; of very many the first.
    @Override
    public Description left(Session s) {
        var position = Position.of(s);
        if (!(position instanceof Position.Created) && !(position instanceof Position.NotBegun))
            return Preview.super.left(s);
        return rest(s, forward(s), false, Backfill.nextRound(s));
    }

    /// The same behind what settles an open attach and gives merges back.
    public Description released(Session s) {
        return rest(s, forward(s), true, Backfill.nextRound(s));
    }

    /// The same when it has been undone.
    public Description afresh(Session s) {
        return Position.of(s) instanceof Position.Created
                ? rest(s, new Direction(s.source(), anew(s, s.source()), Way.FORWARD), false, 1)
                : left(s);
    }

    /// @param number of its first round
    private Description rest(Session s, Direction forward, boolean released, int number) {
        boolean unmarked = Backfill.unmarked(s, forward);
        var outline = new RoundsPreview(s, unmarked ? enabled(forward) : forward, false);
        var sql = new ArrayList<>(List.of(RoundsPreview.settings()));
        if (unmarked)
            sql.addAll(s.source().folds() ? UnmergedParts.enabling(s.source()) : BlockNumbers.enabling(s.source()));
        if (!released) sql.addAll(outline.open());
        if (!released) sql.addAll(HoldsPreview.releasing(s));
        sql.addAll(outline.now(number, false));
        sql.addAll(outline.further(ROUNDS, false));
        return described(s, sql);
    }

    @Override
    public List<String> undoing(Session s, Position at) {
        if (!(at instanceof Position.Created)) return List.of();
        boolean now = at.equals(Position.of(s));
        var out = new ArrayList<>(now ? SwapBackPreview.statements(s, at) : List.of());
        out.addAll(TrailingPreview.rescuing(s));
        out.add("-- what was copied goes");
        out.add(Ddl.dropping(s.rewrite().target()));
        out.addAll(
                Create.statements(s, now ? s.source() : HoldsPreview.released(s, Foreseen.old(s)), RoundsPreview.UUID));
        return out;
    }
}
