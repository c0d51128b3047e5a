package rekey.lab;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import rekey.model.Trouble;

/// Produces the guide's events to a topic, at a steady rate, and notes in its ledger what Kafka acknowledged.
///
/// What is sent follows from the seed alone, except the dates, which follow the clock. A broker that is away for
/// some minutes costs nothing: messages wait and are sent once it is back (idempotent producer, `acks=all`).
public final class EventProducer implements AutoCloseable {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS");
    private static final String PATIENCE_MILLIS = "900000"; // 15 min: how long a broker may be away

    /// What is produced.
    ///
    /// @param rate        messages a second
    /// @param months      of history, the current one included, as [GuideTable#fill(long, long)] fills them
    /// @param lateShare   of them, dated in one of the months of history before
    /// @param futureShare of them, dated in the next month or in the same month of next year
    /// @param repeatShare of them, sent again with the same content 1 to 2 s later
    public record Options(int rate, long seed, int months, double lateShare, double futureShare, double repeatShare) {
        static final int MONTHS = 6;

        /// 3 % late, 0.5 % in the future, 1 % twice.
        public static Options of(int rate, long seed) {
            return new Options(rate, seed, MONTHS, 0.03, 0.005, 0.01);
        }

        /// Each month is a partition of the guide's table, and so a part of each batch, and a chunk of each round.
        public Options withMonths(int other) {
            return new Options(rate, seed, other, lateShare, futureShare, repeatShare);
        }
    }

    private record Event(UUID uuid, String key, String json, boolean late, boolean future) {}

    private record Again(Event event, long dueNanos) {}

    private final Options options;
    private final String topic;
    private final Ledger ledger;
    private static final long BREATH = 20_000_000;

    private final KafkaProducer<String, String> kafka;
    private final SplittableRandom random;
    private final ArrayDeque<Again> again = new ArrayDeque<>();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private volatile boolean running;
    private Thread thread;

    public EventProducer(String bootstrap, String topic, Options options, Ledger ledger) {
        this.options = options;
        this.topic = topic;
        this.ledger = ledger;
        this.random = new SplittableRandom(options.seed());
        this.kafka = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "acks",
                        "all",
                        "enable.idempotence",
                        "true",
                        "linger.ms",
                        "100",
                        "delivery.timeout.ms",
                        PATIENCE_MILLIS,
                        "max.block.ms",
                        PATIENCE_MILLIS,
                        "request.timeout.ms",
                        "5000",
                        "retry.backoff.ms",
                        "100",
                        "reconnect.backoff.max.ms",
                        "500",
                        "compression.type",
                        "lz4"),
                new StringSerializer(),
                new StringSerializer());
    }

    /// Begins, or goes on after [#pause()]. Nothing happens when it is producing already.
    public synchronized EventProducer start() {
        if (running) return this;
        running = true;
        thread = Thread.ofPlatform().daemon().name("producer-" + topic).start(this::produce);
        return this;
    }

    /// Stops producing and returns when everything sent has been acknowledged; [#start()] goes on with the next
    /// event.
    ///
    /// @throws Trouble.Failed when Kafka has refused a message, or not acknowledged it within 15 minutes
    public synchronized void pause() {
        if (!running) return;
        running = false;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Waiting for the lab's producer was interrupted.");
        }
        kafka.flush();
        if (failure.get() != null)
            throw new Trouble.Failed(
                    "Kafka did not take a message of the lab (" + failure.get().getMessage()
                            + "): the ledger is not the whole truth any more, start a new lab.",
                    failure.get());
    }

    /// Messages sent so far, acknowledged or not.
    public long sent() {
        return sent.get();
    }

    public Ledger ledger() {
        return ledger;
    }

    /// As [#pause()], and for good.
    @Override
    public void close() {
        try {
            pause();
        } finally {
            kafka.close();
        }
    }

    private void produce() {
        try {
            long begun = System.nanoTime();
            for (long n = 0; running; ) {
                long due = (System.nanoTime() - begun) / 1000 * options.rate() / 1_000_000;
                for (; n < due && running; n++) sendNext(false);
                LockSupport.parkNanos(
                        BREATH); // a request for each message would take the machine from those it is produced for
            }
            while (!again.isEmpty()) sendNext(true);
        } catch (RuntimeException e) {
            failure.compareAndSet(null, e);
        }
    }

    /// The repeat that is due, else a new event.
    private void sendNext(boolean onlyRepeats) {
        if (!again.isEmpty()
                && (onlyRepeats || System.nanoTime() >= again.peek().dueNanos())) {
            send(again.poll().event(), true);
            return;
        }
        var event = next();
        send(event, false);
        if (random.nextDouble() < options.repeatShare())
            again.add(new Again(event, System.nanoTime() + 1_500_000_000L));
    }

    private void send(Event event, boolean repeat) {
        var at = Instant.now();
        sent.incrementAndGet();
        kafka.send(new ProducerRecord<>(topic, event.key(), event.json()), (where, e) -> {
            if (e != null) failure.compareAndSet(null, e);
            else
                ledger.add(new Ledger.Message(
                        where.partition(),
                        where.offset(),
                        event.uuid(),
                        at,
                        Instant.now(),
                        event.late(),
                        event.future(),
                        repeat));
        });
    }

    private Event next() {
        var uuid = new UUID(random.nextLong(), random.nextLong());
        var name = GuideTable.EVENTS.get(Math.max(random.nextInt(13) - 3, 0));
        int team = 1 + (int) (GuideTable.TEAMS * Math.pow(random.nextDouble(), 3));
        var user = "user-" + random.nextInt(GuideTable.USERS);
        var browser = GuideTable.BROWSERS.get(random.nextInt(GuideTable.BROWSERS.size()));
        double kind = random.nextDouble();
        int months = 1 + random.nextInt(options.months() - 1),
                page = random.nextInt(4096),
                duration = random.nextInt(5000);
        boolean late = kind < options.lateShare(), future = !late && kind < options.lateShare() + options.futureShare();
        var now = LocalDateTime.now(ZoneOffset.UTC);
        var dated =
                late ? now.minusMonths(months) : !future ? now : months % 2 == 0 ? now.plusMonths(1) : now.plusYears(1);
        var json = """
            {"uuid":"%s","event":"%s","properties":"{\\"$browser\\":\\"%s\\",\\"$lib\\":\\"web\\",\
            \\"$current_url\\":\\"https://app.example.com/project/%d/%x\\",\
            \\"duration\\":%d}","timestamp":"%s","team_id":%d,"distinct_id":"%s","created_at":"%s"}\
            """.formatted(
                        uuid, name, browser, team, page, duration, TIME.format(dated), team, user, TIME.format(now));
        return new Event(uuid, user, json, late, future);
    }
}
