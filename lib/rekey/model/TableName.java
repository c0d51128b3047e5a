package rekey.model;

/// A table's full name on a ClickHouse server. Any name the server allows is allowed here, with spaces, quotes,
/// backticks or Unicode in it.
public record TableName(String database, String table) implements Comparable<TableName> {

    /// Reads `table`, `database.table`, or either part in backticks, as ClickHouse writes them.
    ///
    /// @param text            what a person typed
    /// @param defaultDatabase the database of a bare table name
    /// @throws IllegalArgumentException in one sentence, when the text is no name
    public static TableName parse(String text, String defaultDatabase) {
        var parts = new java.util.ArrayList<String>();
        var part = new StringBuilder();
        boolean quoted = false, ended = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted && c == '`' && i + 1 < text.length() && text.charAt(i + 1) == '`') part.append(text.charAt(++i));
            else if (quoted && c == '\\' && i + 1 < text.length()) part.append(text.charAt(++i));
            else if (c == '`' && (quoted || part.isEmpty())) {
                ended = quoted;
                quoted = !quoted;
            } else if (c == '.' && !quoted) {
                parts.add(part.toString());
                part.setLength(0);
                ended = false;
            } else if (ended) throw unreadable(text);
            else part.append(c);
        }
        parts.add(part.toString());
        if (quoted || parts.size() > 2 || parts.stream().anyMatch(String::isEmpty)) throw unreadable(text);
        return parts.size() == 1
                ? new TableName(defaultDatabase, parts.getFirst())
                : new TableName(parts.getFirst(), parts.getLast());
    }

    private static IllegalArgumentException unreadable(String text) {
        return new IllegalArgumentException("'" + text + "' is no table name: write it as TABLE or DATABASE.TABLE, "
                + "with backticks around a part that has a dot in it.");
    }

    /// Another table of the same database.
    public TableName sibling(String other) {
        return new TableName(database, other);
    }

    /// As it stands in a statement, both parts in backticks.
    public String sql() {
        return quote(database) + "." + quote(table);
    }

    /// An identifier in backticks, escaped as ClickHouse reads it.
    public static String quote(String identifier) {
        return "`" + identifier.replace("\\", "\\\\").replace("`", "\\`") + "`";
    }

    @Override
    public int compareTo(TableName o) {
        int d = database.compareTo(o.database);
        return d != 0 ? d : table.compareTo(o.table);
    }

    /// As people say it: `posthog.events`.
    @Override
    public String toString() {
        return database + "." + table;
    }
}
