package rekey.repl.sql;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import rekey.clickhouse.Answer;
import rekey.clickhouse.ServerError;
import rekey.clickhouse.ServerGone;

/// The lines of an answer, as they come. They are read ahead by a little, so that one can wait for the next one for
/// a while only.
final class AnswerLines implements AutoCloseable {
    private static final int AHEAD = 1000;
    private static final String EXCEPTION = "__exception__";
    private static final Pattern COUNTED = Pattern.compile("^\\s*(?:\\d+\\. [│|┃]|Row \\d+:)");
    private static final Pattern CODE =
            Pattern.compile("(?s)Code: (\\d+)\\. (?:DB::Exception: )?(.*?)\\s*(?:\\(version [^)]*\\).*)?$");

    private final Answer answer;
    private final BlockingQueue<Object> lines = new ArrayBlockingQueue<>(AHEAD);
    private final CountDownLatch left;
    private final Thread reader;
    private Object next;
    private volatile boolean closed;
    private long shown;

    private record End(RuntimeException failure) {}

    AnswerLines(Answer answer) {
        this(answer, new CountDownLatch(1));
    }

    /// @param left is counted down when the person does not wait for the rest
    AnswerLines(Answer answer, CountDownLatch left) {
        this.answer = answer;
        this.left = left;
        reader = Thread.startVirtualThread(this::read);
    }

    private void read() {
        try (var in = new BufferedReader(new InputStreamReader(answer.text(), StandardCharsets.UTF_8))) {
            for (var line = in.readLine(); line != null && !closed; line = in.readLine()) {
                if (line.equals(EXCEPTION)) {
                    put(new End(failure(in)));
                    return;
                }
                put(line);
            }
            put(new End(null));
        } catch (IOException e) {
            put(new End(
                    closed
                            ? null
                            : new ServerGone(
                                    "The answer broke off (" + e.getMessage()
                                            + "): the server may have been killed; look with errors.",
                                    e)));
        }
    }

    /// What follows the marker: a line of its own, the message, how long it was.
    private static ServerError failure(BufferedReader in) {
        var all = new ArrayList<String>();
        try {
            for (var line = in.readLine(); line != null && !line.equals(EXCEPTION); line = in.readLine()) all.add(line);
        } catch (IOException e) {
            all.add(""); // the server ends the answer in the middle, on purpose
        }
        var m = CODE.matcher(String.join(" ", all));
        return m.find()
                ? new ServerError(
                        Integer.parseInt(m.group(1)),
                        "ClickHouse says (" + m.group(1) + "), after the first rows: " + m.group(2),
                        null)
                : new ServerError(0, "ClickHouse says, after the first rows: " + String.join(" ", all), null);
    }

    private void put(Object line) {
        try {
            while (!closed && !lines.offer(line, 200, TimeUnit.MILLISECONDS)) Thread.onSpinWait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Whether something is there within a while: a line, or the end.
    boolean comes(long millis) {
        try {
            if (next == null) next = lines.poll(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return next != null;
    }

    /// The next line; null at the end.
    ///
    /// @throws ServerError when the server broke off
    String line() {
        while (!comes(100))
            if (closed || left.getCount() == 0 || Thread.currentThread().isInterrupted()) return null;
        if (next instanceof End end) {
            if (end.failure != null) throw end.failure;
            return null;
        }
        var line = (String) next;
        next = null;
        if (COUNTED.matcher(plain(line)).find()) shown++;
        return line;
    }

    /// Whether all has been given out; an error that stands at the end is thrown.
    boolean over() {
        if (!comes(0) || !(next instanceof End)) return false;
        return line() == null;
    }

    /// Rows of the answer so far, where its format numbers them; else 0.
    long shown() {
        return shown;
    }

    /// Without colours.
    static String plain(String line) {
        return line.indexOf('\033') < 0 ? line : line.replaceAll("\033\\[[0-9;]*m", "");
    }

    /// The rest as a stream, some lines put before it. Its end is where the server breaks off, too: ask [#line]
    /// then.
    InputStream stream(Iterable<String> before) {
        var first = before.iterator();
        return new InputStream() {
            private byte[] bytes = new byte[0];
            private int at;

            @Override
            public int read() {
                while (at == bytes.length) if (!more()) return -1;
                return bytes[at++] & 0xff;
            }

            /// No more than a line at once, so that a reader sees each when it is there.
            @Override
            public int read(byte[] to, int offset, int length) {
                int b = read();
                if (b < 0) return -1;
                int n = Math.min(length - 1, bytes.length - at);
                to[offset] = (byte) b;
                System.arraycopy(bytes, at, to, offset + 1, n);
                at += n;
                return n + 1;
            }

            private boolean more() {
                var line = first.hasNext() ? first.next() : ends() ? null : line();
                if (line == null) return false;
                bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
                at = 0;
                return true;
            }

            private boolean ends() {
                while (!comes(100)) if (closed || left.getCount() == 0) return true;
                return next instanceof End;
            }
        };
    }

    /// What has not been read is not wanted.
    @Override
    public void close() {
        closed = true;
        lines.clear();
        reader.interrupt();
        if (left.getCount() == 0) Thread.startVirtualThread(answer::close);
        else answer.close();
    }
}
