package rekey.lab;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import rekey.model.Trouble;

/// A real ClickHouse server and a real Kafka broker, for the demo, the tests and the bench.
///
/// Closing it, Ctrl-C and SIGTERM stop both cleanly and remove the folder if it was temporary. If this process is killed
/// outright, the server's process ends by itself and removes the folder.
public final class EmbeddedLab implements AutoCloseable {
    private final LabFolder folder;
    private final Path library;
    private final List<ClickHouseProcess> servers = new ArrayList<>();
    private final Thread atExit = new Thread(this::end, "lab-stop");
    private final SmallDisk.Turn disk;
    private KafkaBroker kafka;
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

    /// Starts both side by side and returns when both answer: 2-4 s. The first time the library is fetched. With a bound on
    /// its disk it first waits for any other lab that has one to end.
    ///
    /// @throws Trouble.Failed in one sentence; nothing is left running then
    public static EmbeddedLab start(LabOptions options) {
        var library = Library.path();
        EmbeddedLab lab;
        try {
            lab = new EmbeddedLab(LabFolder.open(options.folder()), library, options.roomBytes() > 0 ? SmallDisk.Turn.take() : null);
        } catch (IOException e) {
            throw new Trouble.Failed("The lab's folder could not be made (" + e + "): name one that is writable.", e);
        }
        Runtime.getRuntime().addShutdownHook(lab.atExit);
        var broker = CompletableFuture.runAsync(() -> { if (options.kafka()) lab.kafka(KafkaBroker.start(lab.folder().resolve("kafka"))); });
        try {
            lab.addServer(options);
            broker.join();
            return lab;
        } catch (RuntimeException e) {
            broker.handle((done, failed) -> done).join();
            lab.close();
            throw e instanceof CompletionException && e.getCause() instanceof RuntimeException r ? r : e;
        }
    }

    /// Starts one more ClickHouse server in this lab, say for a cluster.
    public ClickHouseProcess addServer(LabOptions options) {
        int number;
        synchronized (this) {
            number = servers.size() + 1;
        }
        var server = ClickHouseProcess.start(options, library, folder().resolve("clickhouse" + (number == 1 ? "" : number)),
                folder.temporary() ? folder() : null);
        synchronized (this) {
            if (ended) server.stop();
            servers.add(server);
        }
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

    /// The first server.
    public synchronized ClickHouseProcess clickhouse() {
        return servers.getFirst();
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
        while (ended || server.isAlive()) Thread.sleep(200);    // once the lab is being stopped, this process ends
        throw new Trouble.Failed("The lab's ClickHouse has ended: see " + server.home().resolve("output.log") + ".");
    }

    @Override public void close() {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            return;    // the machine is shutting down, and this was called on the way
        }
    }

    private synchronized void kafka(KafkaBroker broker) {
        if (ended) broker.stop();
        kafka = broker;
    }

    private synchronized void end() {
        if (ended) return;
        ended = true;
        // ClickHouse before the broker, so that its consumers can leave their groups; what is removed needs no clean end,
        // and a server waits 5 s for connections that are still open
        servers.forEach(folder.temporary() ? ClickHouseProcess::kill : ClickHouseProcess::stop);
        if (kafka != null) kafka.stop();
        try (disk) {
            folder.close();
        } catch (IOException e) {
            throw new Trouble.Failed("The lab's folder " + folder() + " could not be removed (" + e + "): remove it by hand.", e);
        }
    }
}
