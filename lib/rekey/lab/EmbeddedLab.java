package rekey.lab;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import rekey.model.Trouble;

/// A real ClickHouse server and a real Kafka broker, for the demo, the tests and the bench. With a [ClusterShape] it
/// is a cluster: so many real servers and the ZooKeeper of their replicated tables; the broker is one.
///
/// A server alone is up in 2 to 4 s and takes 350 MB, and so does each host of a cluster, the ZooKeeper 110 to 145
/// MB. On two cores with ten times as much to do, a cluster of 2 x 2 was up, filled, fed and judged three times in
/// 12 s.
///
/// Closing it, Ctrl-C and SIGTERM stop both cleanly and remove the folder if it was temporary. If this process is
/// killed outright, the server's process ends by itself and removes the folder.
public final class EmbeddedLab implements AutoCloseable {
    private static final int CLUSTER_TRIES = 5;

    private final LabFolder folder;
    private final Path library;
    private final List<ClickHouseProcess> servers = new ArrayList<>();
    private final Thread atExit = new Thread(this::end, "lab-stop");
    private final SmallDisk.Turn disk;
    private KafkaBroker kafka;
    private TlsFront front;
    private SecuredAccess secured;
    private Cluster cluster;
    private ZooKeeperProcess keeper;
    private volatile boolean ended;

    private EmbeddedLab(LabFolder folder, Path library, SmallDisk.Turn disk) {
        this.folder = folder;
        this.library = library;
        this.disk = disk;
    }

    /// A temporary lab with ClickHouse and Kafka.
    public static EmbeddedLab start() {
        return start(LabOptions.temporary());
    }

    /// Starts both side by side and returns when both answer: 2-4 s. The first time the library is fetched. With a
    /// bound on its disk it first waits for any other lab that has one to end.
    ///
    /// @throws Trouble.Failed in one sentence; nothing is left running then
    public static EmbeddedLab start(LabOptions options) {
        var library = library(options);
        EmbeddedLab lab;
        try {
            lab = new EmbeddedLab(
                    LabFolder.open(options.folder()), library, options.roomBytes() > 0 ? SmallDisk.Turn.take() : null);
        } catch (IOException e) {
            throw new Trouble.Failed("The lab's folder could not be made (" + e + "): name one that is writable.", e);
        }
        Runtime.getRuntime().addShutdownHook(lab.atExit);
        var certificates = options.secured() ? lab.certificates() : null;
        var broker = CompletableFuture.runAsync(() -> {
            if (options.kafka()) lab.kafka(KafkaBroker.start(lab.folder().resolve("kafka"), certificates));
        });
        try {
            if (options.shape() == null) lab.addServer(options);
            else lab.startCluster(options);
            broker.join();
            if (certificates != null) lab.secure(certificates);
            return lab;
        } catch (RuntimeException e) {
            broker.handle((done, failed) -> done).join();
            lab.close();
            throw e instanceof CompletionException && e.getCause() instanceof RuntimeException r ? r : e;
        }
    }

    /// @throws Trouble.Refused where replicas are asked for and this platform's library can't be one
    private static Path library(LabOptions options) {
        if (options.binary() != null) return options.binary().program();
        try {
            if (options.shape() != null) PreparedLibrary.refuseOther(ClickHouseLibrary.platform(), options.version());
        } catch (PreparedLibrary.Refused e) {
            throw new Trouble.Refused(e.getMessage());
        }
        return ClickHouseLibrary.path(options.version());
    }

    /// All hosts side by side, once their ZooKeeper listens. Another lab may take a port between the look and the
    /// start: then all of it is tried again on others, since each host's config names them all.
    private void startCluster(LabOptions options) {
        var kept = Cluster.kept(folder(), options.shape());
        for (int attempt = 1; ; attempt++) {
            var next = kept != null ? kept : Cluster.free(options.shape(), options.binary() != null);
            try {
                startCluster(options, next);
                next.keep(folder());
                return;
            } catch (ClickHouseProcess.PortTaken e) {
                killCluster();
                if (kept != null || attempt == CLUSTER_TRIES) throw e;
            } catch (IOException e) {
                throw new Trouble.Failed(
                        "The lab's folder " + folder() + " can't be written (" + e.getMessage()
                                + "): name one that is writable.",
                        e);
            }
        }
    }

    private void startCluster(LabOptions options, Cluster next) {
        var zookeeper = ZooKeeperProcess.start(folder().resolve("keeper"), next.keeperPort(), options.binary());
        synchronized (this) {
            cluster = next;
            keeper = zookeeper;
            if (ended) zookeeper.kill();
        }
        var hosts = IntStream.range(0, options.shape().hosts())
                .mapToObj(n -> CompletableFuture.supplyAsync(() -> startHost(options, next.host(n), n)))
                .toList();
        RuntimeException failed = null;
        for (var host : hosts) {
            try {
                add(host.join());
            } catch (CompletionException e) {
                failed = e.getCause() instanceof RuntimeException known ? known : e;
            }
        }
        if (failed != null) throw failed;
    }

    private ClickHouseProcess startHost(LabOptions options, Cluster.Host host, int number) {
        return ClickHouseProcess.start(options, library, home(number + 1), folder.temporary() ? folder() : null, host);
    }

    private synchronized void add(ClickHouseProcess server) {
        if (ended) server.stop();
        servers.add(server);
    }

