package rekey.preview;

import java.util.ArrayList;
import java.util.List;
import rekey.ingestion.HostGates;
import rekey.session.IngestionHosts;
import rekey.session.Session;
import rekey.step.Backfill;
import rekey.step.Pause;
import rekey.step.Position;
import rekey.step.StandingPause;
import rekey.step.Step;
import rekey.step.Verify;

/// Operation 3, told.
record PausePreview(Pause step) implements Preview {
    static final String SHORT = "rounds until one is short";

    @Override
    public Description describe(Session s) {
        var sql = new ArrayList<>(verify().describe(s).sql());
        sql.addAll(rounds(s).further(BackfillPreview.ROUNDS, false));
        sql.addAll(HoldsPreview.holding(BackfillPreview.forward(s)));
        sql.addAll(lastRounds(s).further(SHORT, false));
        sql.addAll(HoldsPreview.closing(s));
        return described(s, sql);
    }

    private Description described(Session s, List<String> sql) {
        return new Description(
                IngestionHosts.of(s).none()
                        ? "Hold merges for the last rounds. Nothing feeds the table from Kafka that could be paused."
                        : "Stop reading from Kafka; the running batches are awaited.",
                sql,
                undoing(s, Foreseen.filled(s)));
    }

    private static VerifyPreview verify() {
        return new VerifyPreview(new Verify());
    }

    private static RoundsPreview rounds(Session s) {
        return new RoundsPreview(s, BackfillPreview.forward(s), false);
    }

    private static RoundsPreview lastRounds(Session s) {
        return new RoundsPreview(s, BackfillPreview.forward(s), true);
    }

    /// Nothing where it stands; a gate that is half made, or past its time, is opened first.
    @Override
    public Description left(Session s) {
        var position = Position.of(s);
        if (position instanceof Position.NotBegun) return describe(s);
        boolean open = HostGates.of(s).standing().isEmpty();
        if (!open && StandingPause.stands(s)) return described(s, List.of());
        var sql = new ArrayList<>(open ? List.of() : undoing(s, position));
        if (!(position instanceof Position.Created)) {
            sql.addAll(HoldsPreview.closing(s));
            return described(s, sql);
        }
        boolean compared = verify().step().state(s).phase() == Step.Phase.DONE;
        sql.addAll(compared ? verify().describe(s).sql() : verify().left(s).sql());
        if (compared) sql.addAll(rounds(s).now(Backfill.nextRound(s), false));
        sql.addAll(rounds(s).further(BackfillPreview.ROUNDS, false));
        sql.addAll(HoldsPreview.holding(BackfillPreview.forward(s)));
        sql.addAll(lastRounds(s).further(SHORT, false));
        sql.addAll(HoldsPreview.closing(s));
        return described(s, sql);
    }

    @Override
    public List<String> undoing(Session s, Position at) {
        if (at.equals(Position.of(s))) return HoldsPreview.ending(s);
        var out = new ArrayList<>(HoldsPreview.opening(s));
        for (var held : at instanceof Position.Created c
                ? List.of(s.rewrite().source(), c.target())
                : List.of(s.rewrite().source())) out.addAll(HoldsPreview.releasing(s, s.source(), held));
        return out;
    }
}
