package rekey.model;

/// A column as `system.columns` shows it.
///
/// @param kind       empty, `DEFAULT`, `MATERIALIZED`, `ALIAS` or `EPHEMERAL`
/// @param expression what stands behind the kind
/// @param ttl        the column's own TTL expression, empty when it has none
public record Column(String name, String type, String kind, String expression, String ttl) {

    /// Whether its values are stored in parts, and so must be copied and compared.
    public boolean stored() {
        return !kind.equals("ALIAS") && !kind.equals("EPHEMERAL");
    }

    public String sql() {
        return TableName.quote(name);
    }
}
