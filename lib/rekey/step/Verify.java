package rekey.step;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import rekey.clickhouse.Sql;
import rekey.copy.Comparison;
import rekey.copy.Direction;
import rekey.copy.MergeHold;
import rekey.copy.Rounds;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Entry;
import rekey.session.Session;

/// The whole comparison, online: source and target before the swap, backup and live table after it. It blocks the swap:
/// a difference is journaled, and no resume passes it.
///
/// It only reads, but that merges of a ReplacingMergeTree are held while a partition is compared that differed at first:
/// its merges drop rows while they are counted.
public record Verify() implements Step {
    @Override public String name() { return "verify"; }

    @Override public Description describe(Session s) {
        return new Description("Compare what was carried with what is there: count, sum and xor of row hashes.", List.of(), List.of());
    }

    @Override public State state(Session s) {
        var last = Comparison.last(s);
        var target = Position.of(s) instanceof Position.Created c ? c.targetUuid() : "";
        if (last.isEmpty()) return State.of(false, "never compared");
        boolean stands = last.get().event() == Entry.Event.VERIFIED && (target.isEmpty() || last.get().get("to").equals(target) && !Swap.outdated(s, last.get()).isPresent());
        return State.of(stands, last.get().event() + " at " + last.get().at());
    }

    @Override public void run(Session s) {
        // a DELETE since the last round is made on the target first, else it would be found as a difference
        if (Position.of(s) instanceof Position.Created c) new Rounds(s, s.rewrite().source(), c.target()).once(Backfill.nextRound(s), false);
        var found = look(s);
        if (!found.isEmpty()) throw new Trouble.Refused(found.size() + " partition(s) differ: " + found.stream().limit(3).map(Object::toString).collect(Collectors.joining("; "))
                + ". Nothing is swapped while this stands: look at the keys named, then undo the backfill or roll back.");
    }

    /// The differences, journaled.
    public List<Comparison.Difference> look(Session s) {
        var direction = switch (Position.of(s)) {
            case Position.Created c -> settled(s, c);
            case Position.Swapped b -> Direction.of(s, b.backup(), s.rewrite().source());
            default -> throw new Trouble.Refused("There are not two tables to compare: migration " + s.rewrite().migration() + " has made none, or is finalized.");
        };
        s.progress().begin(name(), direction.from().rows());
        var differences = new Comparison(s, direction).run();
        if (!differences.isEmpty() && direction.from().collapses()) differences = held(s, direction, differences);
        var detail = Map.of("from", direction.from().uuid(), "to", direction.to().uuid());
        if (differences.isEmpty()) s.journal().append(name(), Entry.Event.VERIFIED, detail);
        else s.journal().append(name(), Entry.Event.POISONED, Map.of("from", detail.get("from"), "to", detail.get("to"), "difference", differences.getFirst().toString()));
        return differences;
    }

    /// The target must hold nothing but what rekey brought: what a dead runner left open is settled first.
    private static Direction settled(Session s, Position.Created created) {
        if (Back.untrailed(s)) Trailing.untilQuiet(s, created.target());
        var direction = Direction.of(s, s.rewrite().source(), created.target());
        Staging.clean(s, direction);
        return direction;
    }

    /// Those that differed once more, with merges held on both sides, so that no row vanishes between two counts.
    private static List<Comparison.Difference> held(Session s, Direction direction, List<Comparison.Difference> first) {
        var hold = new MergeHold(s);
        hold.hold(direction.from().name());
        hold.hold(direction.to().name());
        try {
            awaitMerges(s, direction.from());
            awaitMerges(s, direction.to());
            if (Position.of(s) instanceof Position.Created) new Rounds(s, direction.from().name(), direction.to().name()).once(Backfill.nextRound(s), false);
            hold.hold(direction.to().name());
            var again = new Comparison(s, direction);
            return first.stream().flatMap(d -> again.compare(d.partition(), 1).stream()).toList();
        } finally {
            hold.release(direction.to().name());
            hold.release(direction.from().name());
        }
    }

    private static void awaitMerges(Session s, Table table) {
        TableName t = table.name();
        while (s.server().one("SELECT count() AS n FROM system.merges WHERE database = " + Sql.text(t.database()) + " AND table = " + Sql.text(t.table())).number("n") > 0)
            s.control().sleep(50);
    }

    @Override public void undo(Session s) { }
}
