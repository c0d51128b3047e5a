package rekey.maintainer;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// As much of ZeroMQ's protocol (ZMTP 3.0, without a login) as Jupyter needs to speak to a kernel on this machine.
final class ZmtpSocket implements AutoCloseable {
    private static final int MORE = 1, LONG = 2, COMMAND = 4;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    /// @param type `DEALER` to ask, `SUB` to listen to all that is told
    /// @throws IOException where nobody listens, or nobody answers for so long
    ZmtpSocket(int port, String type, int timeoutMillis) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(timeoutMillis);
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
        var greeting = new byte[64];
        greeting[0] = (byte) 0xFF;
        greeting[9] = 0x7F;
        greeting[10] = 3;
        System.arraycopy("NULL".getBytes(StandardCharsets.US_ASCII), 0, greeting, 12, 4);
        out.write(greeting);
        out.flush();
        in.readFully(new byte[64]);
        var ready = new ByteArrayOutputStream();
        named(ready, "READY");
        named(ready, "Socket-Type");
        ready.write(new byte[] {0, 0, 0, (byte) type.length()});
        ready.write(type.getBytes(StandardCharsets.US_ASCII));
        frame(COMMAND, ready.toByteArray());
        frame(); // theirs
        if (type.equals("SUB")) send(List.of(new byte[] {1}));
    }

    private static void named(ByteArrayOutputStream to, String name) throws IOException {
        to.write(name.length());
        to.write(name.getBytes(StandardCharsets.US_ASCII));
    }

    void send(List<byte[]> message) throws IOException {
        for (int i = 0; i < message.size(); i++) frame(i < message.size() - 1 ? MORE : 0, message.get(i));
    }

    private void frame(int flags, byte[] body) throws IOException {
        boolean large = body.length > 255;
        out.write(flags | (large ? LONG : 0));
        if (large) out.writeLong(body.length);
        else out.write(body.length);
        out.write(body);
        out.flush();
    }

    /// @throws java.net.SocketTimeoutException where none came for so long
    List<byte[]> receive() throws IOException {
        var out = new ArrayList<byte[]>();
        while (true) {
            var frame = frame();
            if ((frame.flags & COMMAND) != 0) continue;
            out.add(frame.body);
            if ((frame.flags & MORE) == 0) return out;
        }
    }

    private record Frame(int flags, byte[] body) {}

    private Frame frame() throws IOException {
        int flags = in.readUnsignedByte();
        var body = new byte[(flags & LONG) == 0 ? in.readUnsignedByte() : Math.toIntExact(in.readLong())];
        in.readFully(body);
        return new Frame(flags, body);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
