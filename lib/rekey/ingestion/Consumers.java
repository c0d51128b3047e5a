package rekey.ingestion;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import rekey.clickhouse.ClickHouse;
import rekey.clickhouse.HostsInParallel;
import rekey.clickhouse.Sql;
import rekey.model.Ingestion;
import rekey.model.TableName;
import rekey.model.Trouble;
import rekey.session.Control;
import rekey.session.IngestionHosts;

/// The consumers of the source's Kafka tables, as `system.kafka_consumers` shows them.
///
/// @param hosts those that have such tables
/// @param ahead of each, how far its clock is ahead of the first host's, in microseconds
public record Consumers(List<IngestionHosts.Host> hosts, List<Long> ahead) {
    /// Of one server.
    public Consumers(ClickHouse server, Ingestion ingestion) {
        this(ingestion.none() ? List.of() : IngestionHosts.of(server, ingestion).hosts(), List.of(0L));
    }

    /// Of all hosts. What the consumers note is by the clock of their host; it is told by the first host's.
    public static Consumers of(IngestionHosts intake) {
        var reading = intake.hosts().stream().filter(h -> !h.ingestion().none()).toList();
        var first = intake.hosts().getFirst();
        return new Consumers(
                reading,
                HostsInParallel.each(
                        reading, h -> h == first ? 0L : HeldTime.now(h.server()) - HeldTime.now(first.server())));
    }

    /// Between two batches a consumer is unused for a moment: stopped means unused in every sample over this time.
    /// Should one begin a batch all the same, its rows are found by the remaining round, or carried by
    /// the trailing one.
    private static final Duration QUIET = Duration.ofMillis(30);
    /// How long consumers that show no batch are distrusted at most: ingestion is held meanwhile, and a user who may
    /// not see all Kafka tables of the server would find a batch of some other unseen for ever.
    private static final Duration UNSEEN = Duration.ofMillis(500);
    /// How long the consumers' batches are watched at most before the gate is closed.
    private static final Duration WATCH = Duration.ofSeconds(20);

    /// One consumer.
    ///
    /// @param lastUsed  when it last finished a batch, by the server's clock, in microseconds
    /// @param partitions the topic partitions it has
    /// @param gated     whether it knows of a missing view target
    /// @param lastFailed when its table's last batch failed, in microseconds; 0 for never
    /// @param failure   why, in the server's words
    /// @param host      which of the hosts it is on
    public record Consumer(
            TableName table,
            String id,
            boolean used,
            long lastUsed,
            List<String> partitions,
            boolean gated,
            long lastFailed,
            String failure,
            int host) {}

    public List<Consumer> now() {
        if (hosts.isEmpty()) return List.of();
        return HostsInParallel.each(IntStream.range(0, hosts.size()).boxed().toList(), this::now).stream()
                .flatMap(List::stream)
                .toList();
    }

    private List<Consumer> now(int number) {
        var host = hosts.get(number);
        var tables = host.ingestion().kafkaTables().stream()
                .map(k -> "(" + Sql.text(k.name().database()) + ", "
                        + Sql.text(k.name().table()) + ")")
                .collect(Collectors.joining(", "));
        return host.server().query("""
            SELECT database, table, consumer_id, is_currently_used, toUnixTimestamp64Micro(last_used) AS used_at,
                   arrayMap((t, p) -> concat(t, '/', toString(p)), assignments.topic, assignments.partition_id) AS
                     parts,
                   notEmpty(missing_dependencies) AS gated,
                   toUInt64(toUnixTimestamp(arrayMax(exceptions.time))) * 1000000 AS failed_at,
                   if(empty(exceptions.text), '', exceptions.text[-1]) AS failure
            FROM system.kafka_consumers WHERE (database, table) IN (%s) ORDER BY 1, 2, 3\
            """.formatted(tables)).stream()
                .map(r -> new Consumer(
                        new TableName(r.string("database"), r.string("table")),
                        r.string("consumer_id"),
                        r.flag("is_currently_used"),
                        told(r.number("used_at"), number),
                        r.strings("parts"),
                        r.flag("gated"),
                        told(r.number("failed_at"), number),
                        r.string("failure")
                                .replaceFirst("(?s),? ?Stack trace.*|\\n.*", "")
                                .strip(),
                        number))
                .toList();
    }

