package rekey.preview;

import rekey.copy.Direction;
import rekey.copy.Way;
import rekey.model.Table;
import rekey.model.TableName;
import rekey.session.Original;
import rekey.session.Session;
import rekey.step.Position;

/// What will be there by the time that a step comes to it.
public final class Foreseen {
    private Foreseen() {}

    /// Where the migration stands while the target is filled: no table has that identity.
    public static Position filled(Session s) {
        return new Position.Created(s.rewrite().target(), "");
    }

    /// The same after the swap.
    static Position swapped(Session s) {
        return new Position.Swapped(s.rewrite().backup());
    }

    /// The old table as it is now, whatever its name.
    static Table old(Session s) {
        return switch (Position.of(s)) {
            case Position.Exchanged e -> s.catalog().table(e.displaced());
            case Position.Swapped b -> s.catalog().table(b.backup());
            default -> s.source();
        };
    }

    /// The old table before the first change: as the journal has it, and before that the source as it is.
    static Original original(Session s) {
        return Original.find(s.journal().entries())
                .orElseGet(() -> Original.of(
                        s.source(), s.catalog().dependants(s.rewrite().source())));
    }

    /// The same tables under other names, and which way that is then.
    static Direction named(Direction direction, Way way, TableName from, TableName to) {
        return new Direction(direction.from().named(from), direction.to().named(to), way);
    }
}
