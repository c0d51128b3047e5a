package rekey.model;

/// What a migration changes: one table's keys. The names of all that it makes follow from the migration's name, so
/// that a person with only clickhouse-client, or a runner on another machine, finds them.
///
/// @param migration its name, such as `0002_events_sample_by`
/// @param source    the live table
/// @param orderBy   the new sorting key, without outer parentheses
/// @param primaryKey the new primary key; empty: the sorting key
/// @param partitionBy the new partition key; empty: none
/// @param sampleBy  the new sampling key; empty: none
/// @param engine    the new engine clause; empty: as the source's
/// @param naming    how its tables are named; null, as an older version's journal has it: [Naming#FULL]
public record Rewrite(
        String migration,
        TableName source,
        String partitionBy,
        String primaryKey,
        String orderBy,
        String sampleBy,
        String engine,
        Naming naming) {

    /// Whether the migration's name stands in those of its tables.
    public enum Naming {
        FULL,
        /// It is the table's own name and `_rekey`, and is not said twice: `hits_rekey`,
        /// not `hits_rekey_hits_rekey`.
        ONCE
    }

    public Rewrite(
            String migration,
            TableName source,
            String partitionBy,
            String primaryKey,
            String orderBy,
            String sampleBy,
            String engine) {
        this(migration, source, partitionBy, primaryKey, orderBy, sampleBy, engine, Naming.FULL);
    }

    public Rewrite {
        if (naming == null) naming = Naming.FULL;
    }

    /// The name of a migration that is given none.
    public static String named(TableName source) {
        return source.table() + "_rekey";
    }

    /// The new engine without its arguments; empty: as the source's.
    public String engineName() {
        return engine.replaceFirst("(?s)\\(.*", "").strip();
    }

    /// The new table that is being filled; after the swap it is the live one.
    public TableName target() {
        return source.sibling(made("_rekey"));
    }

    /// The table into which one chunk is copied and checked before it is attached. A number is never used twice, so
    /// that a statement of a dead runner that acts late finds no table (room step, rule 2).
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
        return source.sibling(made("_backup"));
    }

    private String made(String what) {
        return LongName.fitting(source, what, naming == Naming.ONCE ? "" : "_" + migration);
    }

    public TableName journal() {
        return source.sibling("rekey_journal");
    }
}
