package rekey.ingestion;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import rekey.kafka.KafkaAdmin;
import rekey.kafka.KafkaFailed;
import rekey.kafka.Offsets;
import rekey.model.Ingestion;
import rekey.session.Control;
import rekey.session.IngestionHosts;

/// Whether ingestion went on where it had stopped: per partition of Kafka, nothing skipped and nothing read again.
///
/// Opened before ingestion stops, for a client's first words to Kafka take longer than the whole pause should.
public final class Continuity implements Control.Onlooker {
    private static final Duration SOON = Duration.ofSeconds(2);

    private final Map<Ingestion.KafkaTable, KafkaAdmin> clients = new LinkedHashMap<>();

    /// A Kafka that can't be asked is no hindrance: ClickHouse reads it by itself.
    ///
    /// @param config a Kafka client's properties
    public static Continuity of(IngestionHosts intake, Map<String, String> config) {
        var out = new Continuity();
        for (var table : intake.groups()) {
            try {
                out.clients.put(table, KafkaAdmin.connect(table.brokers(), config));
            } catch (KafkaFailed e) {
                continue; // said by the check that looks at the headroom
            }
        }
        return out;
    }

    /// What the groups have committed by now, as `topic/partition=offset` with spaces between, for the journal.
    /// Ingestion waits for the answer: one that does not come soon is none.
    @Override
    public String committed() {
        return CompletableFuture.supplyAsync(this::committedOffsets, Thread::startVirtualThread)
                .completeOnTimeout("", SOON.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    private String committedOffsets() {
        var out = new ArrayList<String>();
        clients.forEach((table, kafka) -> {
            try {
                kafka.committed(table.group(), table.topics())
                        .forEach((p, offset) -> out.add(p.topic() + "/" + p.partition() + "=" + offset));
            } catch (KafkaFailed e) {
                return;
            }
        });
        return out.stream().sorted().collect(Collectors.joining(" "));
    }

    /// What was moved while ingestion stood still, if something was: then nobody commits.
    ///
    /// @param stopped what [#committed] said when it had stopped
    /// @param now     what it says right before it goes on; of what it does not name nothing is known
    public static Optional<String> moved(String stopped, String now) {
        var later = read(now);
        for (var then : read(stopped).entrySet()) {
            long before = then.getValue(), after = later.getOrDefault(then.getKey(), before);
            if (after > before)
                return Optional.of("The consumer group went forward in " + then.getKey()
                        + " while ingestion stood still, from offset " + before + " to " + after
                        + ": somebody moved it or read in its place, and these messages come into no table"
                        + " here. Bring them in again: set the group's offset back, and drop what is read"
                        + " twice.");
            if (after < before) return Optional.of(wentBack(then.getKey(), before, after));
        }
        return Optional.empty();
    }

    private static String wentBack(String place, long before, long after) {
        return "The consumer group went back in " + place + ", from offset " + before + " to " + after
                + ": somebody reset it, and these messages are read a second time. A ReplacingMergeTree drops the"
                + " doubles; in other tables look for them.";
    }

    /// What is wrong, if something is.
    ///
    /// @param stopped what [#committed] said when ingestion had stopped
    /// @param now     the same partitions after it went on
    public static Optional<String> broken(String stopped, List<Offsets> now) {
        var then = read(stopped);
        for (var o : now) {
            var before = then.get(place(o));
            if (before == null) continue;
            if (o.beginning() > before)
                return Optional.of("Kafka deleted messages of " + place(o)
                        + " while ingestion stood still: it stopped before offset " + before
                        + ", and the oldest message there is now " + o.beginning()
                        + ". Raise the topic's retention, and bring these messages in again from their producers.");
            if (o.committed() < before) return Optional.of(wentBack(place(o), before, o.committed()));
        }
        return Optional.empty();
    }

    private static Map<String, Long> read(String text) {
        var out = new TreeMap<String, Long>();
        if (!text.isEmpty())
            for (var piece : text.split(" "))
                out.put(
                        piece.substring(0, piece.lastIndexOf('=')),
                        Long.parseLong(piece.substring(piece.lastIndexOf('=') + 1)));
        return out;
    }

    private static String place(Offsets o) {
        return o.topic() + "/" + o.partition();
    }

    /// Beside, for it is called while ingestion is held, and a client takes its time to close.
    @Override
    public void close() {
        clients.values().forEach(kafka -> Thread.ofVirtual().start(kafka::close));
    }
}
