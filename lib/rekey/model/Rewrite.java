package rekey.model;

/// What a migration changes: one table's keys. The names of all that it makes follow from the migration's name, so that
/// a person with only clickhouse-client, or a runner on another machine, finds them.
///
/// @param migration its name, such as `0002_events_sample_by`
/// @param source    the live table
/// @param orderBy   the new sorting key, without outer parentheses
/// @param primaryKey the new primary key; empty: the sorting key
/// @param partitionBy the new partition key; empty: none
/// @param sampleBy  the new sampling key; empty: none
/// @param engine    the new engine clause; empty: as the source's
public record Rewrite(String migration, TableName source, String partitionBy, String primaryKey, String orderBy,
                      String sampleBy, String engine) {

    /// The new engine without its arguments; empty: as the source's.
    public String engineName() {
        return engine.replaceFirst("(?s)\\(.*", "").strip();
    }

    /// The new table that is being filled; after the swap it is the live one.
    public TableName target() {
        return source.sibling(source.table() + "_rekey_" + migration);
    }

    /// The table into which one chunk is copied and checked before it is attached. A number is never used twice, so that
    /// a statement of a dead runner that acts late finds no table (DESIGN: exactness 5).
    public TableName staging(String attempt) {
        return target().sibling(stagingPrefix() + attempt);
    }

    public String stagingPrefix() {
        return target().table() + "_staging_";
    }

    /// The view whose missing target keeps all of a Kafka table's views from reading.
    ///
    /// @param number which of the source's Kafka tables, from 1
    public TableName gate(int number) {
        return source.sibling(gatePrefix() + (number == 1 ? "" : "_" + number));
    }

    /// The gate's target: created only to be dropped.
    public TableName gateTarget(int number) {
        return source.sibling(gate(number).table() + "_missing");
    }

    public String gatePrefix() {
        return target().table() + "_gate";
    }

    /// The old table after the swap.
    public TableName backup() {
        return source.sibling(source.table() + "_backup_" + migration);
    }

    public TableName journal() {
        return source.sibling("rekey_journal");
    }
}
