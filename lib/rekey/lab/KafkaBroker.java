package rekey.lab;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.Exit;
import org.apache.kafka.metadata.storage.Formatter;
import rekey.model.Trouble;

/// A real Kafka broker (KRaft) inside this process, on 127.0.0.1.
public final class KafkaBroker implements AutoCloseable {
    private static final String PORTS = "lab-ports", USER = "rekey";
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    static {
        // a broker that fails would end this whole process, without a word and without its shutdown hooks
        Exit.setHaltProcedure(KafkaBroker::failed);
        Exit.setExitProcedure(KafkaBroker::failed);
    }

    private final Path home;
    private final int port, controllerPort;
    private final Certificates secured;
    private final int securedPort;
    private final String word = UUID.randomUUID().toString();
    private KafkaRaftServer server;

    private KafkaBroker(Path home, int port, int controllerPort, Certificates secured) {
        this.home = home;
        this.port = port;
        this.controllerPort = controllerPort;
        this.secured = secured;
        this.securedPort = secured == null ? 0 : freePort();
    }

    /// Starts a broker on a folder, a new one or one that a broker has been stopped on: then on the same port, since
    /// the Kafka tables name it.
    ///
    /// @param secured what a second listener shows, with TLS and a login by SCRAM; null: there is none
    /// @throws Trouble.Failed when it does not start
    static KafkaBroker start(Path home, Certificates secured) {
        var ports = home.resolve(PORTS);
        if (Files.exists(ports)) {
            try {
                var kept =
                        Files.readAllLines(ports).stream().map(Integer::valueOf).toList();
                var broker = new KafkaBroker(home, kept.getFirst(), kept.getLast(), secured);
                broker.start();
                return broker;
            } catch (IOException | NumberFormatException e) {
                throw new Trouble.Failed(
                        "The lab's " + ports + " can't be read (" + e.getMessage() + "): name another folder.", e);
            }
        }
        for (int attempt = 1; ; attempt++) {
            var broker = new KafkaBroker(home, freePort(), freePort(), secured);
            try {
                broker.start();
                Files.write(ports, List.of("" + broker.port, "" + broker.controllerPort));
                return broker;
            } catch (IOException e) {
                broker.stop();
                throw new Trouble.Failed(
                        "The lab's " + ports + " can't be written (" + e.getMessage()
                                + "): name a folder that is writable.",
                        e);
            } catch (Trouble.Failed e) {
                if (attempt == 5 || !inUse(e)) throw e; // else another lab took the port between the look and the start
            }
        }
    }

    /// `127.0.0.1:PORT`, as Kafka's `bootstrap.servers` and `kafka_broker_list` take it.
    public String bootstrap() {
        return "127.0.0.1:" + port;
    }

    /// Where it wants TLS and a login.
    String securedBootstrap() {
        return "127.0.0.1:" + securedPort;
    }

    /// What a client gives there.
    String clientConfig() {
        return """
            security.protocol=SASL_SSL
            sasl.mechanism=SCRAM-SHA-512
            sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="%s" \
            password="%s";
            ssl.truststore.type=PEM
            ssl.truststore.location=%s
            """.formatted(USER, word, secured.authority());
    }

