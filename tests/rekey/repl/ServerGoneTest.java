package rekey.repl;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import rekey.ChildProcess;

/// The server goes away in the middle of a session, and comes back.
@Tag("repl")
class ServerGoneTest {
    @Test
    void theSessionStaysAndConnectsAnew() throws IOException {
        try (var bed = new Bed(100);
                var wire = new Wire(URI.create(bed.lab.url()).getPort());
                var at = bed.typist("--url", "http://127.0.0.1:" + wire.port)) {
            at.enter("status").await("state      not begun");
            wire.cut();
            at.clear()
                    .enter("status")
                    .await("No ClickHouse answers at")
                    .await("connects anew")
                    .await("(server away)> ");
            at.clear().enter("SELECT 1;").await("No ClickHouse answers at");
            at.clear();
            wire.mend();
            // nothing is typed: the prompt that stands finds out by itself
            at.await(bed.name.database() + " create> ");
            at.clear().enter("status").await("state      not begun");
        }
    }

    /// As one that was stopped by SIGSTOP: connections stay, and nothing comes.
    @Test
    void aServerThatHangsIsLeftByCtrlC() throws IOException {
        try (var bed = new Bed(100);
                var wire = new Wire(URI.create(bed.lab.url()).getPort());
                var at = bed.typist("--url", "http://127.0.0.1:" + wire.port)) {
            at.enter("SELECT concat('he', 'ard');").await("heard").awaitPrompt();
            wire.hang(true);
            at.clear()
                    .enter("SELECT 2;")
                    .await("no answer for ")
                    .type("\003")
                    .await("Left, for the server does not answer", Bed.SOON)
                    .await("may still run there");
            for (var command : List.of("explain", "next", "run", "undo", "rollback", "migration", "kill x", "throttle"))
                at.clear()
                        .enter(command)
                        .await("Ctrl-C leaves it")
                        .type("\003")
                        .await("Left after ", Bed.SOON)
                        .await("without an answer");
            wire.hang(false);
            at.clear().enter("SELECT concat('heard', '-again');").await("heard-again");
        }
    }

    /// Nothing but SIGKILL ended it.
    @Test
    @Tag("slow")
    void aRunIsEndedThoughItsServerHangs() throws IOException {
        try (var bed = new Bed(30_000);
                var wire = new Wire(URI.create(bed.lab.url()).getPort());
                var run = ChildProcess.start(
                        MigratingProcess.class, "http://127.0.0.1:" + wire.port, bed.name.database(), Bed.KEY)) {
            run.await("begun");
            wire.hang(true);
            run.end();
            wire.hang(false);
        }
    }

    /// The line of the run stood there as if all went well.
    @Test
    void theLineOfARunSaysThatTheServerIsSilent() throws IOException {
        try (var bed = new Bed(30_000);
                var wire = new Wire(URI.create(bed.lab.url()).getPort());
                var at =
                        bed.typist("--url", "http://127.0.0.1:" + wire.port, "--chunk-rows", "300", "--threads", "1")) {
            at.enter("run --until backfill --yes").await("% ");
            at.enter("throttle").await("throttled by the operator");
            wire.hang(true);
            at.await("no answer for ");
            wire.hang(false);
            at.awaitGone("no answer for ").enter("no-throttle").await("run has ended well", Duration.ofMinutes(5));
        }
    }

    /// A port that leads to a server, or to nobody.
    private static final class Wire implements AutoCloseable {
        final int port;
        private final int target;
        private final Set<Socket> open = ConcurrentHashMap.newKeySet();
        private ServerSocket listening;
        private volatile boolean hanging;

        Wire(int target) throws IOException {
            this.target = target;
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            port = listening.getLocalPort();
            accept(listening);
        }

        void hang(boolean hangs) {
            hanging = hangs;
        }

        void cut() throws IOException {
            listening.close();
            for (var socket : open) socket.close();
        }

        void mend() throws IOException {
            listening = new ServerSocket();
            listening.setReuseAddress(true);
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            accept(listening);
        }

        private void accept(ServerSocket on) {
            Thread.ofVirtual().start(() -> {
                while (!on.isClosed()) {
                    try {
                        var client = on.accept();
                        var server = new Socket(InetAddress.getLoopbackAddress(), target);
                        open.add(client);
                        open.add(server);
                        Thread.ofVirtual().start(() -> pump(client, server));
                        Thread.ofVirtual().start(() -> pump(server, client));
                    } catch (IOException e) {
                        return; // the wire was cut
                    }
                }
            });
        }

        private void pump(Socket from, Socket to) {
            try (from;
                    to) {
                var bytes = new byte[8192];
                for (int n = from.getInputStream().read(bytes);
                        n >= 0;
                        n = from.getInputStream().read(bytes)) {
                    while (hanging && !to.isClosed()) LockSupport.parkNanos(10_000_000);
                    to.getOutputStream().write(bytes, 0, n);
                }
            } catch (IOException e) {
                return; // the other end was closed
            }
        }

        @Override
        public void close() throws IOException {
            cut();
        }
    }
}
