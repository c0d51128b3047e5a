package rekey.ingestion;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// A wire to a server on which, from some moment on, nothing of the connections that are there arrives any more, in
/// either direction, and neither side is told. New connections work, once something was swallowed: on a busy machine
/// whoever asks each second has lost its connection meanwhile, for servers close what was idle for so long.
final class Blackhole implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet(), dead = ConcurrentHashMap.newKeySet();
    private final AtomicLong swallowed = new AtomicLong();
    private final URI server;
    private volatile boolean swallowing;

    Blackhole(String url) throws IOException {
        server = URI.create(url);
        Thread.startVirtualThread(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listening.getLocalPort();
    }

    /// From now on, for all connections that are there, or else for the next.
    void swallow() {
        swallowing = true;
        dead.addAll(open);
    }

    /// Bytes that did not arrive.
    long swallowed() {
        return swallowed.get();
    }

    private void accept() {
        try {
            while (true) {
                var client = listening.accept();
                var there = new Socket(server.getHost(), server.getPort());
                open.add(client);
                if (swallowing && swallowed.get() == 0) dead.add(client);
                Thread.startVirtualThread(() -> pump(client, client, there));
                Thread.startVirtualThread(() -> pump(client, there, client));
            }
        } catch (IOException e) {
            return; // closed
        }
    }

    private void pump(Socket of, Socket from, Socket to) {
        try {
            var buffer = new byte[8192];
            for (int n = from.getInputStream().read(buffer);
                    n >= 0;
                    n = from.getInputStream().read(buffer))
                if (dead.contains(of)) swallowed.addAndGet(n);
                else to.getOutputStream().write(buffer, 0, n);
            if (!dead.contains(of)) to.close();
        } catch (IOException e) {
            return; // one of the two has gone
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (var socket : open) socket.close();
    }
}
