package rekey.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/// TLS before a port that speaks none, as a load balancer before a ClickHouse has it: what comes is decrypted and
/// passed on, byte for byte.
final class TlsFront implements AutoCloseable {
    private final SSLServerSocket listening;
    private final int behind;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    private TlsFront(SSLServerSocket listening, int behind) {
        this.listening = listening;
        this.behind = behind;
    }

    /// Listens on a free port of 127.0.0.1.
    ///
    /// @param port   of 127.0.0.1 that is passed on to
    /// @param wanted whether a client must show a certificate of its own
    static TlsFront before(int port, SSLContext tls, boolean wanted) {
        try {
            var socket = (SSLServerSocket) tls.getServerSocketFactory()
                    .createServerSocket(KafkaBroker.freePort(), 50, InetAddress.getByName("127.0.0.1"));
            socket.setNeedClientAuth(wanted);
            var front = new TlsFront(socket, port);
            Thread.ofVirtual().name("tls-front").start(front::accept);
            return front;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return listening.getLocalPort();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                var client = listening.accept();
                Thread.ofVirtual().start(() -> pass(client));
            } catch (IOException e) {
                if (!listening.isClosed()) throw new UncheckedIOException(e);
            }
        }
    }

    /// Until one side has ended. A client that does not like the certificate ends it in the first read.
    private void pass(Socket client) {
        try (client;
                var server = new Socket("127.0.0.1", behind)) {
            open.removeIf(Socket::isClosed);
            open.addAll(Set.of(client, server));
            var back = Thread.ofVirtual().start(() -> copy(server, client));
            copy(client, server);
            back.join();
        } catch (IOException e) {
            return; // this connection has ended, and its client knows
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            end(from, to); // one side has broken it off
        }
    }

    private static void end(Socket... sockets) {
        for (var s : sockets) {
            try {
                s.close();
            } catch (IOException e) {
                continue; // it is closed already
            }
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        end(open.toArray(Socket[]::new));
    }
}
