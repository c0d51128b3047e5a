package rekey.maintainer.table;

import rekey.model.TableName;

/// A column of a drawn table.
///
/// @param definition all that stands behind its name
/// @param value      of row `i`, whose key is `k`; empty where an INSERT leaves it out
/// @param shown      what is compared of it, `{}` being the column; empty for one that holds nothing
/// @param type       which it was drawn from; null for those that each table has
record DrawnColumn(String name, String definition, String value, String shown, ColumnType type) {

    /// One that each table has.
    static DrawnColumn own(String name, String definition, String value) {
        return new DrawnColumn(name, definition, value, "{}", null);
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
