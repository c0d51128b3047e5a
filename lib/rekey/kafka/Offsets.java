package rekey.kafka;

/// Where a consumer group stands in one partition of a topic.
///
/// @param committed the next offset the group will read, -1 when it has never committed one
/// @param beginning the oldest offset the broker still has
/// @param end       the offset that the next message will get
public record Offsets(String topic, int partition, long committed, long beginning, long end) {

    /// The next message that will be read. A group that never committed, or whose next message has expired, begins
    /// with the oldest there is: ClickHouse sets `auto.offset.reset` to `smallest`.
    public long next() {
        return Math.max(committed, beginning);
    }

    /// Messages not yet consumed.
    public long lag() {
        return Math.max(0, end - next());
    }

    /// Messages that were deleted before the group had read them.
    public long expired() {
        return committed < 0 ? 0 : Math.max(0, beginning - committed);
    }
}
