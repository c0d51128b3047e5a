package rekey.compare;

/// A key whose rows differ.
///
/// @param key      the old sorting key, as the server writes it
/// @param kind     what is the matter with it, in the second table
/// @param rows     so many has the first table
/// @param against  and so many the second
public record DifferingKey(String key, Kind kind, long rows, long against) {
    private static final int LONG = 200;

    /// Seen from the first table.
    public enum Kind {
        MISSING,
        EXTRA,
        DIFFERENT
    }

    @Override
    public String toString() {
        return kind.name().toLowerCase() + " " + (key.length() > LONG ? key.substring(0, LONG) + "..." : key)
                + (kind == Kind.DIFFERENT && rows != against
                        ? " (" + rows + " row" + (rows == 1 ? "" : "s") + " against " + against + ")"
                        : "");
    }
}
