package rekey.run;

import java.util.List;
import java.util.Optional;
import rekey.migration.Migration;
import rekey.model.Rewrite;
import rekey.model.Trouble;
import rekey.preview.Preview;
import rekey.session.Definition;
import rekey.session.Detail;
import rekey.session.Entry;
import rekey.session.Session;
import rekey.step.Position;
import rekey.step.Shards;
import rekey.step.Step;
import tools.jackson.databind.json.JsonMapper;

/// Freezes the plan before the first change, and from then on holds the table to it. When the table's
/// definition is no longer the planned one, the run is refused and told what has changed. A migration's
/// other steps come after this one.
///
/// It can't be half done: it is one line of the journal.
///
/// @param expected the hash of the plan that a person has seen; null for any
public record FrozenPlan(Migration migration, String expected) implements Step, Preview {
    @Override
    public String name() {
        return "plan";
    }

    @Override
    public Step step() {
        return this;
    }

    @Override
    public Description describe(Session s) {
        return new Description(
                "Check what a migration needs, and write the plan into the journal.", List.of(), List.of());
    }

    @Override
    public State state(Session s) {
        var position = Position.of(s);
        if (position instanceof Position.NotBegun) return State.of(false, "nothing is changed yet");
        if (!changes(s, position).isEmpty()) return new State(Phase.UNDER_WAY, "the definition has changed");
        return other(s).isPresent() ? new State(Phase.UNDER_WAY, "another plan was begun") : State.of(true, "planned");
    }

    /// @throws Trouble.Refused when a check says no, or the table was altered since
    @Override
    public void run(Session s) {
        var position = Position.of(s);
        if (!(position instanceof Position.NotBegun)) {
            hold(s, position);
            return;
        }
        s.progress().begin(name(), 0);
        var plan = Plan.of(s, migration);
        if (expected != null && !plan.hash().startsWith(expected))
            throw new Trouble.Refused(
                    "Nothing was changed: the plan is now " + plan.hash() + " and no longer " + expected
                            + "; the table's definition, the new keys or rekey itself have changed. Look at the plan"
                            + " again.");
        if (!plan.refusals().isEmpty())
            throw new Trouble.Refused("Nothing was changed: " + String.join(" ", plan.refusals()));
        s.journal()
                .append(
                        name(),
                        new Detail.Planned(
                                plan.hash(),
                                Definition.of(s.source()),
                                JsonMapper.shared().writeValueAsString(plan),
                                Optional.of(s.rewrite())));
    }

    /// Each shard is checked, and has a plan of its own.
    @Override
    public void run(List<Session> shards) {
        Shards.all(shards.stream().map(Session::alone).toList(), this::run);
    }

    private void hold(Session s, Position position) {
        other(s).ifPresent(hash -> {
            throw new Trouble.Refused("Nothing was changed: what was begun is the plan " + hash + " and not " + expected
                    + ". Look at it with 'status'; go on without --plan, or roll back and plan anew.");
        });
        var changes = changes(s, position);
        if (!changes.isEmpty())
            throw new Trouble.Refused(s.rewrite().source() + " is no longer as it was planned ("
                    + String.join("; ", changes) + "). Change it back and run again, or roll back and plan anew.");
    }

    /// The hash of the plan that was begun, where a person has seen another.
    private Optional<String> other(Session s) {
        return expected == null
                ? Optional.empty()
                : frozen(s.journal().entries()).map(Detail.Planned::hash).filter(hash -> !hash.startsWith(expected));
    }

    /// What has changed in the source since the plan was frozen. After the swap the live table is another one.
    private static List<String> changes(Session s, Position position) {
        if (!(position instanceof Position.Created)) return List.of();
        return frozen(s.journal().entries())
                .map(p -> p.definition().changes(Definition.of(s.source())))
                .orElse(List.of());
    }

    /// The line of the plan that holds now.
    public static Optional<Detail.Planned> frozen(List<Entry> journal) {
        Optional<Detail.Planned> found = Optional.empty();
        for (var e : journal) {
            if (e.detail() instanceof Detail.Planned p) found = Optional.of(p);
            if (e.event() == Entry.Event.ROLLED_BACK) found = Optional.empty();
        }
        return found;
    }

    /// The rewrite as it was frozen, by which a colleague on another machine goes on.
    public static Optional<Rewrite> rewrite(List<Entry> journal) {
        return frozen(journal).flatMap(Detail.Planned::rewrite);
    }

    /// A plan that was frozen stays in the journal.
    @Override
    public void undo(Session s) {}
}
