package rekey.maintainer.table;

import rekey.model.TableName;

/// A column of a drawn table.
///
/// @param definition all that stands behind its name
/// @param value      of row `i`, whose key is `k`; empty where an INSERT leaves it out. Where rows are folded `i` is
///                   the key too, `n` the row and `turn` how often its key came before
/// @param shown      what is compared of it, `{}` being the column; empty for one that holds nothing
/// @param type       which it was drawn from; null for those that each table has
record DrawnColumn(String name, String definition, String value, String shown, ColumnType type) {

    /// One that each table has.
    static DrawnColumn own(String name, String definition, String value) {
        return new DrawnColumn(name, definition, value, "{}", null);
    }

    /// The same, compared by something else.
    DrawnColumn shownAs(String shown) {
        return new DrawnColumn(name, definition, value, shown, type);
    }

    boolean inserted() {
        return !value.isEmpty();
    }

    String sql() {
        return TableName.quote(name);
    }

    /// What is compared of it, in a statement.
    String compared() {
        return shown.replace("{}", sql());
    }
}
