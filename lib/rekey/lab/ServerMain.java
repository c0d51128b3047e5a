package rekey.lab;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// The process that a lab's ClickHouse server runs in; needs nothing but the JDK and the library.
///
/// The library's `chdb_query_cmdline` is clickhouse-local's main, and `SYSTEM START LISTEN` in it opens the real
/// HTTP and TCP servers. It goes on as long as its last query runs: one that sleeps, and is killed to stop the
/// server cleanly. That happens at SIGTERM, when its input says `stop`, and when its input ends because the parent
/// has died. Arguments: the library, config.xml, the HTTP address, and the temporary folder to remove if the parent
/// dies (or an empty text); for a host of a cluster, where it gives parts to other replicas, and the path of its DDL
/// queue in ZooKeeper.
final class ServerMain {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    /// What stands before the sentence of a [PreparedLibrary.Refused]; and what a replica says last, once it is up.
    static final String REFUSED = "refused: ", REPLICA_IS_UP = "replica: DDL worker on ";
    private static final CountDownLatch RETURNED = new CountDownLatch(1);

    private ServerMain() {}

    static void main(String... args) throws Throwable {
        var http = URI.create(args[2] + "/");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(http)));
        Thread.ofPlatform().name("parent").start(() -> {
            boolean orphan = parentGone();
            stop(http);
            if (orphan && !args[3].isEmpty())
                remove(Path.of(args[3]), Path.of(args[1]).getParent());
            Runtime.getRuntime().halt(0);
        });
        run(
                Path.of(args[0]),
                List.of("clickhouse", "--config-file=" + args[1], "--log-level=information", "--query=" + """
                    SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP; \
                    SELECT sleepEachRow(1) AS keeps_the_lab_up FROM numbers(1000000000) \
                    SETTINGS function_sleep_max_microseconds_per_block = 10000000000000, max_block_size = 1,
                      log_queries = 0 FORMAT Null\
                    """),
                args.length > 4 ? new Replica(URI.create(args[4]), args[5]) : null);
        RETURNED.countDown();
        if (!stopping) Runtime.getRuntime().halt(1); // it could not start: what it said is in its output
    }

    private static volatile boolean stopping;

    private static boolean parentGone() {
        try {
            for (int c; (c = System.in.read()) != -1; ) if (c == 's') return false;
            return true;
        } catch (IOException e) {
            return true;
        }
    }

    /// Ends the sleeping query, and waits until the library has closed everything.
    private static synchronized void stop(URI http) {
        stopping = true;
        if (RETURNED.getCount() == 0) return;
        try {
            var c = (java.net.HttpURLConnection) http.toURL().openConnection();
            c.setConnectTimeout(2000);
            c.setReadTimeout((int) PATIENCE.toMillis());
            c.setDoOutput(true);
            c.getOutputStream()
                    .write("KILL QUERY WHERE query LIKE '%keeps_the_lab_up%' AND query_id != queryID() ASYNC"
                            .getBytes());
            System.err.println("stopping: HTTP " + c.getResponseCode());
            c.disconnect(); // the server waits for open connections
            if (!RETURNED.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                System.err.println("the server did not stop in " + PATIENCE);
        } catch (IOException | InterruptedException e) {
            System.err.println(
                    "the server did not take the stop: " + e); // not up yet, or hanging: the process ends anyway
        }
    }

    /// Its own folder first. The lab's as soon as no other server has one in it, for a server whose files are taken
    /// away under it dies of that, and what it writes in that moment stayed behind.
    private static void remove(Path lab, Path own) {
        for (long end = System.nanoTime() + PATIENCE.multipliedBy(2).toNanos(); ; ) {
            try {
                if (others(lab, own) && System.nanoTime() < end) LabFolder.delete(own);
                else {
                    LabFolder.delete(lab);
                    return;
                }
            } catch (IOException e) {
                if (System.nanoTime() > end) throw new java.io.UncheckedIOException(e);
            }
            LockSupport.parkNanos(100_000_000);
        }
    }

    private static boolean others(Path lab, Path own) throws IOException {
        try (var folders = Files.list(lab)) {
            return folders.anyMatch(
                    f -> f.getFileName().toString().startsWith("clickhouse") && Files.isDirectory(f) && !f.equals(own));
        } catch (java.nio.file.NoSuchFileException e) {
            return false; // another one was the last
        }
    }

    /// What a host of a cluster is told.
    private record Replica(URI interserver, String ddlQueue) {
        /// Before the main runs; what it needs when it is up is done beside it.
        void prepare(Path library, SymbolLookup symbols) throws Throwable {
            var prepared = PreparedLibrary.of(library, symbols);
            prepared.becomeReplica(interserver.getHost(), interserver.getPort());
            Thread.ofPlatform().daemon().name("ddl-worker").start(() -> {
                try {
                    awaitListening();
                    prepared.startDdlWorker(ddlQueue);
                } catch (Throwable e) {
                    e.printStackTrace();
                    Runtime.getRuntime().halt(1); // a host without ON CLUSTER is not what was asked for
                }
            });
        }

        private void awaitListening() throws InterruptedException {
            for (; ; Thread.sleep(20)) {
                try (var _ = new Socket(interserver.getHost(), interserver.getPort())) {
                    return;
                } catch (IOException e) {
                    continue; // not yet
                }
            }
        }
    }

    private static void run(Path library, List<String> args, Replica replica) throws Throwable {
        var linker = Linker.nativeLinker();
        var arena = Arena.global();
        var symbols = SymbolLookup.libraryLookup(library, arena);
        if (replica != null) {
            try {
                replica.prepare(library, symbols);
            } catch (PreparedLibrary.Refused e) {
                System.err.println(REFUSED + e.getMessage());
                Runtime.getRuntime().halt(3);
            }
        }
        // the JVM needs its own SIGSEGV handler: keep ClickHouse from installing one
        linker.downcallHandle(
                        symbols.find("chdb_set_signal_handlers_enabled").orElseThrow(),
                        FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT))
                .invoke(0);
        var main = linker.downcallHandle(
                symbols.find("chdb_query_cmdline").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
        var argv = arena.allocate(ValueLayout.ADDRESS, args.size() + 1);
        for (int i = 0; i < args.size(); i++) argv.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(args.get(i)));
        var result = (MemorySegment) main.invoke(args.size(), argv);
    }
}