    private void admit() {
        try (var admin = admin()) {
            var scram = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096);
            get(
                    admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(USER, scram, word)))
                            .all(),
                    "take the user " + USER);
        }
    }

    /// Starts again, on the same folder and port, after [#stop()].
    public synchronized void start() {
        if (server != null) throw new IllegalStateException("the broker runs already");
        try {
            if (!Files.exists(home.resolve("meta.properties"))) format();
            var fresh = new KafkaRaftServer(new KafkaConfig(properties(), false), Time.SYSTEM);
            try {
                fresh.startup();
            } catch (RuntimeException e) {
                fresh.shutdown();
                throw e;
            }
            server = fresh;
            if (secured != null) admit();
        } catch (Exception e) {
            throw new Trouble.Failed(
                    "The lab's Kafka broker could not be started on port " + port + " in " + home + " ("
                            + e.getMessage() + "): see that the folder is writable and the port free.",
                    e);
        }
    }

    /// Stops the broker cleanly; its data stays. Clients find nobody there until [#start()]. Nothing happens when it
    /// is not running.
    public synchronized void stop() {
        if (server == null) return;
        server.shutdown();
        server.awaitShutdown();
        server = null;
    }

    @Override
    public void close() {
        stop();
    }

    /// Creates a topic.
    ///
    /// @param config such as `retention.ms`
    public void createTopic(String name, int partitions, Map<String, String> config) {
        try (var admin = admin()) {
            get(
                    admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1).configs(config)))
                            .all(),
                    "create topic " + name);
        }
    }

    /// Deletes a topic; none of that name is no error.
    public void deleteTopic(String name) {
        try (var admin = admin()) {
            get(admin.deleteTopics(List.of(name)).all(), "delete topic " + name);
        } catch (Trouble.Failed e) {
            if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) throw e;
        }
    }

    /// What a consumer group has committed, per partition of a topic: the offset of the next message it will read.
    /// Partitions without a commit are missing.
    public Map<Integer, Long> committed(String group, String topic) {
        try (var admin = admin()) {
            var all = get(
                    admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata(),
                    "ask for the offsets of " + group);
            var offsets = new TreeMap<Integer, Long>();
            all.forEach((p, o) -> {
                if (o != null && p.topic().equals(topic)) offsets.put(p.partition(), o.offset());
            });
            return offsets;
        }
    }

    /// A new admin client; close it.
    public Admin admin() {
        return Admin.create(Map.of(
                "bootstrap.servers", bootstrap(), "request.timeout.ms", "10000", "default.api.timeout.ms", "20000"));
    }

    private <T> T get(KafkaFuture<T> answer, String what) {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw new Trouble.Failed(
                    "The lab's Kafka at " + bootstrap() + " could not " + what + " ("
                            + e.getCause().getMessage() + ").",
                    e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Waiting for the lab's Kafka to " + what + " was interrupted.");
        }
    }

    private void format() throws Exception {
        Files.createDirectories(home);
        var said = new ByteArrayOutputStream();
        new Formatter()
                .setClusterId(Uuid.randomUuid().toString())
                .setNodeId(1)
                .setControllerListenerName("CONTROLLER")
                .setMetadataLogDirectory(home.toString())
                .addDirectory(home.toString())
                .setPrintStream(new PrintStream(said))
                .run();
    }

    /// One node that is broker and controller; few threads and small buffers.
    private Properties properties() {
        var p = new Properties();
        p.putAll(Map.of(
                "process.roles",
                "broker,controller",
                "node.id",
                "1",
                "controller.quorum.voters",
                "1@127.0.0.1:" + controllerPort,
                "controller.listener.names",
                "CONTROLLER",
                "listeners",
                "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort,
                "log.dirs",
                home.toString(),
                "auto.create.topics.enable",
                "false"));
        p.putAll(Map.of(
                "offsets.topic.replication.factor",
                "1",
                "offsets.topic.num.partitions",
                "1",
                "transaction.state.log.replication.factor",
                "1",
                "transaction.state.log.num.partitions",
                "1",
                "transaction.state.log.min.isr",
                "1",
                "share.coordinator.state.topic.num.partitions",
                "1",
                "share.coordinator.state.topic.replication.factor",
                "1",
                "group.initial.rebalance.delay.ms",
                "0"));
        p.putAll(Map.of(
                "num.network.threads",
                "1",
                "num.io.threads",
                "2",
                "background.threads",
                "2",
                "num.replica.fetchers",
                "1",
                "num.recovery.threads.per.data.dir",
                "1",
                "log.cleaner.dedupe.buffer.size",
                "2097152",
                "log.index.size.max.bytes",
                "1048576",
                "log.segment.bytes",
                "67108864"));
        if (secured != null) p.putAll(securedListener(p.getProperty("listeners")));
        return p;
    }

    private Map<String, String> securedListener(String others) {
        return Map.of(
                "listeners",
                others + ",SECURED://127.0.0.1:" + securedPort,
                "listener.security.protocol.map",
                "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURED:SASL_SSL",
                "sasl.enabled.mechanisms",
                "SCRAM-SHA-512",
                "listener.name.secured.scram-sha-512.sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required;",
                "ssl.keystore.type",
                "PKCS12",
                "ssl.keystore.location",
                secured.store(SecuredAccess.SERVER).toString(),
                "ssl.keystore.password",
                Certificates.WORD);
    }

    private static void failed(int code, String message) {
        throw new IllegalStateException(
                "The lab's Kafka has failed, and would have ended this process with " + code + ": " + message);
    }

    private static boolean inUse(Throwable e) {
        for (var t = e; t != null; t = t.getCause())
            if (t instanceof java.net.BindException
                    || String.valueOf(t.getMessage()).contains("Address already in use")) return true;
        return false;
    }

    /// A port that is free now on every address, below the range that the system gives to outgoing connections.
    /// None is given twice in this process: two that one server was to listen on were once the same.
    static int freePort() {
        for (int attempt = 0; attempt < 1000; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            if (GIVEN.contains(port)) continue;
            try (var socket = new ServerSocket(port)) {
                if (GIVEN.add(port)) return socket.getLocalPort();
            } catch (IOException e) {
                continue; // taken: the next one
            }
        }
        throw new Trouble.Failed(
                "There is no free port between 20000 and 32000 on this machine: end what holds them and start again.");
    }
}
