package rekey.clickhouse;

import java.util.Collection;
import java.util.stream.Collectors;

/// Values as they stand in a statement.
public final class Sql {
    private Sql() {}

    /// A string literal, escaped.
    public static String text(String value) {
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /// `('a', 'b')` for IN; a list that matches nothing when empty.
    public static String list(Collection<String> values) {
        return values.isEmpty() ? "('')" : values.stream().map(Sql::text).collect(Collectors.joining(", ", "(", ")"));
    }
}
