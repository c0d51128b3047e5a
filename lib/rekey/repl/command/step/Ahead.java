package rekey.repl.command.step;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rekey.cli.text.Texts;
import rekey.migration.Migration;
import rekey.model.Trouble;
import rekey.run.Amounts;
import rekey.run.Plan;
import rekey.run.Required;
import rekey.session.Session;
import rekey.step.Position;
import rekey.step.Step;
import rekey.step.Steps;

/// The steps that are left, and what a person is shown of them before they are run.
final class Ahead {
    private Ahead() { }

    /// @throws Trouble.Usage when there is no step of that name
    static List<Step> upTo(Session session, Migration migration, Optional<String> until) {
        if (Position.of(session) instanceof Position.NotBegun && !Required.of(session).required()) return List.of();
        var names = Steps.flat(migration.steps()).stream().map(Step::name).toList();
        if (until.isPresent() && !names.contains(until.get()))
            throw new Trouble.Usage("There is no step '" + until.get() + "': give one of " + String.join(", ", names) + ".");
        return Plan.left(session, migration).stream().filter(s -> until.isEmpty() || names.indexOf(s.name()) <= names.indexOf(until.get())).toList();
    }

    static String text(Session session, List<Step> steps) {
        var out = new ArrayList<String>();
        for (var step : steps) out.add("  %-10s %s".formatted(step.name(), Texts.wrapped(step.describe(session).says(), 13, 80)));
        var source = session.source();
        out.add("  " + source.name() + " has " + Amounts.count(source.rows(), "row") + ", " + Amounts.bytes(source.bytes()) + "; ingestion may be held for "
                + Amounts.time(session.limits().maxHeld()) + ", at most " + Amounts.time(Duration.ofMillis(session.limits().deadline().toMillis())) + ". explain STEP shows its SQL.");
        return String.join("\n", out);
    }

    static String statements(Session session, Step step) {
        return Texts.of(Plan.part(session, step));
    }
}
