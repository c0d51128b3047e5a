package rekey.step;

import java.util.List;
import rekey.compare.ComparedShare;
import rekey.compare.Comparison;
import rekey.copy.Direction;
import rekey.session.Session;

/// Tells whether two tables hold the same of what was carried between them, in both directions. It is
/// asked where neither block numbers nor mutations tell what has happened to rows that were carried. It
/// only reads, and takes as long as a whole comparison.
final class SameRows {
    /// Rows of a collapsing table may vanish in a merge while they are counted.
    private static final int LOOKS = 3;

    private SameRows() {}

    static boolean test(Session s, Direction one) {
        s.progress()
                .note("comparing " + one.from().name() + " and " + one.to().name()
                        + ", for what was carried has been changed");
        try {
            return List.of(one, one.reversed()).stream().allMatch(d -> equal(s, d));
        } finally {
            s.progress().note("");
        }
    }

    private static boolean equal(Session s, Direction direction) {
        for (int look = 1; ; look++) {
            boolean same = new Comparison(s, direction, ComparedShare.ALL).same();
            if (same || look == LOOKS || !direction.collapses()) return same;
        }
    }
}
