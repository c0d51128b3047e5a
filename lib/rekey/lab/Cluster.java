package rekey.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import rekey.model.Trouble;

/// Where the hosts of a lab's cluster listen, and what makes them a cluster in their config.xml.
///
/// As in production each host has an address of its own and all have the same HTTP port: so who knows one host's
/// `--url` knows the others' by `system.clusters`. ClickHouse takes a few loopback addresses for a host's own, and
/// which of them it is by the native port: that one differs from host to host.
///
/// @param interserverPort where replicas fetch parts; the prepared library has it on [#httpPort()], at another
///                        address
/// @param tcpPorts        of the native protocol, one a host
record Cluster(ClusterShape shape, int httpPort, int interserverPort, int keeperPort, List<Integer> tcpPorts) {
    /// The cluster's name: `ON CLUSTER lab`, `Distributed(lab, ...)`.
    static final String NAME = "lab";
    /// The same hosts, of which a Distributed table writes each row to every replica by itself.
    static final String DOUBLING = NAME + "_doubling";
    /// The parent of `distributed_ddl`'s path in ZooKeeper.
    static final String DDL_QUEUE = "/clickhouse/task_queue";

    /// Those that ClickHouse calls local: 127.{0,1}.{0,1}.{0,1}.
    private static final List<String> ADDRESSES =
            List.of("127.0.0.1", "127.0.1.1", "127.1.0.1", "127.1.1.1", "127.1.1.0", "127.1.0.0", "127.0.1.0");

    /// One server of it.
    ///
    /// @param interserver where it gives parts to others; empty in no cluster
    /// @param xml         elements of its config.xml
    record Host(String address, int httpPort, int tcpPort, String interserver, int interserverPort, String xml) {
        /// A server that is in no cluster.
        static Host alone(int http, int tcp) {
            return new Host("127.0.0.1", http, tcp, "", 0, "");
        }

        boolean inCluster() {
            return !interserver.isEmpty();
        }
    }

    /// On ports that are free now.
    static Cluster free(ClusterShape shape, boolean ownInterserver) {
        int http = KafkaBroker.freePort();
        return new Cluster(
                shape,
                http,
                ownInterserver ? KafkaBroker.freePort() : http,
                KafkaBroker.freePort(),
                IntStream.range(0, shape.hosts())
                        .mapToObj(n -> KafkaBroker.freePort())
                        .toList());
    }

    /// On the ports that a folder's cluster had, since its tables and its ZooKeeper name them; null: there was none.
    static Cluster kept(Path folder, ClusterShape shape) {
        var file = folder.resolve("cluster-ports");
        if (!Files.exists(file)) return null;
        try {
            var ports = Files.readAllLines(file).stream().map(Integer::valueOf).toList();
            if (ports.size() != shape.hosts() + 3)
                throw new Trouble.Usage("The lab's folder " + folder + " has a cluster of " + (ports.size() - 3)
                        + " hosts, not of " + shape.hosts() + ": give the same --shards and --replicas, or another"
                        + " --folder.");
            return new Cluster(shape, ports.get(0), ports.get(1), ports.get(2), ports.subList(3, ports.size()));
        } catch (IOException | NumberFormatException e) {
            throw new Trouble.Failed(
                    "The lab's " + file + " can't be read (" + e.getMessage() + "): name another folder.", e);
        }
    }

    void keep(Path folder) throws IOException {
        var ports = new ArrayList<>(List.of(httpPort, interserverPort, keeperPort));
        ports.addAll(tcpPorts);
        Files.write(
                folder.resolve("cluster-ports"),
                ports.stream().map(String::valueOf).toList());
    }

    /// A host by its number, from 0: the replicas of the first shard first.
    Host host(int number) {
        return new Host(
                ADDRESSES.get(number),
                httpPort,
                tcpPorts.get(number),
                interserverPort == httpPort ? "127.2.0." + (number + 1) : ADDRESSES.get(number),
                interserverPort,
                xml(number));
    }

    /// A session path for each host: the library's servers all have the nil UUID, and would end each other's
    /// session. Connections are kept for three seconds only, for a clean stop waits for them. A Distributed table's
    /// queue needs threads to be sent; the library has none by itself.
    private String xml(int number) {
        return """
            <keep_alive_timeout>3</keep_alive_timeout>
            <background_distributed_schedule_pool_size>4</background_distributed_schedule_pool_size>
            <zookeeper><node><host>127.0.0.1</host><port>%d</port></node><session_timeout_ms>10000</session_timeout_ms>
            <sessions_path>/clickhouse/sessions/%d</sessions_path></zookeeper>
            <macros><cluster>%s</cluster><shard>%d</shard><replica>%s</replica></macros>
            <distributed_ddl><path>%s/ddl</path></distributed_ddl>
            <remote_servers><%3$s>%7$s</%3$s><%8$s>%9$s</%8$s></remote_servers>
            """.formatted(
                        keeperPort,
                        number + 1,
                        NAME,
                        shape.shard(number),
                        replica(number),
                        DDL_QUEUE,
                        shards(true),
                        DOUBLING,
                        shards(false));
    }

    /// A replica's name, as its macro and ZooKeeper have it.
    String replica(int number) {
        return "s%dr%d".formatted(shape.shard(number), shape.replica(number));
    }

    private String shards(boolean internal) {
        return IntStream.range(0, shape.hosts())
                .boxed()
                .collect(Collectors.groupingBy(shape::shard, java.util.TreeMap::new, Collectors.toList()))
                .values()
                .stream()
                .map(hosts -> "<shard><internal_replication>" + internal + "</internal_replication>"
                        + hosts.stream().map(this::replicaXml).collect(Collectors.joining()) + "</shard>")
                .collect(Collectors.joining());
    }

    private String replicaXml(int number) {
        return "<replica><host>%s</host><port>%d</port></replica>"
                .formatted(ADDRESSES.get(number), tcpPorts.get(number));
    }

    /// Each host's address and native port, for `remote(...)`: one replica of each shard.
    String replicaOfEachShard(int replica) {
        return IntStream.range(0, shape.hosts())
                .filter(n -> shape.replica(n) == replica)
                .mapToObj(n -> ADDRESSES.get(n) + ":" + tcpPorts.get(n))
                .collect(Collectors.joining(","));
    }
}
