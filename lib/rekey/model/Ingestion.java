package rekey.model;

import java.util.List;

/// How rows come from Kafka into a table: the Kafka tables, and every materialized view that carries
/// their rows to it.
public record Ingestion(List<KafkaTable> kafkaTables) {

    public static final Ingestion NONE = new Ingestion(List.of());

    /// A table of the Kafka engine.
    ///
    /// @param brokers the broker list as the table has it
    /// @param views   all the materialized views that read from it, those into other tables too: they
    ///                are paused together
    public record KafkaTable(TableName name, String brokers, List<String> topics, String group, List<View> views) {}

    /// A materialized view and the table it writes to.
    public record View(TableName name, TableName target) {}

    public boolean none() {
        return kafkaTables.isEmpty();
    }
}