    private synchronized void killCluster() {
        servers.forEach(ClickHouseProcess::kill);
        servers.clear();
        if (keeper != null) keeper.kill();
    }

    private Path home(int number) {
        return folder().resolve("clickhouse" + (number == 1 ? "" : number));
    }

    /// Starts one more ClickHouse server in this lab, beside the first and in no cluster with it.
    public ClickHouseProcess addServer(LabOptions options) {
        int number;
        synchronized (this) {
            number = servers.size() + 1;
        }
        var server = ClickHouseProcess.start(options, library, home(number), folder.temporary() ? folder() : null);
        add(server);
        return server;
    }

    /// The first server's address, as `--url` takes it.
    public String url() {
        return clickhouse().url();
    }

    /// The broker's address, as `--kafka` takes it.
    public String bootstrap() {
        return kafka().bootstrap();
    }

    /// The way in by TLS and a login.
    ///
    /// @throws IllegalStateException in a lab without one
    public synchronized SecuredAccess secured() {
        if (secured == null) throw new IllegalStateException("this lab was started without a secured way in");
        return secured;
    }

    private Certificates certificates() {
        try {
            return Certificates.in(folder().resolve("certificates")).sign(SecuredAccess.SERVER, SecuredAccess.HERE);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private synchronized void secure(Certificates certificates) {
        front = TlsFront.before(servers.getFirst().httpPort(), certificates.server(SecuredAccess.SERVER), false);
        secured = SecuredAccess.of(folder(), certificates, front, kafka);
        if (ended) front.close();
    }

    /// The first server.
    public synchronized ClickHouseProcess clickhouse() {
        return servers.getFirst();
    }

    /// All hosts: the replicas of the first shard, those of the second, and so on. One in a lab without a cluster.
    public synchronized List<ClickHouseProcess> hosts() {
        return List.copyOf(servers);
    }

    /// A host of the cluster.
    ///
    /// @param shard   from 1
    /// @param replica from 1
    public ClickHouseProcess host(int shard, int replica) {
        return hosts().get((shard - 1) * shape().replicas() + replica - 1);
    }

    /// How many hosts there are.
    ///
    /// @throws IllegalStateException in a lab without a cluster
    public ClusterShape shape() {
        return cluster().shape();
    }

    public synchronized boolean isCluster() {
        return cluster != null;
    }

    /// Where everything is, for a person.
    public String text() {
        var hosts = hosts();
        var servers = !isCluster()
                ? "ClickHouse  %s   (user default, no password; native protocol: 127.0.0.1:%d)"
                        .formatted(url(), clickhouse().tcpPort())
                : IntStream.range(0, hosts.size())
                                .mapToObj(
                                        n -> "ClickHouse  %s   shard %d, replica %s; native protocol on %d; process %d"
                                                .formatted(
                                                        hosts.get(n).url(),
                                                        shape().shard(n),
                                                        cluster().replica(n),
                                                        hosts.get(n).tcpPort(),
                                                        hosts.get(n).pid()))
                                .collect(Collectors.joining("\n"))
                        + "\ncluster     " + Cluster.NAME + "   (user default, no password)\nKeeper      "
                        + keeper().address();
        return servers + "\nKafka       " + bootstrap() + "\ndata        " + folder()
                + (secured == null ? "" : "\n" + secured.text());
    }

    /// The cluster's ZooKeeper.
    ///
    /// @throws IllegalStateException in a lab without a cluster
    public synchronized ZooKeeperProcess keeper() {
        cluster();
        return keeper;
    }

    /// Where its hosts are.
    synchronized Cluster cluster() {
        if (cluster == null) throw new IllegalStateException("this lab was started without a cluster");
        return cluster;
    }

    /// The broker.
    ///
    /// @throws IllegalStateException in a lab without one
    public synchronized KafkaBroker kafka() {
        if (kafka == null) throw new IllegalStateException("this lab was started without Kafka");
        return kafka;
    }

    /// Where the data lies.
    public Path folder() {
        return folder.path();
    }

    /// Waits until the first server's process ends though nobody stopped it, or this thread is interrupted.
    ///
    /// @throws Trouble.Failed when it has
    public void await() throws InterruptedException {
        var server = clickhouse();
        while (ended || server.isAlive()) Thread.sleep(200); // once the lab is being stopped, this process ends
        throw new Trouble.Failed(
                "The lab's ClickHouse has ended: see " + server.home().resolve("output.log") + ".");
    }

    @Override
    public void close() {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            return; // the machine is shutting down, and this was called on the way
        }
    }

    private synchronized void kafka(KafkaBroker broker) {
        if (ended) broker.stop();
        kafka = broker;
    }

    private synchronized void end() {
        if (ended) return;
        ended = true;
        if (front != null) front.close();
        // ClickHouse before the broker, so that its consumers can leave their groups; what is removed needs no clean
        // end, and a server waits 5 s for connections that are still open
        // the ZooKeeper after them: a host that ends cleanly wants to tell it so
        servers.forEach(folder.temporary() ? ClickHouseProcess::kill : ClickHouseProcess::stop);
        if (keeper != null) keeper.kill();
        if (kafka != null) kafka.stop();
        try (disk) {
            folder.close();
        } catch (IOException e) {
            throw new Trouble.Failed(
                    "The lab's folder " + folder() + " could not be removed (" + e + "): remove it by hand.", e);
        }
    }
}
