package rekey.cli;

import java.util.List;
import java.util.Optional;
import rekey.migration.Migration;
import rekey.preview.BackfillPreview;
import rekey.preview.CleanupPreview;
import rekey.preview.Foreseen;
import rekey.preview.Preview;
import rekey.run.Orders;
import rekey.run.Plan;
import rekey.run.Required;
import rekey.run.RunLock;
import rekey.run.Runner;
import rekey.session.Session;
import rekey.step.Backfill;
import rekey.step.Pause;
import rekey.step.Position;
import rekey.step.Remaining;
import rekey.step.Step;
import rekey.step.Steps;
import rekey.step.Swap;

/// What a command would run as things stand, printed instead. Nothing is changed by it, and a user who may only read
/// is enough.
record DryRun(Session session, Migration migration, Operator operator) {

    /// One operation.
    int one(Step step) {
        first();
        operator.print(Plan.rest(session, step));
        return 0;
    }

    /// All that a run goes through.
    ///
    /// @param until the last operation of it; null for all
    int all(String until) {
        var position = Position.of(session);
        var reopening = CleanupPreview.reopening(session);
        boolean reopens = Pause.leftStanding(session);
        var parts = Runner.parts(migration.steps(), Optional.ofNullable(until));
        var ahead = position instanceof Position.Finalized
                        || position instanceof Position.NotBegun
                                && !Required.of(session).required()
                ? List.<Step>of()
                : Steps.ahead(
                        parts,
                        session,
                        step -> step instanceof Pause && !reopening.isEmpty() || step instanceof Remaining && reopens);
        first();
        if (!ahead.isEmpty() && !reopening.isEmpty())
            operator.print(new Plan.Part(
                    "reopen", "Gives back what a runner left held, and goes back to rounds.", reopening, List.of()));
        if (ahead.isEmpty()) operator.text("Nothing is left to do.");
        for (var step : ahead) {
            if (step instanceof Backfill b && !reopening.isEmpty())
                operator.print(Plan.Part.of(b, new BackfillPreview(b).released(session)));
            else
                operator.print(
                        present(position, step, step == ahead.getFirst() && reopening.isEmpty())
                                ? Plan.rest(session, step)
                                : Plan.part(session, step));
        }
        return 0;
    }

    /// Whether a step finds the tables as they are now; a later one finds what those before it have made of them.
    private static boolean present(Position position, Step step, boolean first) {
        return switch (position) {
            case Position.NotBegun n -> first || step instanceof Backfill;
            case Position.Exchanged e -> !step.name().equals("resume");
            case Position.Swapped b -> true;
            default -> first || step instanceof Backfill;
        };
    }

    /// One operation taken back.
    int undo(Step step) {
        first();
        operator.print(undone(step, Preview.of(step).undoing(session, Position.of(session))));
        return 0;
    }

    static Plan.Part undone(Step step, List<String> sql) {
        return new Plan.Part("undo " + step.name(), "Takes " + step.name() + " back.", sql, List.of());
    }

    /// All that has been done, the latest first. What comes behind the swap and the pause is told of the tables as
    /// they will be then.
    int rollBack() {
        var at = Position.of(session);
        if (at instanceof Position.Finalized) {
            operator.text("There is no way back: migration " + migration.name() + " is finalized.");
            return 0;
        }
        if (RunLock.holder(session).isPresent()) stop();
        first();
        boolean swapBack = false, any = false;
        for (var step : Steps.flat(migration.steps()).reversed()) {
            if (swapBack && step instanceof Pause)
                continue; // the way back ends with ingestion open and merges given back
            boolean present = step instanceof Swap || step instanceof Pause || at instanceof Position.NotBegun;
            var sql = Preview.of(step).undoing(session, present ? at : Foreseen.filled(session));
            if (sql.isEmpty()) continue;
            operator.print(undone(step, sql));
            any = true;
            swapBack |= step instanceof Swap;
        }
        if (!any) operator.text("There is nothing to take back.");
        return 0;
    }

    /// What was copied dropped, and copied anew.
    int again() {
        var backfill = new Backfill();
        undo(backfill);
        operator.print(Plan.Part.of(backfill, new BackfillPreview(backfill).afresh(session)));
        return 0;
    }

    /// The runner is told by a line of the journal.
    int stop() {
        operator.print(new Plan.Part(
                "stop",
                "Tells the runner to stop, and ends its running query.",
                List.of(Orders.ending(
                        session,
                        RunLock.holder(session).map(RunLock.Holder::runner).orElse("<runner>"))),
                List.of()));
        return 0;
    }

    private void first() {
        var sql = CleanupPreview.first(session);
        if (!sql.isEmpty())
            operator.print(new Plan.Part("first", "Puts away what a runner left that died.", sql, List.of()));
    }
}
