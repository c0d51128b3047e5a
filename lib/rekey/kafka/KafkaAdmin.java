package rekey.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import rekey.model.CertificateFault;
import rekey.model.Trouble;

/// Asks a Kafka cluster and changes nothing. Threads may share it.
///
/// Every call answers within [#PATIENCE], or throws [KafkaFailed] with a sentence; [KafkaDenied] where the broker
/// answers but this client may not look. No sentence holds a client's properties, for passwords stand in them.
public final class KafkaAdmin implements AutoCloseable {
    /// How long a call waits for brokers that do not answer.
    public static final Duration PATIENCE = Duration.ofSeconds(8);

    private final Admin admin;
    private final String brokers;

    private KafkaAdmin(Admin admin, String brokers) {
        this.admin = admin;
        this.brokers = brokers;
    }

    /// Connects and asks one question, so that a wrong address or password is known now.
    ///
    /// @param brokers `host:port`, several with commas between
    /// @param config  a Kafka client's properties; `bootstrap.servers` in it outranks `brokers`
    public static KafkaAdmin connect(String brokers, Map<String, String> config) {
        var all = new HashMap<String, Object>(Map.of(
                "request.timeout.ms",
                "4000",
                "default.api.timeout.ms",
                "" + PATIENCE.toMillis(),
                "socket.connection.setup.timeout.ms",
                "2000",
                "socket.connection.setup.timeout.max.ms",
                "4000",
                "client.id",
                "rekey",
                "bootstrap.servers",
                brokers,
                "enable.metrics.push",
                "false"));
        all.putAll(config);
        var where = all.get("bootstrap.servers").toString();
        if (where.isBlank())
            throw new KafkaFailed(
                    "The Kafka table names no broker (its settings stand in a named collection): give --kafka"
                            + " HOST:PORT.",
                    null);
        try {
            var kafka = new KafkaAdmin(Admin.create(all), where);
            kafka.greet();
            return kafka;
        } catch (KafkaException e) {
            throw unmade(where, e);
        }
    }

    /// Kafka's complaint about a login line quotes words of it, one of which may be the password: it is not passed
    /// on.
    private static KafkaFailed unmade(String where, KafkaException e) {
        var why = root(e);
        if (why.contains("JAAS"))
            return new KafkaFailed(
                    "No Kafka client can be made for " + where
                            + ": sasl.jaas.config in --kafka-config can't be read as a login line.",
                    null);
        return new KafkaFailed(
                "No Kafka client can be made for " + where + " (" + why + "): check --kafka and --kafka-config.", e);
    }

    private void greet() {
        try {
            nodes();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /// A class of Kafka's own, for who looks for its jar.
    public static Class<?> driver() {
        return Admin.class;
    }

    /// The brokers it was told of.
    public String brokers() {
        return brokers;
    }

    private Collection<Node> nodes() {
        return answer("its brokers", admin.describeCluster().nodes());
    }

    /// Where a group stands in every partition of some topics, in the order of topic and partition. A group that
    /// does not exist has committed nothing.
    public List<Offsets> offsets(String group, Collection<String> topics) {
        var partitions = partitions(topics);
        var committed = committed(group, new ListConsumerGroupOffsetsSpec().topicPartitions(partitions));
        var beginning = listed(partitions, OffsetSpec.earliest());
        var end = listed(partitions, OffsetSpec.latest());
        return partitions.stream()
                .map(p -> new Offsets(
                        p.topic(),
                        p.partition(),
                        committed.getOrDefault(p, -1L),
                        beginning.get(p).offset(),
                        end.get(p).offset()))
                .toList();
    }

    /// What a group has committed of some topics, in one question: while ingestion is held the beginnings and ends
    /// are of no use.
    public Map<TopicPartition, Long> committed(String group, Collection<String> topics) {
        var out = committed(group, new ListConsumerGroupOffsetsSpec());
        out.keySet().removeIf(p -> !topics.contains(p.topic()));
        return out;
    }

    private List<TopicPartition> partitions(Collection<String> topics) {
        return answer(
                        "the topic " + String.join(", ", topics),
                        admin.describeTopics(topics).allTopicNames())
                .values()
                .stream()
                .sorted((a, b) -> a.name().compareTo(b.name()))
                .flatMap(t -> t.partitions().stream().map(p -> new TopicPartition(t.name(), p.partition())))
                .toList();
    }

    private Map<TopicPartition, Long> committed(String group, ListConsumerGroupOffsetsSpec of) {
        var out = new HashMap<TopicPartition, Long>();
        try {
            answer(
                            "the group " + group,
                            admin.listConsumerGroupOffsets(Map.of(group, of)).partitionsToOffsetAndMetadata(group))
                    .forEach((p, o) -> {
                        if (o != null) out.put(p, o.offset());
                    });
        } catch (NoSuchGroup e) {
            return out; // one that does not exist has committed nothing
        }
        return out;
    }

    private Map<TopicPartition, ListOffsetsResultInfo> listed(Collection<TopicPartition> partitions, OffsetSpec which) {
        return answer(
                "its offsets",
                admin.listOffsets(partitions.stream().collect(Collectors.toMap(p -> p, p -> which)))
                        .all());
    }

    /// A message's place and moment.
    ///
    /// @param offset -1: there is none
    /// @param millis since 1970
    public record Stamp(long offset, long millis) {}

    /// The first message of each partition that is not older than a moment.
    ///
    /// @param millis the moment since 1970, for each partition its own
    public Map<TopicPartition, Stamp> firstSince(Map<TopicPartition, Long> millis) {
        var specs = new HashMap<TopicPartition, OffsetSpec>();
        millis.forEach((p, ms) -> specs.put(p, OffsetSpec.forTimestamp(ms)));
        return answer("its offsets", admin.listOffsets(specs).all()).entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        e -> new Stamp(e.getValue().offset(), e.getValue().timestamp())));
    }