    private long told(long us, int number) {
        return us == 0 ? 0 : us - ahead.get(number);
    }

    /// This moment by the clock of each host.
    public List<Long> moments() {
        return HostsInParallel.each(hosts, h -> HeldTime.now(h.server()));
    }

    /// Whether a batch may still run that began before a moment of the server's clock. The table that it writes to
    /// was looked up when it began, and no query shows it.
    ///
    /// A batch that fails is tried again and again, and never ends as one: but what runs after a failure began
    /// after it. The server notes a failure for all consumers of the table, so where there are several one of them
    /// tells of the others only when a batch's longest time has passed.
    ///
    /// @param moments what [#moments] said
    public boolean older(List<Long> moments) {
        var all = now();
        return all.stream()
                .anyMatch(c -> c.used()
                        && c.lastUsed() < told(moments.get(c.host()), c.host())
                        && c.lastFailed()
                                < told(moments.get(c.host()), c.host())
                                        + (all.stream()
                                                                .filter(o -> o.host() == c.host()
                                                                        && o.table()
                                                                                .equals(c.table()))
                                                                .count()
                                                        > 1
                                                ? WATCH.toMillis() * 1000
                                                : 0));
    }

    /// Why batches of a table fail since a moment, a view behind it say; empty where none did.
    public Optional<String> failure(TableName table, long us) {
        return now().stream()
                .filter(c -> c.table().equals(table)
                        && c.lastFailed() >= us
                        && !c.failure().isEmpty())
                .map(Consumer::failure)
                .findFirst();
    }

    /// Whether a batch may have begun that no consumer shows yet: the server counts it first, then looks up the
    /// tables that it writes to, and only then takes a consumer (the server's source). Of the count it is not told
    /// which table reads, so what all consumers show is taken from it: each of a table's if each has a thread of
    /// its own, else one of each table's.
    private boolean unseen() {
        return HostsInParallel.each(hosts, h -> unseen(h.server())).contains(true);
    }

    private static boolean unseen(ClickHouse server) {
        return server.one("""
            SELECT (SELECT sum(value) FROM system.metrics WHERE metric = 'KafkaBackgroundReads') > (
              SELECT sum(if(threads, used, least(used, 1))) FROM (
                SELECT database, table AS name, countIf(is_currently_used) AS used FROM system.kafka_consumers
                  GROUP BY 1, 2) AS c
              INNER JOIN (SELECT database, name, match(engine_full, 'kafka_thread_per_consumer = (1|true)') AS
                threads FROM system.tables WHERE engine = 'Kafka') AS t
              USING (database, name)) AS unseen\
            """).flag("unseen");
    }

    /// Waits until each batch that has begun is seen, as a rule not at all. Where many tables read from Kafka, one
    /// or another is always about to begin: so for half a second at most.
    public void awaitSeen(Control control) {
        if (hosts.isEmpty()) return;
        for (var until = Instant.now().plus(UNSEEN); Instant.now().isBefore(until) && unseen(); ) control.sleep(20);
    }

