package rekey.run;

import java.util.Set;
import rekey.migration.Migration;
import rekey.model.Trouble;
import rekey.session.Session;
import rekey.step.Step;
import rekey.step.Steps;

/// What must have been done before an operation that is run by itself. `migrate` sees to it by its order.
public final class Prerequisites {
    /// Without these the later ones have nothing to work on; the others look for themselves.
    private static final Set<String> NEEDED = Set.of("create", "backfill", "swap");
    private static final Set<String> ANY_TIME = Set.of("verify", "resume");

    private Prerequisites() {}

    /// @throws Trouble.Refused when an earlier operation is not done
    public static void of(Session session, Migration migration, Step step) {
        if (ANY_TIME.contains(step.name())) return;
        var order = Steps.flat(migration.steps());
        int place = order.stream().map(Step::name).toList().indexOf(step.name());
        for (var earlier : place < 0 ? order : order.subList(0, place)) {
            if (!NEEDED.contains(earlier.name())) continue;
            var state = earlier.state(session);
            if (state.phase() != Step.Phase.DONE)
                throw new Trouble.Refused(step.name() + " comes after " + earlier.name() + ", which is not done ("
                        + state.saw() + "): run " + earlier.name() + " first, or migrate, which does it all.");
        }
    }
}
