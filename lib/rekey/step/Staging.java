package rekey.step;

import rekey.copy.Direction;
import rekey.copy.Rounds;
import rekey.session.Session;

/// Staging tables left behind by a runner that died. Their names are never used again, so dropping them is safe as soon
/// as what they were to be attached to has been settled.
final class Staging {
    private Staging() { }

    /// Settles what a dead runner left open between two tables, then drops what it left.
    static void clean(Session s, Direction direction) {
        new Rounds(s, direction.from().name(), direction.to().name()).settle(direction, s.journal().entries());
        dropAll(s);
    }

    static void dropAll(Session s) {
        for (var t : s.catalog().tablesLike(s.rewrite().source().database(), s.rewrite().stagingPrefix()))
            s.execute("drop-staging", "DROP TABLE IF EXISTS " + t.sql() + " SYNC SETTINGS max_table_size_to_drop = 0");
    }
}