    /// Who belongs to a group now; nobody where there is no such group.
    public List<Member> members(String group) {
        try {
            return answer(
                            "the group " + group,
                            admin.describeConsumerGroups(List.of(group))
                                    .describedGroups()
                                    .get(group))
                    .members()
                    .stream()
                    .map(m -> new Member(m.consumerId(), m.clientId(), m.host()))
                    .toList();
        } catch (NoSuchGroup e) {
            return List.of();
        }
    }

    /// How long each topic keeps a message.
    public List<Retention> retention(Collection<String> topics) {
        var asked = topics.stream()
                .distinct()
                .sorted()
                .map(t -> new ConfigResource(ConfigResource.Type.TOPIC, t))
                .toList();
        var configs = answer(
                "the configuration of " + String.join(", ", topics),
                admin.describeConfigs(asked).all());
        return asked.stream()
                .map(r -> {
                    var c = configs.get(r);
                    return new Retention(
                            r.name(),
                            Long.parseLong(c.get("retention.ms").value()),
                            Long.parseLong(c.get("retention.bytes").value()),
                            Long.parseLong(c.get("segment.bytes").value()),
                            c.get("cleanup.policy").value());
                })
                .toList();
    }

    /// The sizes of all partitions and what is free on the brokers' disks. A broker before 3.3 does not tell the
    /// latter.
    public LogDirs logDirs() {
        var bytes = new HashMap<TopicPartition, Long>();
        var volumes = new ArrayList<LogDirs.Volume>();
        var ids = nodes().stream().map(Node::id).toList();
        new TreeMap<>(answer("its log folders", admin.describeLogDirs(ids).allDescriptions()))
                .forEach((broker, folders) -> folders.forEach((folder, d) -> {
                    d.replicaInfos().forEach((p, info) -> bytes.merge(p, info.size(), Math::max));
                    volumes.add(new LogDirs.Volume(
                            broker,
                            folder,
                            d.totalBytes().orElse(-1),
                            d.usableBytes().orElse(-1),
                            d.replicaInfos().values().stream()
                                    .mapToLong(i -> i.size())
                                    .sum()));
                }));
        return new LogDirs(Map.copyOf(bytes), List.copyOf(volumes));
    }

    /// The broker knows no such group: no error where a group is about to be made by its first consumer.
    private static final class NoSuchGroup extends RuntimeException {}

    private <T> T answer(String what, KafkaFuture<T> future) {
        try {
            return future.get(PATIENCE.toMillis() + 1000, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("The run was interrupted while it waited for Kafka.");
        } catch (java.util.concurrent.TimeoutException e) {
            throw silent(e);
        } catch (ExecutionException e) {
            throw translated(what, e.getCause());
        }
    }

    private RuntimeException translated(String what, Throwable e) {
        return switch (e) {
            case GroupIdNotFoundException g -> new NoSuchGroup();
            case UnknownTopicOrPartitionException u ->
                new KafkaFailed(
                        "Kafka at " + brokers + " has no such topic (" + what
                                + "): check the Kafka table's kafka_topic_list, or --kafka if this is another cluster.",
                        u);
            case AuthorizationException a ->
                new KafkaDenied(
                        "Kafka at " + brokers + " does not let this client see " + what + " (" + root(a)
                                + "): give it DESCRIBE there, or name another client with --kafka-config.",
                        a);
            case SslAuthenticationException s -> untrusted(s);
            case AuthenticationException a ->
                new KafkaDenied(
                        "Kafka at " + brokers + " does not let this client in (" + root(a) + "): check --kafka-config.",
                        a);
            case org.apache.kafka.common.errors.TimeoutException t -> silent(t);
            default -> new KafkaFailed("Kafka at " + brokers + " was asked for " + what + " and says: " + root(e), e);
        };
    }

    /// It is this client then that does not let the broker in, or the broker wants a certificate of it.
    private KafkaDenied untrusted(SslAuthenticationException e) {
        var fault = CertificateFault.of(e);
        return new KafkaDenied(
                fault.isEmpty()
                        ? "Kafka at " + brokers + " and this client do not agree on TLS (" + root(e)
                                + "): check security.protocol in --kafka-config."
                        : fault.get() == CertificateFault.CLIENT
                                ? "Kafka at " + brokers + " wants a certificate of this client that it believes: give"
                                        + " ssl.keystore.location in --kafka-config."
                                : "The certificate of Kafka at " + brokers + " "
                                        + fault.get().sentence()
                                        + (fault.get() == CertificateFault.UNKNOWN
                                                ? ": give the authority's certificate with ssl.truststore.type=PEM and"
                                                        + " ssl.truststore.location=FILE in --kafka-config."
                                                : "."),
                e);
    }

    private KafkaFailed silent(Throwable cause) {
        return new KafkaFailed(
                "No Kafka broker answers at " + brokers + " within " + PATIENCE.toSeconds()
                        + " s: check --kafka (or kafka_broker_list of the Kafka table), that the broker runs, and"
                        + " --kafka-config if it wants TLS or a password.",
                cause);
    }

    /// The innermost cause, first line: what a person can act on.
    private static String root(Throwable e) {
        var t = e;
        while (t.getCause() != null && t.getCause() != t) t = t.getCause();
        return t.getMessage() == null
                ? t.getClass().getSimpleName()
                : t.getMessage().lines().findFirst().orElse("").strip();
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(2));
    }
}
