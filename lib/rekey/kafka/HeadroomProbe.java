package rekey.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import rekey.model.Trouble;

/// Looks at a group's topics for a while and tells their [Headroom]. The rate is the greater of what comes while it
/// looks and the mean of the last hour, so that a quiet second does not deceive.
public record HeadroomProbe(KafkaAdmin kafka) {
    private static final long HOUR = 3_600_000, DAY = 24 * HOUR;

    /// @param sample how long it looks
    /// @throws KafkaFailed when Kafka does not answer, or has no such topic
    public Headroom look(String group, Collection<String> topics, Duration sample) {
        var dirsBefore = dirs();
        var before = byPartition(kafka.offsets(group, topics));
        long begun = System.nanoTime();
        sleep(sample);
        var offsets = kafka.offsets(group, topics);
        double elapsed = (System.nanoTime() - begun) / 1e9;
        var dirs = dirs();
        var retention = kafka.retention(topics).stream().collect(Collectors.toMap(Retention::topic, r -> r));
        long now = System.currentTimeMillis();
        var hourAgo = kafka.firstSince(offsets.stream().collect(Collectors.toMap(HeadroomProbe::key, o -> now - HOUR)));
        var ages = ages(offsets, retention, now);
        var seen = offsets.stream()
                .map(o -> new Headroom.Seen(
                        o,
                        retention.get(o.topic()),
                        Math.max(
                                rate(o, hourAgo.get(key(o)), now),
                                (o.end() - before.getOrDefault(key(o), o).end()) / elapsed),
                        ages.getOrDefault(key(o), 0.0),
                        messageSize(o, dirs)))
                .toList();
        return Headroom.of(
                seen,
                dirsBefore.map(LogDirs::volumes).orElse(List.of()),
                dirs.map(LogDirs::volumes).orElse(List.of()),
                elapsed);
    }

    private Optional<LogDirs> dirs() {
        try {
            return Optional.of(kafka.logDirs());
        } catch (KafkaDenied e) {
            return Optional.empty(); // the sizes stay unknown, and Headroom says so
        }
    }

    /// The mean since the first message of the last hour, which may be younger than an hour; over a minute at least.
    private static double rate(Offsets o, KafkaAdmin.Stamp first, long now) {
        if (first.offset() < 0) return 0;
        return (o.end() - Math.max(first.offset(), o.beginning())) / Math.max(60, (now - first.millis()) / 1000.0);
    }

    private static double messageSize(Offsets o, Optional<LogDirs> dirs) {
        long messages = o.end() - o.beginning();
        return dirs.map(d -> d.bytes().get(key(o)))
                .filter(bytes -> messages > 0)
                .map(bytes -> (double) bytes / messages)
                .orElse(Double.NaN);
    }

    /// The ages of the oldest messages not yet consumed, in seconds. A broker tells the first offset since a moment
    /// and not an offset's moment, so the moment is searched for; it comes out too old by no more than a second.
    private Map<TopicPartition, Double> ages(List<Offsets> all, Map<String, Retention> retention, long now) {
        var waiting = all.stream()
                .filter(o -> o.lag() > 0 && retention.get(o.topic()).millis() >= 0)
                .toList();
        var low = new HashMap<TopicPartition, Long>();
        var high = new HashMap<TopicPartition, Long>();
        for (var o : waiting) {
            low.put(key(o), Math.max(0, now - retention.get(o.topic()).millis() - DAY));
            high.put(key(o), now + 1000);
        }
        while (waiting.stream().anyMatch(o -> high.get(key(o)) - low.get(key(o)) > 1000)) {
            var middle = waiting.stream()
                    .collect(Collectors.toMap(HeadroomProbe::key, o -> (low.get(key(o)) + high.get(key(o))) / 2));
            var found = kafka.firstSince(middle);
            for (var o : waiting) {
                long first = found.get(key(o)).offset();
                (first >= 0 && first <= o.next() ? low : high).put(key(o), middle.get(key(o)));
            }
        }
        return waiting.stream()
                .collect(Collectors.toMap(HeadroomProbe::key, o -> Math.max(0, (now - low.get(key(o))) / 1000.0)));
    }

    private static Map<TopicPartition, Offsets> byPartition(List<Offsets> offsets) {
        return offsets.stream().collect(Collectors.toMap(HeadroomProbe::key, o -> o));
    }

    private static TopicPartition key(Offsets o) {
        return new TopicPartition(o.topic(), o.partition());
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("The run was interrupted while it watched Kafka.");
        }
    }
}
