package rekey.preview;

import java.util.ArrayList;
import java.util.List;
import rekey.session.Session;
import rekey.step.Backfill;
import rekey.step.Create;
import rekey.step.Finalize;
import rekey.step.Optimize;
import rekey.step.Pause;
import rekey.step.Position;
import rekey.step.Remaining;
import rekey.step.Resume;
import rekey.step.Step;
import rekey.step.Steps;
import rekey.step.Swap;
import rekey.step.Verify;

/// What a step would do, told before it is done. It only reads.
///
/// A statement that is told is made by the function by which it is sent. A line that begins with `--` is a comment,
/// which heads what follows up to the next; see [RoundsPreview]. What only the run knows, a new table's name say, is
/// in angle brackets.
public interface Preview {
    /// The step of which it tells.
    Step step();

    /// What it would run once those before it are done, and what would undo it.
    Description describe(Session s);

    /// What it would run now with the data as they are: the statements that are left. Nothing where it is done.
    default Description left(Session s) {
        var state = step().state(s);
        return state.phase() == Step.Phase.DONE
                ? new Description("Nothing is left to do: " + state.saw() + ".", List.of(), List.of())
                : describe(s);
    }

    /// The statements that its undo runs.
    ///
    /// @param at where the migration stands by then; where it is not there yet, they are told as they will be
    default List<String> undoing(Session s, Position at) {
        return List.of();
    }

    /// @param says one sentence
    /// @param sql  the statements; where their number depends on data, one of each kind
    /// @param undo the statements that take it back
    record Description(String says, List<String> sql, List<String> undo) {}

    /// The preview of a step, or of several put together. A step that is none of rekey's own is a preview itself.
    static Preview of(Step step) {
        return switch (step) {
            case Preview own -> own;
            case Create s -> new CreatePreview(s);
            case Backfill s -> new BackfillPreview(s);
            case Verify s -> new VerifyPreview(s);
            case Pause s -> new PausePreview(s);
            case Remaining s -> new RemainingPreview(s);
            case Swap s -> new SwapPreview(s);
            case Resume s -> new ResumePreview(s);
            case Optimize s -> new OptimizePreview(s);
            case Finalize s -> new FinalizePreview(s);
            case Step s when !Steps.flat(s).equals(List.of(s)) -> new Several(s);
            default ->
                throw new IllegalArgumentException("Nothing tells what step '" + step.name() + "' would do: give "
                        + step.getClass().getSimpleName() + " a preview.");
        };
    }

    /// One step after the other, undone in reverse.
    record Several(Step step) implements Preview {
        @Override
        public Description describe(Session s) {
            var steps = Steps.flat(step);
            var sql = new ArrayList<String>();
            var undo = new ArrayList<String>();
            for (var one : steps) {
                var told = of(one).describe(s);
                sql.addAll(told.sql());
                undo.addAll(0, told.undo());
            }
            return new Description(
                    String.join(", ", steps.stream().map(Step::name).toList()), sql, undo);
        }
    }
}
