package rekey.kafka;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/// What lies on the brokers' disks.
///
/// @param bytes   the size of each partition, of its largest replica
/// @param volumes each broker's folders for logs
public record LogDirs(Map<TopicPartition, Long> bytes, List<Volume> volumes) {

    /// One folder for logs.
    ///
    /// @param total  bytes of the disk it lies on, -1 when the broker does not say
    /// @param usable bytes still free on it, -1 when the broker does not say
    /// @param used   bytes of all logs in the folder, of every topic
    public record Volume(int broker, String folder, long total, long usable, long used) {}
}
