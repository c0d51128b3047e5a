package rekey.preview;

import java.util.List;
import java.util.stream.Stream;
import rekey.session.Session;
import rekey.step.MergeHoldRelease;
import rekey.step.Pause;
import rekey.step.Position;
import rekey.step.Staging;
import rekey.step.Swap;

/// What a runner left that died, and how the next one puts it away, told.
public final class CleanupPreview {
    private CleanupPreview() {}

    /// The statements that come before those of any step.
    public static List<String> first(Session session) {
        return Stream.of(Staging.dropping(session), Swap.namingAgain(session), MergeHoldRelease.releasingLate(session))
                .flatMap(List::stream)
                .toList();
    }

    /// The statements by which a run of all opens a pause that was left before its swap, or gives merges back.
    public static List<String> reopening(Session session) {
        if (!(Position.of(session) instanceof Position.Created)) return List.of();
        return Pause.leftStanding(session) ? HoldsPreview.ending(session) : HoldsPreview.releasingSettled(session);
    }
}