    /// After whose batch the gate is best closed. Each consumer goes on to the end of its batch, so the first to end
    /// waits for the last: with batches of one length T that is T less the gap in which no batch ends. So the gate
    /// is best closed right after the batch that is followed by the widest gap. Watching takes three batches' time.
    ///
    /// The server itself notes when a batch ended, so it need not be asked often.
    ///
    /// @return a consumer's id; empty where there are not two that read, behind a gate say, or they tell nothing in
    /// 20 s
    public String leader(Control control) {
        var ends = new TreeMap<String, List<Long>>();
        for (var until = Instant.now().plus(WATCH); Instant.now().isBefore(until); control.sleep(100)) {
            var reading = now().stream()
                    .filter(c -> !c.partitions().isEmpty() && !c.gated())
                    .toList();
            if (reading.size() < 2) return "";
            for (var c : reading) {
                var seen = ends.computeIfAbsent(c.id(), k -> new ArrayList<>());
                if (!seen.isEmpty() && seen.getLast() == c.lastUsed()) continue;
                seen.add(c.lastUsed());
            }
            boolean known =
                    ends.size() == reading.size() && ends.values().stream().allMatch(seen -> seen.size() >= 3);
            if (known) return beforeWidestGap(ends);
        }
        return "";
    }

    /// Waits until that consumer ends its batch: the moment in which to close the gate.
    public void awaitEnd(String leader, Control control) {
        long before = lastUsed(leader);
        for (var until = Instant.now().plus(WATCH);
                Instant.now().isBefore(until) && before > 0 && lastUsed(leader) == before; ) control.sleep(25);
    }

    private long lastUsed(String id) {
        return now().stream()
                .filter(c -> c.id().equals(id))
                .mapToLong(Consumer::lastUsed)
                .findFirst()
                .orElse(0);
    }

    /// The consumer whose batch's end is followed by the longest time without one.
    private static String beforeWidestGap(Map<String, List<Long>> ends) {
        long period = ends.values().stream()
                .mapToLong(e -> e.getLast() - e.get(e.size() - 2))
                .max()
                .orElseThrow();
        var last = ends.entrySet().stream()
                .sorted(Comparator.comparingLong(e -> e.getValue().getLast() % period))
                .toList();
        String best = "";
        long widest = -1;
        for (int i = 0; i < last.size(); i++) {
            long here = last.get(i).getValue().getLast() % period,
                    next =
                            i + 1 < last.size()
                                    ? last.get(i + 1).getValue().getLast() % period
                                    : last.getFirst().getValue().getLast() % period + period;
            if (next - here > widest) {
                widest = next - here;
                best = last.get(i).getKey();
            }
        }
        return best;
    }

    /// Waits until no batch is running: a batch goes on until its flush after the gate was closed (0.6-5.6 s seen).
    ///
    /// @return since when nothing is read, by the server's clock in microseconds: the end of the first consumer's
    ///         last batch among those that have partitions; 0 where there are no consumers
    /// @throws Trouble.Refused when they have not stopped by the deadline
    public long awaitStopped(Control control, Instant deadline) {
        Instant quietSince = null;
        while (true) {
            // asked first: a batch that took its consumer between the two was in neither
            boolean asked = quietSince != null
                    && Duration.between(quietSince, Instant.now()).compareTo(QUIET) >= 0;
            boolean hidden = asked && unseen();
            var consumers = now();
            boolean running =
                    consumers.stream().anyMatch(c -> c.used() || !c.partitions().isEmpty() && !c.gated());
            if (running) quietSince = null;
            else if (quietSince == null) quietSince = Instant.now();
            else if (Duration.between(quietSince, Instant.now()).compareTo(UNSEEN) >= 0
                    || asked && (consumers.isEmpty() || !hidden))
                return consumers.stream()
                        .filter(c -> !c.partitions().isEmpty())
                        .mapToLong(Consumer::lastUsed)
                        .filter(t -> t > 0)
                        .min()
                        .orElse(0);
            if (Instant.now().isAfter(deadline))
                throw new Trouble.PutOff("Kafka's consumers did not stop in time ("
                        + consumers.stream()
                                .filter(Consumer::used)
                                .map(c -> c.table() + " " + c.id())
                                .collect(Collectors.joining(", "))
                        + " still in a batch): ingestion is open again and nothing was swapped. Give a longer"
                        + " --deadline, or lower kafka_flush_interval_ms.");
            // ingestion is held already: the end of this time is met closely
            control.sleep(quietSince == null ? 20 : 10);
        }
    }
}
