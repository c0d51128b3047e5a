package rekey.step;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import rekey.copy.Direction;
import rekey.copy.Outline;
import rekey.copy.Rounds;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Session;

/// Staging tables left behind by a runner that died. Their names are never used again, so dropping them is safe as soon
/// as what they were to be attached to has been settled; one that is dropped half the way is simply dropped by the next.
public final class Staging {
    private Staging() { }

    /// Settles what a dead runner left open between two tables, then drops what it left.
    static void clean(Session s, Direction direction) {
        new Rounds(s, direction.from().name(), direction.to().name()).settle(direction, s.journal().entries());
        dropAll(s);
    }

    /// Settles what is open in either direction. Before merges go on in a table this must have been done: a merge takes away
    /// the parts by which an attach without an answer is known.
    ///
    /// One into the target whose outcome can't be told any more is left to the next round, which stops at it: until then the
    /// target is nobody's, and may be dropped.
    static void settle(Session s) {
        var other = switch (Position.of(s)) {
            case Position.Created c -> c.target();
            case Position.Exchanged e -> e.displaced();
            case Position.Swapped b -> b.backup();
            case Position.NotBegun n -> null;
            case Position.Finalized f -> null;
        };
        if (other == null) return;
        Table live = s.source(), counterpart = s.catalog().table(other);
        for (var direction : List.of(new Direction(live, counterpart), new Direction(counterpart, live)))
            try {
                new Rounds(s, direction.from().name(), direction.to().name()).settle(direction, s.journal().entries());
            } catch (Trouble.OutcomeUnknown e) {
                if (direction.from() != live || !(Position.of(s) instanceof Position.Created)) throw e;
            }
    }

    /// The same, where it need not be known at once: what can't be told.
    static Optional<Trouble.OutcomeUnknown> unsettled(Session s) {
        try {
            settle(s);
            return Optional.empty();
        } catch (Trouble.OutcomeUnknown e) {
            return Optional.of(e);
        }
    }

    /// The statements of [#settle].
    static List<String> open(Session s) {
        var other = switch (Position.of(s)) {
            case Position.Created c -> s.catalog().table(c.target()).named(s.rewrite().target());
            case Position.Exchanged e -> s.catalog().table(e.displaced());
            case Position.Swapped b -> s.catalog().table(b.backup());
            default -> null;
        };
        if (other == null) return List.of();
        return Stream.of(new Direction(s.source(), other), new Direction(other, s.source())).flatMap(d -> new Outline(s, d, true).open().stream()).toList();
    }

    /// Whoever has just taken the lock does so before all else: one who was taken over while he stood still may be past the last
    /// question whether he still has it, and attaches when he goes on. Then that fails by name.
    public static void dropAll(Session s) {
        for (var sql : dropping(s)) s.execute("drop-staging", sql);
    }

    /// The statements that drop those that are there now.
    public static List<String> dropping(Session s) {
        return s.catalog().tablesLike(s.rewrite().source().database(), s.rewrite().stagingPrefix()).stream().map(Staging::dropping).toList();
    }

    /// Drops one of rekey's own tables, however large it is.
    static String dropping(TableName t) {
        return "DROP TABLE IF EXISTS " + t.sql() + " SYNC SETTINGS max_table_size_to_drop = 0";
    }
}
