package rekey.preview;

import java.util.ArrayList;
import java.util.List;
import rekey.session.Journal;
import rekey.session.Original;
import rekey.session.Session;
import rekey.step.Create;
import rekey.step.Position;
import rekey.step.Step;
import rekey.step.Swap;

/// Operation 1, told.
record CreatePreview(Create step) implements Preview {
    @Override
    public Description describe(Session s) {
        var source = s.source();
        var sql = new ArrayList<>(List.of(Journal.create(s.rewrite().journal())));
        sql.addAll(Create.statements(s, source, RoundsPreview.UUID));
        return new Description(
                "Create " + s.rewrite().target() + " with the definition of " + source.name() + " and the new keys.",
                sql,
                undoing(s, Foreseen.filled(s)));
    }

    /// Of one that was cut short, the column TTLs that the target still has.
    @Override
    public Description left(Session s) {
        if (!(Position.of(s) instanceof Position.Created c) || step.state(s).phase() == Step.Phase.DONE)
            return Preview.super.left(s);
        return new Description(
                "Take the column TTLs off " + c.target() + ".",
                Create.rest(s, c.target()),
                undoing(s, Foreseen.filled(s)));
    }

    @Override
    public List<String> undoing(Session s, Position at) {
        boolean now = at.equals(Position.of(s)),
                begun = Original.find(s.journal().entries()).isPresent();
        if (!(at instanceof Position.Created) && !(at instanceof Position.NotBegun && begun)) return List.of();
        var out = new ArrayList<>(now ? SwapBackPreview.statements(s, at) : List.of());
        if (now && at instanceof Position.Created) out.addAll(TrailingPreview.rescuing(s));
        out.add("-- what was made goes");
        out.addAll(Create.dropping(
                s,
                now
                        ? Position.swapNames(s).stream()
                                .filter(t -> !Swap.namedAgain(s).contains(t))
                                .toList()
                        : List.of(),
                Foreseen.original(s)));
        return out;
    }
}
