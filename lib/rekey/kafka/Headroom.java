package rekey.kafka;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// How long what waits in Kafka stays there when nobody reads it. Every figure is a lower bound: Kafka deletes by
/// whole segments, some time after it may.
public record Headroom(List<Partition> partitions, List<Disk> disks) {

    /// What was seen of one partition.
    ///
    /// @param perSecond   messages a second
    /// @param age         seconds since the oldest message that is not yet consumed was written, 0 where none waits
    /// @param messageSize bytes a message takes on disk; NaN where the broker does not tell
    public record Seen(Offsets offsets, Retention retention, double perSecond, double age, double messageSize) {}

    /// The headroom of one partition.
    ///
    /// @param byTime seconds until the oldest message not yet consumed is older than `retention.ms`; infinite
    ///               without it
    /// @param bySize seconds until more than `retention.bytes` lie behind it; infinite without it, NaN where it
    ///               can't be told
    public record Partition(Seen seen, double byTime, double bySize) {

        static Partition of(Seen s) {
            if (s.offsets.expired() > 0) return new Partition(s, 0, 0);
            if (!s.retention.deletes()) return new Partition(s, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
            return new Partition(s, byTime(s), bySize(s));
        }

        private static double byTime(Seen s) {
            return s.retention.millis() < 0
                    ? Double.POSITIVE_INFINITY
                    : Math.max(0, s.retention.millis() / 1000.0 - s.age);
        }

        private static double bySize(Seen s) {
            if (s.retention.bytes() < 0) return Double.POSITIVE_INFINITY;
            if (s.perSecond == 0 && s.offsets.lag() == 0) return Double.POSITIVE_INFINITY;
            double left = s.retention.bytes() - s.offsets.lag() * s.messageSize;
            return Double.isNaN(left) ? Double.NaN : left <= 0 ? 0 : left / (s.perSecond * s.messageSize);
        }

        /// The smaller of both; where the size can't be told, the time alone.
        public double seconds() {
            return Double.isNaN(bySize) ? byTime : Math.min(byTime, bySize);
        }

        /// What will delete the message: `retention.ms`, `retention.bytes`, `nothing`, or `already deleted`.
        public String decides() {
            if (seen.offsets.expired() > 0) return "already deleted";
            if (Double.isInfinite(seconds())) return "nothing";
            return seconds() == byTime ? "retention.ms" : "retention.bytes";
        }

        /// As people say it: `events/3`.
        public String name() {
            return seen.offsets.topic() + "/" + seen.offsets.partition();
        }
    }

    /// The headroom of one of the brokers' disks. A pause does not make it smaller, for Kafka keeps a message as
    /// long whether it was read or not; but a broker whose disk is full takes no more messages.
    ///
    /// @param perSecond bytes a second by which its logs grow
    public record Disk(LogDirs.Volume volume, double perSecond) {

        /// Seconds until it is full at this rate; infinite where it does not grow, NaN where the broker does not
        /// tell.
        public double seconds() {
            if (volume.usable() < 0) return Double.NaN;
            return perSecond <= 0 ? Double.POSITIVE_INFINITY : volume.usable() / perSecond;
        }
    }

    /// The computation alone.
    ///
    /// @param before the brokers' folders a while ago; empty where they may not be seen
    /// @param after  the same folders now
    /// @param elapsed seconds between the two
    public static Headroom of(
            List<Seen> seen, List<LogDirs.Volume> before, List<LogDirs.Volume> after, double elapsed) {
        // which folder a partition lies in is not asked: each is taken to get all that comes
        double own = seen.stream()
                .mapToDouble(s -> s.perSecond * s.messageSize)
                .filter(Double::isFinite)
                .sum();
        return new Headroom(
                seen.stream().map(Partition::of).toList(),
                after.stream()
                        .map(v -> new Disk(v, Math.max(own, growth(v, before, elapsed))))
                        .toList());
    }

    private static double growth(LogDirs.Volume now, List<LogDirs.Volume> before, double elapsed) {
        return before.stream()
                .filter(v -> v.broker() == now.broker() && v.folder().equals(now.folder()))
                .mapToDouble(v -> (now.used() - v.used()) / elapsed)
                .findFirst()
                .orElse(0);
    }

    /// The partition with the least headroom; none for a topic without partitions.
    public Optional<Partition> worst() {
        return partitions.stream().min(Comparator.comparingDouble(Partition::seconds));
    }

    /// The disk that is full first, of those that tell.
    public Optional<Disk> worstDisk() {
        return disks.stream().filter(d -> !Double.isNaN(d.seconds())).min(Comparator.comparingDouble(Disk::seconds));
    }

    /// Partitions with a limit by size that can't be judged, for the broker does not tell sizes.
    public List<Partition> unknown() {
        return partitions.stream().filter(p -> Double.isNaN(p.bySize)).toList();
    }

    /// Messages a second of all partitions.
    public double perSecond() {
        return partitions.stream().mapToDouble(p -> p.seen.perSecond).sum();
    }
}
