package rekey.kafka;

/// How long a topic keeps a message.
///
/// @param millis       `retention.ms`; -1: for ever
/// @param bytes        `retention.bytes` of each partition; -1: no limit
/// @param segmentBytes `segment.bytes`: deletion goes by whole segments
/// @param cleanup      `cleanup.policy`; without `delete` in it neither limit applies
public record Retention(String topic, long millis, long bytes, long segmentBytes, String cleanup) {

    public boolean deletes() {
        return cleanup.contains("delete");
    }
}
