package rekey.repl;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The server goes away in the middle of a session, and comes back.
@Tag("repl")
class ServerGoneTest {
    @Test void theSessionStaysAndConnectsAnew() throws IOException {
        try (var bed = new Bed(100); var wire = new Wire(URI.create(bed.lab.url()).getPort()); var at = bed.typist("--url", "http://127.0.0.1:" + wire.port)) {
            at.enter("status").await("state      not begun");
            wire.cut();
            at.clear().enter("status").await("No ClickHouse answers at").await("connects anew").await("(server away)> ");
            at.clear().enter("SELECT 1;").await("No ClickHouse answers at");
            wire.mend();
            at.clear().enter("status").await("state      not begun").await("hits_rekey create> ");
        }
    }

    /// A port that leads to a server, or to nobody.
    private static final class Wire implements AutoCloseable {
        final int port;
        private final int target;
        private final Set<Socket> open = ConcurrentHashMap.newKeySet();
        private ServerSocket listening;

        Wire(int target) throws IOException {
            this.target = target;
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            port = listening.getLocalPort();
            accept(listening);
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
                        return;    // the wire was cut
                    }
                }
            });
        }

        private static void pump(Socket from, Socket to) {
            try (from; to) {
                from.getInputStream().transferTo(to.getOutputStream());
            } catch (IOException e) {
                return;    // the other end was closed
            }
        }

        @Override public void close() throws IOException {
            cut();
        }
    }
}
