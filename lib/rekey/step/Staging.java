package rekey.step;

import java.util.List;
import java.util.Optional;
import rekey.clickhouse.Ddl;
import rekey.copy.Direction;
import rekey.copy.Replication;
import rekey.copy.Rounds;
import rekey.copy.Way;
import rekey.model.Trouble;
import rekey.session.MadeTables;
import rekey.session.Session;

/// Staging tables left behind by a runner that died. Their names are never used again, so dropping them is safe as
/// soon as what they were to be attached to has been settled; one that is dropped half the way is simply dropped by
/// the next.
public final class Staging {
    private Staging() {}

    /// Settles what a dead runner left open between two tables, then drops what it left.
    static void clean(Session s, Direction direction) {
        new Rounds(s, direction).settle(direction, s.journal().entries());
        dropAll(s);
    }

    /// Settles what is open in either direction. Before merges go on in a table this must have been done: a merge
    /// takes away the parts by which an attach without an answer is known.
    ///
    /// One into the target whose outcome can't be told any more is left to the next round, which stops at it: until
    /// then the target is nobody's, and may be dropped.
    static void settle(Session s, Position position) {
        var forward =
                switch (position) {
                    case Position.Created c -> Direction.between(s, Way.FORWARD, c.target());
                    case Position.Exchanged e -> Direction.between(s, Way.BACK, e.displaced());
                    case Position.Swapped b -> Direction.between(s, Way.BACK, b.backup());
                    case Position.NotBegun n -> null;
                    case Position.Finalized f -> null;
                };
        if (forward == null) return;
        for (var direction : List.of(forward, forward.reversed()))
            try {
                new Rounds(s, direction).settle(direction, s.journal().entries());
            } catch (Trouble.OutcomeUnknown e) {
                if (direction.way() != Way.FORWARD) throw e;
            }
    }

    /// The same, where it need not be known at once: what can't be told.
    static Optional<Trouble.OutcomeUnknown> unsettled(Session s, Position position) {
        try {
            settle(s, position);
            return Optional.empty();
        } catch (Trouble.OutcomeUnknown e) {
            return Optional.of(e);
        }
    }

    /// Whoever has just taken the lock does so before all else: one who was taken over while he stood still may be
    /// past the last question whether he still has it, and attaches when he goes on. Then that fails by name.
    public static void dropAll(Session s) {
        var left = dropping(s);
        if (!left.isEmpty()) new Replication(s).awaitAttached();
        for (var sql : left) s.execute("drop-staging", sql);
    }

    /// The statements that drop those that are there now: this migration's own, as the journal names them.
    public static List<String> dropping(Session s) {
        var there = s.catalog()
                .identities(s.rewrite().source().database(), s.rewrite().stagingPrefix());
        if (there.isEmpty()) return List.of();
        var journal = s.journal().entries();
        return there.entrySet().stream()
                .filter(t -> MadeTables.isStaging(journal, s.rewrite(), t.getKey(), t.getValue()))
                .map(t -> Ddl.dropping(t.getKey()))
                .toList();
    }
}
